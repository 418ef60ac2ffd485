// arguments — what `npm run bench` can be asked: its help, and its arguments read or refused.
import { parseArgs } from 'node:util'

/** Measurements that run when none is named. */
export const standard = {
  floors: 'each part the hub stands on, alone',
  edifact: 'interchanges read and checked, beside the npm library edifact',
  acceptance: 'messages taken over HTTP by 64 connections',
  journey: 'a message in, until its last receipt is acknowledged',
  schemas: 'taking messages with one schema compiled and with all',
  depth: 'sending a message with few waiting and with many (BENCH_DEPTH)',
  sizes: 'start-up, memory, messages of 1 MB and 10 MB',
  questions: 'queries answered from the ledger, beside filings (BENCH_QUESTIONS and others)',
}

/** Measurements that run only when they are named. */
export const onlyNamed = {
  beside: 'the check by other tools; needs Java and xmllint',
  sftp: 'files put by OpenSSH, into the hub and into OpenSSH (BENCH_SFTP)',
  ledger: 'the questions of the monitor with few messages in the ledger and with many (BENCH_LEDGER)',
  doubling: 'taking a message with 1, 2, 4 partners and up to 100,000 messages in the ledger (BENCH_DOUBLING)',
}

const variables = {
  BENCH_SECONDS: 'seconds of each measurement; default 5',
  BENCH_DEPTH: 'messages that wait; default 200000',
  BENCH_QUESTIONS: 'messages in the ledger of `questions`; default 20000',
  BENCH_QUESTIONS_RATE: 'queries a second; default 200',
  BENCH_FILINGS_RATE: 'filings a second beside them; default 20',
  BENCH_QUESTIONS_ROUNDS: 'rounds of `questions`; default 1',
  BENCH_QUESTIONS_KEPT: 'folder in which its filled ledger stays for the next run',
  BENCH_LEDGER: 'messages in the ledger of `ledger`; default 20000',
  BENCH_SFTP: 'files; default 800',
  BENCH_DOUBLING: 'messages in the largest ledger of `doubling`; default 100000',
  BENCH_PROFILE: 'folder in which each thread of a measured hub leaves a V8 profile',
}

/** @typedef {keyof typeof standard | keyof typeof onlyNamed} Name */
const names = [...Object.keys(standard), ...Object.keys(onlyNamed)]

/** What `--help` prints. */
export function help() {
  const list = (entries) => Object.entries(entries).map(([name, what]) => `  ${name.padEnd(24)}${what}`)
  return `${[
    'npm run bench [-- --only NAME,NAME] [--json]',
    '',
    'Measures the built hub and prints tables; --json prints JSON instead.',
    '',
    'Measured when nothing is named:',
    ...list(standard),
    'Measured only when named:',
    ...list(onlyNamed),
    '',
    'Environment variables:',
    ...list(variables),
    '',
    'bench/README.md describes each measurement, and those that are programs of their own.',
  ].join('\n')}\n`
}

/**
 * @param {string[]} given
 * @returns {{ fault: string } | { help: boolean, json: boolean, only: string[] }}
 */
export function readArguments(given) {
  /** @type {{ help?: boolean, json?: boolean, only?: string }} */
  let values
  try {
    values = parseArgs({
      args: given,
      options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, only: { type: 'string' } },
    }).values
  } catch (error) {
    return { fault: `${/** @type {Error} */ (error).message}\n${hint}` }
  }
  const only = values.only === undefined ? Object.keys(standard) : values.only.split(',').map((name) => name.trim())
  const unknown = only.filter((name) => !names.includes(name))
  if (unknown.length > 0)
    return {
      fault: `--only does not know ${unknown.map((name) => `'${name}'`).join(', ')}. Names: ${names.join(', ')}`,
    }
  return { help: values.help === true, json: values.json === true, only }
}

const hint = '`npm run bench -- --help` prints what there is.'

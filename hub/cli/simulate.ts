// simulate — the agency simulator as a process of its own, and commands that make a running one misbehave.
import type { Command } from 'commander'
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { folders } from '../config/folders.js'
import { CliError, clientSettings } from './client.js'
import { readInput } from './send.js'
import { print } from './show.js'
import { jsonOption } from './options.js'

interface Behaviour {
  agency?: string
  document?: string
  slow?: string
  fail?: string
  hangUp?: string
  refuse?: string
  hold?: boolean
  duplicate?: boolean
  times?: string
}

const { signals } = constants

export function addSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .description(
      'the agency simulator 主管部门模拟器: takes messages over HTTP like an agency and answers with real receipts',
    )
  simulate
    .command('start')
    .description('run it in the foreground')
    .option('-p, --port <port>', 'port to listen on', '9090')
    .option(
      '-c, --callback <url>',
      'where receipts are posted; {agency} is replaced',
      'http://127.0.0.1:8080/agency/{agency}/receipts',
    )
    .option(
      '-j, --journal <file>',
      'the file that keeps what it has taken and still has to answer',
      './simulator.jsonl',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--idempotent', 'take a repeated submission id only once')
    .addHelpText(
      'after',
      '\nSIMULATOR_CALLBACK_TOKEN must hold the token the hub expects (agencies.<code>.callbackTokenEnv in hub.yaml).',
    )
    .action(
      ({
        port,
        callback,
        journal,
        host,
        idempotent,
      }: {
        port: string
        callback: string
        journal: string
        host: string
        idempotent?: boolean
      }) => {
        const args = [
          '--port',
          port,
          '--host',
          host,
          '--callback',
          callback,
          '--journal',
          journal,
          '--families',
          folders.families,
          ...(idempotent ? ['--idempotent'] : []),
        ]
        const child = spawn(process.execPath, [join(folders.root, 'dist/adapters/simulator/main.js'), ...args], {
          stdio: 'inherit',
        })
        const forward = (signal: NodeJS.Signals) => child.kill(signal)
        process.on('SIGINT', forward).on('SIGTERM', forward)
        // Ended by a signal it did not handle: that is no good end, whoever waits for it.
        child.on('exit', (code, signal) => process.exit(code ?? 128 + signals[signal!]))
      },
    )
  simulate
    .command('set')
    .description('make a running simulator (HUB_SIMULATOR_URL) slow, or let it fail, hang up or refuse')
    .option('-a, --agency <code>')
    .option('-t, --document <type>', 'only for this document type')
    .option('--slow <ms>', 'answer this much later')
    .option('--fail <status>', 'answer with this HTTP status')
    .option('--hang-up <when>', '`before` or `after` taking the message')
    .option('--refuse <text>', 'refuse, with this text in the receipt')
    .option('--hold', 'take messages, send no receipts')
    .option('--duplicate', 'send every receipt twice')
    .option('--times <n>', 'for the next n messages only')
    .option(...jsonOption)
    .action(async ({ json, ...b }: Behaviour & { json?: boolean }) => {
      const body = {
        ...(b.agency === undefined ? {} : { agency: b.agency }),
        ...(b.document === undefined ? {} : { documentType: b.document }),
        ...(b.slow === undefined ? {} : { slowMs: Number(b.slow) }),
        ...(b.fail === undefined ? {} : { fail: Number(b.fail) }),
        ...(b.hangUp === undefined ? {} : { hangUp: b.hangUp }),
        ...(b.refuse === undefined ? {} : { refuse: b.refuse }),
        ...(b.hold ? { hold: true } : {}),
        ...(b.duplicate ? { duplicateReceipts: true } : {}),
        ...(b.times === undefined ? {} : { times: Number(b.times) }),
      }
      const answer = await control('POST', body)
      print(answer, json === true, () => `the simulator does from now on: ${JSON.stringify(body)}`)
    })
  simulate
    .command('notice')
    .argument('<file>', 'the XML that the agency sends')
    .description('let the agency send a notice 通知 to those who subscribed')
    .option('-a, --agency <code>', 'which agency', 'gacc')
    .option(...jsonOption)
    .action(async (file: string, { agency, json }: { agency: string; json?: boolean }) => {
      await call(`/${encodeURIComponent(agency)}/notices`, 'POST', {
        body: readInput(file),
        type: 'application/xml',
      })
      print(
        { agency, file },
        json === true,
        () => `${agency} sent it; subscribers find it among their receipts (stage notice)`,
      )
    })
  simulate
    .command('clear')
    .description('undo all that `hub simulate set` has set')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) =>
      print(await control('DELETE'), json === true, () => 'the simulator answers as usual again'),
    )
}

const control = (method: string, body?: object) =>
  call('/control', method, body && { body: JSON.stringify(body), type: 'application/json' })

async function call(
  path: string,
  method: string,
  content?: { body: string | Buffer<ArrayBuffer>; type: string },
): Promise<unknown> {
  const url = clientSettings().HUB_SIMULATOR_URL
  if (!url)
    throw new CliError('No simulator known. Set HUB_SIMULATOR_URL, or run this where `npm start` wrote data/demo.env.')
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(content ? { body: content.body, headers: { 'content-type': content.type } } : {}),
    })
    const text = await response.text()
    if (!response.ok) throw new CliError(`the simulator answered ${response.status}: ${text}`)
    return text === '' ? {} : JSON.parse(text)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`No simulator answers at ${url}.`)
  }
}

// ledger — does looking at the hub cost more when a month's messages lie in its ledger? Every question the monitor and
// the command line ask, with few messages and with many; and, since the ledger answers in the same thread that takes
// messages, what taking one costs.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cpuSeconds } from './support/cpu.mjs'
import { fillLedger } from './support/full-ledger.mjs'
import { cli, startHub } from './support/hub.mjs'
import { freshSample } from './support/sample.mjs'

const most = Number(process.env.BENCH_LEDGER ?? 20_000)
const few = Math.min(2000, most)
const rounds = 7
const often = '10.1.3.1.1'
const seldom = '4.3.1.1.1'
const day = 86_400_000

export async function ledger() {
  const small = await at(few)
  const full = await at(most)
  return {
    few,
    most,
    questions: Object.keys(full.questions).map((name) => ({
      name,
      few: small.questions[name],
      many: full.questions[name],
    })),
    startMs: { few: small.startMs, many: full.startMs },
    idle: { few: small.idle, many: full.idle },
  }
}

async function at(messages) {
  /** @type {any} */
  let known
  const hub = await startHub({}, async (dataDir) => {
    known = await fillLedger(dataDir, {
      messages,
      say: (line) => void process.stderr.write(`bench: ledger: ${line}\n`),
    })
  })
  try {
    const ask = async (path, init = {}) => {
      const response = await fetch(hub.url + path, {
        ...init,
        headers: { authorization: `Bearer ${hub.opsKey}`, ...init.headers },
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
      return text
    }
    const listed = (query) => () => ask(`/ops/messages?${new URLSearchParams(query)}`)
    const search = (text) => () => ask(`/ops/search?q=${text}`)
    const run = (...words) =>
      promisify(execFile)(process.execPath, [cli, ...words], {
        env: { ...process.env, HUB_URL: hub.url, HUB_KEY: hub.key, HUB_OPS_KEY: hub.opsKey },
      })
    const longAgo = Buffer.from(`${Date.now() - 20 * day}.1`).toString('base64url')
    const asked = {
      overview: () => ask('/monitor/overview'),
      'to act on: dead': () => ask('/ops/dead'),
      'to act on: unclear': () => ask('/ops/unclear'),
      'to act on: overdue': () => ask('/ops/overdue'),
      'to act on: orphans': () => ask('/ops/orphans'),
      'to act on: undelivered': () => ask('/ops/receipts/undelivered'),
      'newest 50 messages': listed({}),
      'newest 500 messages': listed({ limit: 500 }),
      'a page of 500, twenty days back': listed({ limit: 500, cursor: longAgo }),
      'newest of a state': listed({ state: 'released' }),
      'all that failed': listed({ state: 'failed', limit: 500 }),
      'an operation and a rare state': listed({ operation: often, state: 'unclear' }),
      'an operation and a state nothing is in': listed({ operation: often, state: 'held' }),
      'a seldom operation and a common state': listed({ operation: seldom, state: 'released', limit: 500 }),
      'a partner and an operation': listed({ partnerId: known.partner, operation: often, limit: 500 }),
      'a partner and a state': listed({ partnerId: known.partner, state: 'failed' }),
      'a partner, an operation and a rare state': listed({
        partnerId: known.partner,
        operation: often,
        state: 'unclear',
      }),
      'a partner that sends nothing, an operation, a state': listed({
        partnerId: 'demo',
        operation: often,
        state: 'released',
      }),
      'a reference of the list': listed({ reference: known.reference }),
      'search: a reference': search(known.reference),
      'search: a container': search(known.container),
      'search: a bill of lading': search(known.bill),
      'search: an id': search(known.submissionId),
      'search: a number that is nobody\u2019s': search('TESU9999999'),
      'search: how a number begins (finds nothing)': search('R000'),
      'one message': () => ask(`/ops/messages/${known.messageId}`),
      'its bytes': () => ask(`/ops/messages/${known.messageId}/content`),
      partners: () => ask('/ops/partners'),
      notices: () => ask('/ops/notices'),
      audit: () => ask('/ops/audit'),
      queues: () => ask('/ops/queues'),
      metrics: () => ask('/metrics'),
      status: () => ask('/ops/status'),
      readiness: () => ask('/readyz'),
      'hub trace': () => run('trace', known.reference),
      'hub dead list': () => run('dead', 'list'),
      'a message taken': async () => {
        const answer = await fetch(`${hub.url}/v1/messages`, {
          method: 'POST',
          headers: hub.headers,
          body: freshSample(),
        })
        if (answer.status !== 202) throw new Error(await answer.text())
      },
    }
    const idle = await resting(hub.pid)
    const questions = {}
    for (const [name, question] of Object.entries(asked)) {
      await heldUpMs(ask)
      questions[name] = await timed(question)
      questions[name].heldUpMs = await heldUpMs(ask)
    }
    return { questions, startMs: hub.startMs, idle }
  } finally {
    await hub.stop()
  }
}

/**
 * Processor milliseconds a second while nobody asks anything: the looks at the disk and the ledger, and the sweeper's
 * turns.
 */
async function resting(pid) {
  const seconds = 12
  await new Promise((done) => setTimeout(done, 3000))
  const before = cpuSeconds(pid)
  await new Promise((done) => setTimeout(done, seconds * 1000))
  return ((cpuSeconds(pid) - before) * 1000) / seconds
}

/** The longest the hub's event loop stood still since it was last asked. */
async function heldUpMs(ask) {
  return Number(/^hub_event_loop_delay_seconds\{of="max"\} (\S+)/m.exec(await ask('/metrics'))[1]) * 1000
}

/** The first time, and the median of some more. */
async function timed(ask) {
  const times = []
  for (let i = 0; i <= rounds; i++) {
    const begun = performance.now()
    await ask()
    times.push(performance.now() - begun)
  }
  const [first, ...later] = times
  return { first, median: later.sort((a, b) => a - b)[Math.floor(rounds / 2)] }
}

/** Lines of Markdown. */
export function ledgerTable({ few, most, questions, startMs, idle }) {
  const ms = (value) => value.toFixed(1)
  return [
    `ms, the median (and the first time), with ${few} and with ${most} messages in the ledger, ` +
      `and the longest the event loop stood still meanwhile; start-up ${Math.round(startMs.few)} ` +
      `and ${Math.round(startMs.many)} ms; at rest ${ms(idle.few)} and ${ms(idle.many)} ms of processor a second`,
    '',
    `| | ${few} | ${most} | ratio | stood still |`,
    '|---|---:|---:|---:|---:|',
    ...questions.map(
      ({ name, few: a, many: b }) =>
        `| ${name} | ${ms(a.median)} (${ms(a.first)}) | ${ms(b.median)} (${ms(b.first)}) ` +
        `| ${ms(b.median / a.median)} | ${ms(b.heldUpMs)} |`,
    ),
  ]
}

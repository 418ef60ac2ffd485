// ledger — does looking at the hub cost more when a month's messages lie in its ledger? Every question the monitor and the command line ask,
// with few messages and with many; and, since the ledger answers in the same thread that takes messages, what taking one costs.
import { freshSample } from './support/sample.mjs'
import { startHub } from './support/hub.mjs'
import { fillLedger } from './support/full-ledger.mjs'

const most = Number(process.env.BENCH_LEDGER ?? 20_000)
const few = Math.min(2000, most)
const rounds = 7
const agencies = ['gacc', 'mofcom', 'ccpit', 'mot', 'sta', 'mps', 'mara', 'pbc']

export async function ledger() {
  const small = await at(few)
  const full = await at(most)
  return { few, most, questions: Object.keys(full.questions).map((name) => ({ name, few: small.questions[name], many: full.questions[name] })), startMs: { few: small.startMs, many: full.startMs } }
}

async function at(messages) {
  let known
  const hub = await startHub({}, async (dataDir) => {
    known = await fillLedger(dataDir, { messages, agencies, say: (line) => process.stderr.write(`bench: ledger: ${line}\n`) })
  })
  try {
    const ops = async (path, init = {}) => {
      const response = await fetch(hub.url + path, { ...init, headers: { authorization: `Bearer ${hub.opsKey}`, ...init.headers } })
      const text = await response.text()
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
      return text
    }
    const asked = {
      'overview': () => ops('/monitor/overview'),
      'to act on: dead': () => ops('/ops/dead'),
      'to act on: unclear': () => ops('/ops/unclear'),
      'to act on: overdue': () => ops('/ops/overdue'),
      'to act on: orphans': () => ops('/ops/orphans'),
      'to act on: undelivered': () => ops('/ops/receipts/undelivered'),
      'newest messages': () => ops('/ops/messages'),
      'newest of a state': () => ops('/ops/messages?state=failed&limit=500'),
      'newest of a partner and an operation': () => ops(`/ops/messages?partnerId=${known.partner}&operation=10.1.6.1.1&limit=500`),
      'newest of a partner and a state': () => ops(`/ops/messages?partnerId=${known.partner}&state=failed`),
      'a partner, an operation and a rare state': () => ops(`/ops/messages?partnerId=${known.partner}&operation=10.1.6.1.1&state=unclear`),
      'search: a reference': () => ops(`/ops/search?q=${known.reference}`),
      'search: a container': () => ops(`/ops/search?q=${known.container}`),
      'search: nothing of that name': () => ops('/ops/search?q=TESU9999999'),
      'one message': () => ops(`/ops/messages/${known.messageId}`),
      'partners': () => ops('/ops/partners'),
      'audit': () => ops('/ops/audit'),
      'metrics': () => ops('/metrics'),
      'status': () => ops('/ops/status'),
      'readiness': () => ops('/readyz'),
      'a message taken': async () => {
        const answer = await fetch(`${hub.url}/v1/messages`, { method: 'POST', headers: hub.headers, body: freshSample() })
        if (answer.status !== 202) throw new Error(await answer.text())
      },
    }
    const questions = {}
    for (const [name, ask] of Object.entries(asked)) questions[name] = await timed(ask)
    return { questions, startMs: hub.startMs }
  } finally {
    await hub.stop()
  }
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
export function ledgerTable({ few, most, questions, startMs }) {
  const ms = (value) => value.toFixed(1)
  return [
    `ms, the median (and the first time), with ${few} and with ${most} messages in the ledger; start-up ${Math.round(startMs.few)} and ${Math.round(startMs.many)} ms`,
    '',
    `| | ${few} | ${most} |`,
    '|---|---:|---:|',
    ...questions.map(({ name, few: a, many: b }) => `| ${name} | ${ms(a.median)} (${ms(a.first)}) | ${ms(b.median)} (${ms(b.first)}) |`),
  ]
}

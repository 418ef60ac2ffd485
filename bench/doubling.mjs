// doubling — does a message cost more when twice as many partners send, or when ten times as many messages lie in the
// ledger? Processor time of the hub for one message taken over HTTP, with 1, 2 and 4 partners that send over one
// connection each, and a hub for each size of ledger. Every hub runs all the time, and each round goes over all cells:
// what else the machine does meets each of them.
import { drive } from './support/drive.mjs'
import { fillLedger } from './support/full-ledger.mjs'
import { startHub } from './support/hub.mjs'
import { percentile } from './support/stats.mjs'

const most = Number(process.env.BENCH_DOUBLING ?? 100_000)
const ledgers = [most / 100, most / 10, most].map(Math.round)
const partners = ['p00', 'p01', 'p02', 'p03']
const connections = [1, 2, 4]
const rounds = 9
const messagesACell = 200
/** Before the first round, for each hub: its code is still being compiled. */
const warmUp = 1000

/**
 * The median of each cell's rounds, and of its ratios in each round: to the first cell, and to as many partners with
 * the smallest ledger. Commits that partners share make the first of them small; the second shows the ledger alone.
 */
export async function doubling() {
  /** @type {Awaited<ReturnType<typeof hubOn>>[]} */
  const hubs = []
  try {
    for (const size of ledgers) hubs.push(await hubOn(size))
    const cells = hubs.flatMap((hub, at) =>
      connections.map((count) => ({
        ledger: ledgers[at],
        connections: count,
        ms: [],
        measure: () => send(hub, count, messagesACell),
      })),
    )
    for (const hub of hubs) await send(hub, partners.length, warmUp)
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`)
      // There and back: a drift in the machine's speed does not meet the same cells each time.
      for (const cell of round % 2 === 0 ? cells : cells.toReversed()) cell.ms.push(await cell.measure())
    }
    const median = (values) => percentile(values, 0.5)
    const to = (other, ms) => median(ms.map((spent, round) => spent / other.ms[round]))
    const result = cells.map(({ ledger, connections: count, ms }, at) => ({
      ledger,
      connections: count,
      cpuMs: median(ms),
      toFirst: to(cells[0], ms),
      toSmallest: to(cells[at % connections.length], ms),
    }))
    return { ledgers, connections, rounds, messagesACell, cells: result }
  } finally {
    for (const hub of hubs) await hub.stop()
  }
}

/** A hub that only takes messages, and the headers of partners with a key each. */
async function hubOn(messages) {
  const hub = await startHub({ HUB_ROLES: 'doors' }, async (dataDir) => {
    await fillLedger(dataDir, { messages, say: (line) => say(`ledger: ${line}`) })
  })
  try {
    return { ...hub, senders: await Promise.all(partners.map((partner) => headersOf(hub, partner))) }
  } catch (error) {
    await hub.stop()
    throw error
  }
}

async function headersOf(hub, partner) {
  const made = await fetch(`${hub.url}/ops/partners/${partner}/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.opsKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'http', label: 'bench' }),
  })
  if (!made.ok) throw new Error(`a key for ${partner}: ${made.status} ${await made.text()}`)
  const { secret } = await made.json()
  return { ...hub.headers, authorization: `Bearer ${secret}` }
}

/** Processor milliseconds of the hub for one message, of so many together. */
async function send({ pid, url, senders }, count, messages) {
  const { cpuMs, statuses, failed } = await drive({
    pid,
    url: `${url}/v1/messages`,
    headers: senders.slice(0, count),
    connections: count,
    seconds: 300,
    limit: messages,
  })
  if (failed > 0 || statuses['202'] !== messages)
    throw new Error(`doubling: answered ${JSON.stringify(statuses)}, ${failed} failed`)
  return cpuMs
}

function say(line) {
  process.stderr.write(`bench: doubling: ${line}\n`)
}

/** Lines of Markdown. */
export function doublingTable({ ledgers, connections, rounds, messagesACell, cells }) {
  const cell = (ledger, count) => {
    const { cpuMs, toFirst, toSmallest } = cells.find((one) => one.ledger === ledger && one.connections === count)
    return `${cpuMs.toFixed(2)} (${toFirst.toFixed(2)}, ${toSmallest.toFixed(2)})`
  }
  const highest = (ratio) => Math.max(...cells.map((one) => one[ratio])).toFixed(2)
  return [
    `processor ms of the hub for a message; ÷ the first cell, at most ${highest('toFirst')}; ÷ as many partners with ` +
      `the smallest ledger, at most ${highest('toSmallest')} (medians of ${rounds} rounds, ${messagesACell} messages ` +
      `a cell and round)`,
    '',
    `| messages in the ledger | ${connections.map((n) => `${n} partner${n === 1 ? '' : 's'}`).join(' | ')} |`,
    `|---:|${connections.map(() => '---:').join('|')}|`,
    ...ledgers.map((size) => `| ${size} | ${connections.map((count) => cell(size, count)).join(' | ')} |`),
  ]
}

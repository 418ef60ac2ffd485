// engines — the ledger alone, on SQLite and on PostgreSQL: messages taken, claims with their ends, and answers settled
// and acknowledged, in one run on one machine. Both with fsync; read the figures as ratios.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresLedger } from '../dist/store/postgres/open.js'
import { openThreadedLedger } from '../dist/store/sqlite/threaded.js'
import { newMessage } from './support/ledger-message.mjs'
import { startPostgres } from './support/postgres.mjs'

const messages = Number(process.env.BENCH_ENGINES ?? 3000)
const rounds = Number(process.env.BENCH_ENGINES_ROUNDS ?? 2)
const quiet = { error: (fields, text) => console.error(text, fields) }

/** So many at a time, each as soon as one before it is done. @returns a second */
async function rate(count, atOnce, work) {
  let next = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++)
    }),
  )
  return (count * 1000) / (performance.now() - begun)
}

/** Milliseconds of processor a message: of this process, and of the server. */
async function costed(name, costs, work) {
  const [own, theirs] = [process.cpuUsage(), server.cpuSeconds()]
  const found = await work()
  const { user, system } = process.cpuUsage(own)
  costs[name] = [(user + system) / 1000 / messages, ((server.cpuSeconds() - theirs) * 1000) / messages]
  return found
}

async function measure(ledger, costs = {}) {
  const all = Array.from({ length: messages }, () => newMessage())
  const now = () => new Date()
  const taken = await costed('taken', costs, () => rate(messages, 64, (i) => ledger.record(all[i].interchange)))
  const send = async (i) => {
    const claim = await ledger.claim(all[i].submissionId, now())
    if (claim.outcome !== 'claimed') throw new Error(`claim: ${claim.outcome}`)
    const end = { outcome: 'submitted', learn: [{ name: 'guid', value: all[i].submissionId }] }
    await ledger.endAttempt({ submissionId: all[i].submissionId, fence: claim.fence }, end, now())
    await ledger.nextBehind(all[i].submissionId)
  }
  const sent = await costed('sent', costs, () => rate(messages, 32, send))
  const answer = async (i) => {
    const { reply, settlement, receiptId } = all[i].answer()
    // As the hub does with what is small: kept and settled in one commit.
    await Promise.all([ledger.recordReply(reply), ledger.settle({ ...settlement, withKeeping: true }, now())])
    await ledger.acknowledgeAll('demo', [receiptId], now())
  }
  const answered = await costed('answered', costs, () => rate(messages, 32, answer))
  return { taken, sent, answered }
}

const walBytes = async () => Number((await server.ask(`select pg_current_wal_lsn() - '0/0' as bytes`))[0].bytes)
let walKb = 0

const best = (runs) =>
  Object.fromEntries(Object.keys(runs[0]).map((key) => [key, Math.max(...runs.map((run) => run[key]))]))

const dir = mkdtempSync(join(tmpdir(), 'bench-engines-'))
const server = await startPostgres()
try {
  const [sqlite, postgres, costs] = [[], [], {}]
  for (let round = 0; round < rounds; round++) {
    const one = await openThreadedLedger({ file: join(dir, `${round}.db`), log: quiet })
    sqlite.push(await measure(one))
    await one.close()
    const other = await openPostgresLedger({ url: await server.database(`bench_${round}`), log: quiet })
    const wal = await walBytes()
    postgres.push(await measure(other, costs))
    walKb = ((await walBytes()) - wal) / 1000 / messages
    await other.close()
  }
  const [a, b] = [best(sqlite), best(postgres)]
  const words = {
    taken: 'messages taken, 64 at a time',
    sent: 'claims and their ends, 32 at a time',
    answered: 'answers kept, settled and their receipts acknowledged, 32 at a time',
  }
  console.log(`${messages} messages of 12 KB, the better of ${rounds} runs\n`)
  console.log('| | SQLite | PostgreSQL | ÷ | ms of processor on PostgreSQL: hub, server |\n|---|---:|---:|---:|---:|')
  for (const key of Object.keys(words))
    console.log(
      `| ${words[key]} | ${a[key].toFixed(0)}/s | ${b[key].toFixed(0)}/s | ${(b[key] / a[key]).toFixed(2)} | ` +
        `${costs[key].map((ms) => ms.toFixed(2)).join(', ')} |`,
    )
  console.log(`\nPostgreSQL writes ${walKb.toFixed(0)} KB of log a message of 12 KB`)
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}

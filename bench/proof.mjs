// proof — what the chain of hashes costs a ledger on PostgreSQL: the same work with the triggers that tell of each
// change and without them, in turn, each time on an empty database; and how fast the whole chain is verified.
import { openPostgresLedger } from '../dist/store/postgres/open.js'
import { proofCheck } from '../dist/store/postgres/proof-check.js'
import { newMessage } from './support/ledger-message.mjs'
import { startPostgres } from './support/postgres.mjs'

const messages = Number(process.env.BENCH_PROOF ?? 1500)
const rounds = Number(process.env.BENCH_PROOF_ROUNDS ?? 4)
const tables = ['message', 'submission', 'attempt', 'reply', 'receipt', 'digest', 'let_go', 'audit', 'partner']
const quiet = { error: (fields, text) => console.error(text, fields) }
const now = () => new Date()

async function inTurn(count, atOnce, work) {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++)
    }),
  )
}

/** Milliseconds a message: by the clock, of this process and of the server. */
async function costed(work) {
  const [begun, own, theirs] = [performance.now(), process.cpuUsage(), server.cpuSeconds()]
  await work()
  const { user, system } = process.cpuUsage(own)
  return {
    clock: (performance.now() - begun) / messages,
    hub: (user + system) / 1000 / messages,
    server: ((server.cpuSeconds() - theirs) * 1000) / messages,
  }
}

async function measure(ledger) {
  const all = Array.from({ length: messages }, () => newMessage())
  const recorded = await costed(() => inTurn(messages, 64, (i) => ledger.record(all[i].interchange)))
  await inTurn(messages, 32, async (i) => {
    const claim = await ledger.claim(all[i].submissionId, now())
    if (claim.outcome !== 'claimed') throw new Error(`claim: ${claim.outcome}`)
    await ledger.endAttempt(
      { submissionId: all[i].submissionId, fence: claim.fence },
      { outcome: 'submitted', learn: [{ name: 'guid', value: all[i].submissionId }] },
      now(),
    )
  })
  const settled = await costed(() =>
    inTurn(messages, 32, async (i) => {
      const { reply, settlement } = all[i].answer()
      await ledger.recordReply(reply)
      await ledger.settle(settlement, now())
    }),
  )
  return { recorded, settled }
}

const walBytes = async () => Number((await server.ask(`select pg_current_wal_lsn() - '0/0' as bytes`))[0].bytes)
const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const server = await startPostgres()
try {
  const found = { with: [], without: [] }
  let verified
  for (let round = 0; round < rounds; round++) {
    for (const how of round % 2 === 0 ? ['with', 'without'] : ['without', 'with']) {
      const name = `bench_${how}_${round}`
      const url = await server.database(name)
      await (await openPostgresLedger({ url, log: quiet })).close()
      if (how === 'without')
        for (const table of tables)
          await server.ask(
            `alter table ${table} disable trigger proof_added` +
              (['let_go', 'audit'].includes(table) ? '' : `; alter table ${table} disable trigger proof_changed`),
            name,
          )
      const ledger = await openPostgresLedger({ url, log: quiet })
      const before = await walBytes()
      found[how].push({ ...(await measure(ledger)), wal: ((await walBytes()) - before) / 1000 / messages })
      await ledger.close()
      if (how === 'with') {
        const begun = performance.now()
        const { facts, links, faults } = await proofCheck(url, { told: () => {} })
        verified = { facts, links, faults, seconds: (performance.now() - begun) / 1000 }
      }
    }
  }
  console.log(`${messages} messages, the middle of ${rounds} rounds in turn; milliseconds a message\n`)
  console.log('| | clock | hub | server |\n|---|---:|---:|---:|')
  for (const step of ['recorded', 'settled'])
    for (const how of ['without', 'with']) {
      const of = (what) => middle(found[how].map((one) => one[step][what])).toFixed(2)
      console.log(`| ${step}, ${how} | ${of('clock')} | ${of('hub')} | ${of('server')} |`)
    }
  const wal = (how) => middle(found[how].map((one) => one.wal)).toFixed(1)
  console.log(`\nPostgreSQL's log: ${wal('without')} KB a message without, ${wal('with')} with`)
  const { facts, links, faults, seconds } = verified
  console.log(`verified: ${facts} facts in ${links} links in ${seconds.toFixed(1)} s, ${faults} faults`)
} finally {
  await server.stop()
}

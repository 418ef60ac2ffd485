// questions — queries answered from the ledger, 200 a second, with a month's messages in it: how long an answer takes,
// and whether filings are taken as fast meanwhile as without. Both come at their own pace, whether the hub keeps up or
// not, and count from the moment they are due.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCaller } from './support/connection.mjs'
import { cpuSeconds } from './support/cpu.mjs'
import { startFiler } from './support/filer.mjs'
import { fillLedger } from './support/full-ledger.mjs'
import { startHub } from './support/hub.mjs'
import { paced } from './support/paced.mjs'
import { percentile } from './support/stats.mjs'

const messages = Number(process.env.BENCH_QUESTIONS ?? 20_000)
const questionsPerSecond = Number(process.env.BENCH_QUESTIONS_RATE ?? 200)
const filingsPerSecond = Number(process.env.BENCH_FILINGS_RATE ?? 20)
/** The filled ledger stays in this folder for the next run: a million messages take a quarter of an hour. */
const kept = process.env.BENCH_QUESTIONS_KEPT
const rounds = Number(process.env.BENCH_QUESTIONS_ROUNDS ?? 1)
/** It sends a third of all. */
const asker = 'p00'
const sample = (file) => readFileSync(new URL(`../xsd/families/${file}`, import.meta.url), 'utf8')
const inventory = sample('ceb/samples/CEB621Message-minimal.xml')
const declaration = Buffer.from(sample('dec/samples/DecMessage-minimal.xml'))
const day = 86_400_000
/** Of a few messages some days together, so that there is one among them. */
const daysAsked = messages < 100_000 ? 7 : 0

export async function questions(seconds) {
  const known = { inventories: [], declarations: [], filledAt: new Date() }
  const folder = kept && join(kept, String(messages))
  const hub = await startHub({}, (dataDir) => (folder ? filledOnce(dataDir, known) : prepare(dataDir, known)), folder)
  return measured({ hub, known, seconds })
}

/** Fills it unless that was done before, to the end. */
async function filledOnce(dataDir, known) {
  const file = join(dataDir, 'known.json')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `ledger.db${end}`), { force: true })
    await prepare(dataDir, known)
    writeFileSync(file, JSON.stringify(known))
  }
  const { filledAt, ...before } = JSON.parse(readFileSync(file, 'utf8'))
  Object.assign(known, before, { filledAt: new Date(filledAt) })
}

/** @param known gets the references of what the asker has filed, to ask for */
export async function prepare(dataDir, known) {
  // An agency that is reached by no calls: the hub answers itself.
  const gacc = { connector: 'http', url: 'http://127.0.0.1:9', answers: 'async', queries: { answeredBy: 'hub' } }
  writeFileSync(join(dataDir, 'hub.yaml'), JSON.stringify({ agencies: { gacc } }))
  await fillLedger(dataDir, {
    messages,
    say: (line) => void process.stderr.write(`bench: questions: ${line}\n`),
    content({ documentType, partnerId, reference, refused }) {
      if (refused || partnerId !== asker) return undefined
      if (documentType === 'DecMessage') {
        known.declarations.push(reference)
        return declaration
      }
      if (documentType !== 'CEB621Message') return undefined
      known.inventories.push(reference)
      return Buffer.from(inventory.replace('<orderNo>', `<copNo>${reference}</copNo><orderNo>`))
    },
  })
}

export async function measured({ hub, known, seconds }) {
  try {
    const made = await fetch(`${hub.url}/ops/partners/${asker}/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.opsKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'http', label: 'bench' }),
    })
    const { secret } = await made.json()
    const questioner = createCaller(hub.url)
    const filer = startFiler(hub)
    let turnedAway = 0
    const question = async (n) => {
      const path = `/v1/queries/${asked(n, known)}&wait=20`
      const { status, body } = await questioner.call({ path, headers: { authorization: `Bearer ${secret}` } })
      if (status === 503) return void (turnedAway += 1)
      const text = body.toString()
      if (status >= 300) throw new Error(`${status} ${text.slice(0, 300)}`)
      return text
    }
    const ask = async (n) => {
      const text = await question(n)
      if (text === undefined) return
      const { status, rows } = JSON.parse(text)
      if (status !== 'answered') throw new Error(`question ${n}: ${status}`)
      if (rows.length === 0) throw new Error(`question ${n} found nothing`)
    }
    // Not counted: as many of both as compile the hub's code, which a hub at work did in its first hour; then both at
    // their pace.
    const warmUp = Math.min(5, seconds)
    await filer.file(Math.min(2000, messages / 10) / warmUp, warmUp)
    for (let n = 0; n < 2000; n += 2) await Promise.all([ask(n), ask(n + 1)])
    await Promise.all([
      filer.file(filingsPerSecond, warmUp),
      paced(questionsPerSecond, warmUp, (n) => ask(n + questionsPerSecond)),
    ])
    const all = { without: [], meanwhile: [], answers: [] }
    let [cpu, took] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const without = await filer.file(filingsPerSecond, seconds / 2)
      const before = cpuSeconds(hub.pid)
      const [meanwhile, answers] = await Promise.all([
        filer.file(filingsPerSecond, seconds),
        paced(questionsPerSecond, seconds, ask),
      ])
      cpu += cpuSeconds(hub.pid) - before
      took += answers.seconds
      const again = await filer.file(filingsPerSecond, seconds / 2)
      all.without.push(...without.latencies, ...again.latencies)
      all.meanwhile.push(...meanwhile.latencies)
      all.answers.push(...answers.latencies)
    }
    const cpuMs = (cpu * 1000) / (all.answers.length + all.meanwhile.length)
    const perRound = all.answers.length / rounds
    const kinds = Object.entries(kindOf).map(([kind, share]) => {
      const own = all.answers.filter((_, n) => kindNamed(n % perRound) === kind)
      return { kind, share, p50: percentile(own, 0.5), p99: percentile(own, 0.99) }
    })
    questioner.close()
    await filer.stop()
    const both = (latencies) => ({ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) })
    const filings = { without: both(all.without), meanwhile: both(all.meanwhile) }
    return {
      messages,
      questionsPerSecond,
      filingsPerSecond,
      asked: all.answers.length,
      turnedAway,
      seconds: took,
      ...both(all.answers),
      kinds,
      cpuMs,
      filings,
      ratio: filings.meanwhile.p99 / filings.without.p99,
    }
  } finally {
    await hub.stop()
  }
}

/** What is asked how often, of ten. */
const kindOf = { 'by number': 6, 'by reference': 2, 'a day, by state': 2 }
const kindNamed = (n) => (n % 10 < 6 ? 'by number' : n % 10 < 8 ? 'by reference' : 'a day, by state')

function asked(n, { inventories, declarations, filledAt }) {
  const one = (list) => list[(n * 7919) % list.length]
  switch (kindNamed(n)) {
    case 'by number':
      return `10.1.3.2.1?copNo=${one(inventories)}`
    case 'by reference':
      return `1.1.7.1.1?reference=${one(declarations)}`
    default: {
      // Any day of the three weeks before it was filled: of the newest some still wait.
      const on = (ago) => new Date(filledAt.getTime() - ago * day).toISOString().slice(0, 10)
      const ago = 2 + (n % 20)
      return `1.1.7.1.1?from=${on(ago + daysAsked)}&to=${on(ago)}&status=released`
    }
  }
}

/** Lines of Markdown. */
export function questionsTable(q) {
  const ms = (value) => value.toFixed(1)
  return [
    `${q.questionsPerSecond} queries a second from a ledger of ${q.messages} messages, ${q.filingsPerSecond} ` +
      `filings a second beside them, for ${q.seconds.toFixed(0)} s; ${ms(q.cpuMs)} ms of processor each; ` +
      `filings\u2019 p99 is ${q.ratio.toFixed(2)} \u00d7 of without`,
    '',
    '| ms | p50 | p99 |',
    '|---|---:|---:|',
    `| all queries | ${ms(q.p50)} | ${ms(q.p99)} |`,
    ...q.kinds.map(({ kind, share, p50, p99 }) => `| ${kind} (${share * 10} %) | ${ms(p50)} | ${ms(p99)} |`),
    `| filings, without queries | ${ms(q.filings.without.p50)} | ${ms(q.filings.without.p99)} |`,
    `| filings, meanwhile | ${ms(q.filings.meanwhile.p50)} | ${ms(q.filings.meanwhile.p99)} |`,
  ]
}

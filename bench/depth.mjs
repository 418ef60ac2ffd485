// depth — does a message cost more when many wait before and behind it? A hub with so many messages waiting for one
// agency, held until all of them stand in its queue; then the time and processor time of the first thousand it sends to
// an agency that takes them at once.
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteLedger } from '../dist/store/sqlite/open.js'
import { cpuSeconds } from './support/cpu.mjs'
import { startHub } from './support/hub.mjs'
import { sampleText } from './support/sample.mjs'

const most = Number(process.env.BENCH_DEPTH ?? 200_000)
const few = Math.min(1000, most)
const measured = few

/** Few, many, and few again: what the machine does in between is seen in the two few. */
export async function depth() {
  const before = await at(few)
  const deep = await at(most)
  const after = await at(few)
  const shallow = { wallMs: (before.wallMs + after.wallMs) / 2, cpuMs: (before.cpuMs + after.cpuMs) / 2 }
  return {
    few,
    most,
    measured,
    shallow,
    deep,
    wallRatio: deep.wallMs / shallow.wallMs,
    cpuRatio: deep.cpuMs / shallow.cpuMs,
  }
}

async function at(waiting) {
  const agency = await startAgency()
  const hub = await startHub({}, (dataDir) => fill(dataDir, waiting, agency.url))
  try {
    await until(async () => (await queued(hub)) >= waiting)
    const cpu = cpuSeconds(hub.pid)
    const done = agency.after(measured)
    await ops(hub, '/ops/agencies/gacc/resume', { why: 'measured' })
    const wallMs = await done
    const spent = cpuSeconds(hub.pid) - cpu
    // Those that were under way meanwhile are counted with the others.
    return { wallMs: wallMs / measured, cpuMs: (spent * 1000) / agency.taken() }
  } finally {
    await hub.stop()
    await agency.close()
  }
}

/** Straight into the ledger, as accepting them one by one would have left it. */
async function fill(dataDir, waiting, url) {
  writeFileSync(
    join(dataDir, 'hub.yaml'),
    JSON.stringify({ agencies: { gacc: { connector: 'http', url, answers: 'async' } } }),
  )
  const ledger = await openSqliteLedger({ file: join(dataDir, 'ledger.db'), log: console })
  const receivedAt = new Date()
  const id = (kind, n) => `${kind}_${String(n).padStart(26, '0')}`
  await ledger.putPartner({
    partnerId: 'demo',
    name: 'demo',
    settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    sshKeys: [],
    disabled: false,
  })
  await ledger.holdAgency(
    'gacc',
    (hold) => ({ ...hold, paused: { since: receivedAt.toISOString(), who: 'bench', why: 'until all wait' } }),
    receivedAt,
  )
  const bytes = Buffer.from(sampleText)
  for (let from = 0; from < waiting; from += 1000) {
    /** @type {any[]} */
    const messages = Array.from({ length: Math.min(1000, waiting - from) }, (_, i) => {
      const n = from + i
      const receipt = {
        receiptId: id('rcp', n),
        messageId: id('msg', n),
        reference: `R${n}`,
        operation: '10.1.6.1.1',
        documentType: 'CEB621Message',
        stage: 'technical',
        status: 'accepted',
        code: 'HUB_ACCEPTED',
        text: { zh: '已接收', en: 'Taken' },
        time: receivedAt.toISOString(),
        faults: [],
      }
      return {
        messageId: id('msg', n),
        reference: `R${n}`,
        identity: `CEB621Message|R${n}`,
        documentType: 'CEB621Message',
        operation: '10.1.6.1.1',
        schema: { file: 'ceb/CEB621Message.xsd', version: '202205' },
        bytes,
        sha256: String(n).padStart(64, '0'),
        attachments: [],
        order: `ceb|R${n}`,
        keys: [{ name: 'guid', value: `G${n}` }],
        submissions: [{ submissionId: id('sub', n), agency: 'gacc' }],
        receipt,
        receiptReturn: 'replied',
      }
    })
    await ledger.record({
      interchangeId: id('int', from),
      partnerId: 'demo',
      channel: 'http',
      receivedAt,
      size: bytes.length,
      sha256: '',
      messages,
    })
  }
  await ledger.close()
}

async function startAgency() {
  let taken = 0
  let begun
  const waiting = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      begun ??= performance.now()
      taken++
      response.statusCode = 202
      response.end()
      for (const one of waiting) if (taken >= one.count) one.resolve(performance.now() - begun)
    })
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)))
  return {
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    taken: () => taken,
    /** Milliseconds from the first message to this many. */
    after: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(closed))),
  }
}

async function ops(hub, path, body) {
  const response = await fetch(hub.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${hub.opsKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** Jobs in the agency's queue, as the hub counts them. */
async function queued(hub) {
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  return [...metrics.matchAll(/^hub_queue_jobs\{[^}]*queue="gacc"[^}]*\} (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}

async function until(look) {
  const end = performance.now() + 300_000
  while (!(await look())) {
    if (performance.now() > end) throw new Error('the queue was not filled in five minutes')
    await new Promise((wake) => setTimeout(wake, 200))
  }
}

// journey — a message in, until its last business receipt is acknowledged, end to end with the simulator: 32 partners'
// connections send, 64 messages are under way, one mailbox reader acknowledges a page in one call. What comes first
// warms the hub up and is not counted: its code is still being compiled.
import { createCaller } from './support/connection.mjs'
import { cpuSeconds } from './support/cpu.mjs'
import { startHub } from './support/hub.mjs'
import { freshSample } from './support/sample.mjs'
import { percentile } from './support/stats.mjs'

/** Messages that are sent and have not got their last receipt. */
const mostUnderWay = Number(process.env.BENCH_UNDER_WAY ?? 64)
const finals = new Set(['released', 'rejected', 'failed'])

export async function journey(seconds) {
  const hub = await startHub()
  try {
    await drive(hub, Math.min(2, seconds))
    return await drive(hub, seconds)
  } finally {
    await hub.stop()
  }
}

async function drive(hub, seconds) {
  const begun = new Map()
  const took = []
  let sent = 0
  let receipts = 0
  const caller = createCaller(hub.url)
  const call = async (path, more = {}) => {
    const { status, body } = await caller.call({ ...more, path, headers: { ...hub.headers, ...more.headers } })
    const text = body.toString()
    if (status >= 300) throw new Error(`${status} ${text}`)
    return JSON.parse(text)
  }
  /** Senders that wait until one more message is at its end. */
  let waiting = []
  const cpuBefore = cpuSeconds(hub.pid)
  const started = performance.now()
  const until = started + seconds * 1000
  const send = async () => {
    while (performance.now() < until) {
      // A partner that is too far ahead of its receipts waits: the figure is a steady state, not a backlog.
      if (sent - took.length >= mostUnderWay) {
        await new Promise((wake) => waiting.push(wake))
        continue
      }
      sent++
      const at = performance.now()
      const { receipts: own } = await call('/v1/messages', { method: 'POST', body: freshSample() })
      const { messageId } = own[0]
      const early = begun.get(messageId)
      if (early?.done) took.push(early.done - at)
      begun.set(messageId, { at })
    }
  }
  const read = async () => {
    while (performance.now() < until || took.length < sent) {
      if (performance.now() > until + 60_000)
        throw new Error(`${sent - took.length} messages did not come home in a minute`)
      const { receipts: batch } = await call('/v1/receipts?wait=1&limit=100')
      if (batch.length === 0) continue
      const body = JSON.stringify({ receipts: batch.map(({ receiptId }) => receiptId) })
      const asked = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
      const { acknowledged } = await call('/v1/receipts/ack', asked)
      if (acknowledged.length !== batch.length) throw new Error('a receipt that was read is not known')
      receipts += batch.length
      for (const { messageId, status } of batch) {
        if (!finals.has(status)) continue
        const known = begun.get(messageId)
        if (known?.at === undefined) begun.set(messageId, { done: performance.now() })
        else if (!known.finished) {
          known.finished = true
          took.push(performance.now() - known.at)
        }
      }
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    }
  }
  await Promise.all([read(), ...Array.from({ length: 32 }, send)])
  caller.close()
  const wall = (performance.now() - started) / 1000
  return {
    count: took.length,
    receipts,
    perSecond: took.length / wall,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    cpuMs: ((cpuSeconds(hub.pid) - cpuBefore) * 1000) / took.length,
  }
}

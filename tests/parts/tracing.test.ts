// Traces of a message's way: the same trace from every process, a share of messages traced whole, and a collector that
// is away hurts nobody.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startTracing } from '../../hub/boot/start-tracing.js'
import type { Log } from '../../hub/base/log.js'
import { createTracing, firstSpanId, readTraceparent, traceIdOf, type TracingParts } from '../../monitoring/tracing.js'
import { startCollector } from '../support/collector.js'
import { freePort } from '../support/neighbours.js'
import { until } from '../support/until.js'

function own(over: Partial<TracingParts> & { url: string }) {
  const batches: { count: number; error?: Error | undefined }[] = []
  const tracing = createTracing({
    process: { version: '1', instance: 'here:1', roles: ['doors'] },
    sent: (count, error) => batches.push({ count, error }),
    ...over,
  })
  onTestFinished(() => tracing.close())
  return { tracing, batches }
}
const accepted = { seconds: 0.01, attributes: { 'hub.code': 'HUB_ACCEPTED' }, again: false }

test('two processes add to one trace, and every span hangs on the acceptance', async () => {
  const collector = await startCollector()
  const door = own({ url: collector.url, headers: { 'x-key': 'of the collector' } })
  const worker = own({ url: collector.url, process: { version: '1', instance: 'there:2', roles: ['workers'] } })
  door.tracing.accepted({
    ...accepted,
    messageId: 'msg_1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  })
  door.tracing.accepted({ ...accepted, messageId: 'msg_1', again: true })
  const told = worker.tracing.traceparent('msg_1')!
  worker.tracing.submitted({
    messageId: 'msg_1',
    seconds: 0.2,
    attributes: {},
    traceparent: told,
    failed: 'HUB_AGENCY_TIMEOUT',
  })
  worker.tracing.settled({ messageId: 'msg_1', seconds: 0.001, attributes: {} })
  worker.tracing.returned({ messageId: 'msg_1', seconds: 0.001, attributes: {} })
  const spans = await until('all spans', () => collector.spans().length === 5 && collector.spans())
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceIdOf('msg_1')]))
  const named = Object.fromEntries(spans.map((span) => [span.name, span]))
  const first = named.accept!
  expect(first.spanId).toBe(firstSpanId('msg_1'))
  expect(first.parentSpanId ?? '').toBe('')
  expect(first.links).toMatchObject([{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }])
  for (const name of ['accept again', 'submit', 'settle', 'return'])
    expect(named[name]!.parentSpanId, name).toBe(first.spanId)
  expect(told).toBe(`00-${first.traceId}-${named.submit!.spanId}-01`)
  expect(named.submit!.status).toMatchObject({ code: 2, message: 'HUB_AGENCY_TIMEOUT' })
  expect(Number(BigInt(named.submit!.endTimeUnixNano) - BigInt(named.submit!.startTimeUnixNano)) / 1e6).toBeCloseTo(
    200,
    0,
  )
  expect(new Set(collector.resources().map((r) => r['service.instance.id']))).toEqual(new Set(['here:1', 'there:2']))
  expect(collector.headers()[0]).toMatchObject({ 'content-type': 'application/json' })
  expect(collector.headers().some((headers) => headers['x-key'] === 'of the collector')).toBe(true)
})

test('a share of the messages is traced, each whole or not at all, and every process agrees which', () => {
  const url = 'http://127.0.0.1:1/v1/traces'
  const [one, other] = [own({ url, share: 0.25 }), own({ url, share: 0.25 })]
  const ids = Array.from({ length: 4000 }, (_, i) => `msg_${i}`)
  const traced = ids.filter((id) => one.tracing.traceparent(id))
  expect(traced.length / ids.length).toBeGreaterThan(0.22)
  expect(traced.length / ids.length).toBeLessThan(0.28)
  expect(ids.filter((id) => other.tracing.traceparent(id))).toEqual(traced)
  expect(own({ url, share: 0 }).tracing.traceparent('msg_1')).toBeUndefined()
})

test('nobody waits for a collector that is away: what it did not take is counted', async () => {
  const port = await freePort()
  const { tracing, batches } = own({ url: `http://127.0.0.1:${port}/v1/traces` })
  for (let i = 0; i < 20_000; i++) tracing.accepted({ ...accepted, messageId: `msg_${i}` })
  await until('the first loss', () => batches.some(({ error }) => error !== undefined), 30_000)
  const collector = await startCollector({ port })
  await until(
    'spans again',
    async () => {
      tracing.accepted({ ...accepted, messageId: 'msg_later' })
      await sleep(100)
      return collector.spans().some((span) => span.traceId === traceIdOf('msg_later'))
    },
    30_000,
  )
  const begun = performance.now()
  await tracing.close()
  expect(performance.now() - begun).toBeLessThan(20_000)
})

test('what a sender says of its own trace counts only when it is well formed', () => {
  expect(readTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    traceFlags: 0,
  })
  for (const wrong of [
    '',
    '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    '00-00000000000000000000000000000000-b7ad6b7169203331-00',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-00',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-00',
    `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00; x`,
  ])
    expect(readTraceparent(wrong), wrong).toBeUndefined()
})

test('a key that stands in the address of the collector does not get into the log', async () => {
  const lines: string[] = []
  const log = {
    info: (...said: unknown[]) => lines.push(JSON.stringify(said)),
    warn: (...said: unknown[]) => lines.push(JSON.stringify(said)),
  } as unknown as Log
  const port = await freePort()
  const tracing = await startTracing(
    { url: `http://hub:word-of-pass@127.0.0.1:${port}/v1/traces?api-key=key-of-ours`, share: 1 },
    { env: {}, version: '1', roles: ['doors'], told: () => {}, log },
  )
  onTestFinished(() => tracing.close())
  tracing.accepted({ ...accepted, messageId: 'msg_1' })
  await until('a word about the collector that is away', () => lines.length >= 2, 30_000)
  expect(lines[0]).toContain(`http://127.0.0.1:${port}/v1/traces`)
  expect(lines.join()).not.toMatch(/word-of-pass|key-of-ours/)
})

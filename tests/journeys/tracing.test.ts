// Traces: one message from the door to its receipt, as the collector of an operations team sees it, over a restart and
// without a word of what the message says.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector, type CollectedSpan } from '../support/collector.js'
import { sample, startHub } from '../support/hub.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { until } from '../support/until.js'

/** Between the hub and the agency: sees what the hub says of the trace. */
async function startPasser(to: string) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.headers.traceparent !== undefined) seen.push(String(request.headers.traceparent))
      const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers as Record<string, string>
      fetch(to + request.url!, {
        method: request.method!,
        headers,
        ...(chunks.length > 0 ? { body: new Uint8Array(Buffer.concat(chunks)) } : {}),
      }).then(
        async (answer) => {
          const body = Buffer.from(await answer.arrayBuffer())
          response
            .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
            .end(body)
        },
        () => response.destroy(),
      )
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void (server.closeAllConnections(), server.close()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

test('one declaration is one trace from the door to its receipts, without its content', async () => {
  const collector = await startCollector()
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort })
  const passer = await startPasser(agency.url)
  const config = {
    agencies: {
      default: {
        ...(agency.config as { agencies: { default: object } }).agencies.default,
        url: `${passer.url}/{agency}`,
      },
    },
    tracing: { url: collector.url, headersEnv: { 'x-key': 'COLLECTOR_KEY' } },
  }
  const options = { config, env: { ...agency.env, COLLECTOR_KEY: 'secret-of-the-collector' }, httpPort }
  const hub = await startHub(options)
  await hub.cli('agency', 'pause', 'gacc', '-w', '计划维护')
  const sendersTrace = '0af7651916cd43dd8448eb211c80319c'
  const { receipts } = await hub.send(sample('ceb/CEB311Message.xml'), {
    headers: { traceparent: `00-${sendersTrace}-b7ad6b7169203331-01` },
  })
  const { messageId } = receipts[0]!
  await hub.stop()
  const first = await until('the acceptance', () => collector.spans().find(({ name }) => name === 'accept'))
  expect(first).toMatchObject({
    attributes: {
      'hub.message.id': messageId,
      'hub.partner': 'demo',
      'hub.channel': 'http',
      'hub.document': 'CEB311Message',
      'hub.outcome': 'accepted',
      'hub.code': 'HUB_ACCEPTED',
    },
    links: [{ traceId: sendersTrace }],
  })

  const again = await startHub({ ...options, dataDir: hub.dataDir })
  await again.cli('agency', 'resume', 'gacc', '-w', '恢复')
  const all = await again.receiptsOf(messageId, (some) => some.some(({ stage }) => stage === 'business'))
  const business = all.find(({ stage }) => stage === 'business')!
  expect((await again.send('', { path: `/v1/receipts/${business.receiptId}/ack` })).status).toBe(200)
  const spans = await until('the whole trace', () => {
    const mine = collector.spans().filter(({ traceId }) => traceId === first.traceId)
    return ['accept', 'submit', 'settle', 'return'].every((step) => mine.some(({ name }) => name === step)) && mine
  })
  const of = (step: string) => spans.find(({ name }) => name === step) as CollectedSpan
  for (const step of ['submit', 'settle', 'return']) expect(of(step).parentSpanId, step).toBe(first.spanId)
  expect(of('submit').attributes).toMatchObject({ 'hub.agency': 'gacc', 'hub.attempt': 1, 'hub.outcome': 'submitted' })
  expect(spans.filter(({ name }) => name === 'settle').map(({ attributes }) => attributes['hub.receipt.id'])).toContain(
    business.receiptId,
  )
  expect(of('return').attributes).toMatchObject({ 'hub.receipt.id': business.receiptId, 'hub.outcome': 'acknowledged' })
  // The agency can hang its own spans on the try.
  expect(passer.seen).toContain(`00-${first.traceId}-${of('submit').spanId}-01`)
  expect(collector.headers().every((headers) => headers['x-key'] === 'secret-of-the-collector')).toBe(true)

  // What was declared, by whom to whom, is nobody's business but theirs.
  const declared = [
    ...sample('ceb/CEB311Message.xml')
      .toString()
      .matchAll(/>([^<\s][^<]{5,})</g),
  ].map(([, text]) => text!)
  expect(declared.length).toBeGreaterThan(10)
  const told = collector.raw()
  // As words of their own: six figures stand in some time or id by chance.
  expect(
    declared.filter((text) =>
      new RegExp(`(?<![0-9a-f])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![0-9a-f])`).test(told),
    ),
  ).toEqual([])
  expect(told).not.toContain(receipts[0]!.reference)
  // Counted once the collector has answered.
  await until('the spans to be counted', async () =>
    /hub_trace_spans_total\{outcome="sent"\} [1-9]/.test(
      await (await again.get('/metrics', { key: again.env.HUB_OPS_KEY! })).text(),
    ),
  )
})

test('without the collector’s key the hub does not start; with the collector away it works', async () => {
  await expect(
    startHub({ config: { tracing: { url: 'http://127.0.0.1:1/v1/traces', headersEnv: { 'x-key': 'NOT_SET' } } } }),
  ).rejects.toThrow(/NOT_SET is not set/)
  const hub = await startHub({ env: { HUB_OTLP_URL: `http://127.0.0.1:${await freePort()}/v1/traces` } })
  const { receipts } = await hub.send(sample('ceb/CEB311Message.xml'))
  await hub.receiptsOf(receipts[0]!.messageId, (some) => some.some(({ stage }) => stage === 'business'))
  expect(await hub.stop()).toBe(0)
})

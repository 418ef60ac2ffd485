// Receipts on the way a partner chose: posted to its webhook, signed; streamed as they come; and never lost when that
// way is shut.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { verify } from '../../adapters/channels/webhook/signature.js'
import type { Receipt } from '../../messages/receipt.js'
import { sample, startHub, type RunningHub } from '../support/hub.js'
import { hubOfFile } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const hubOfAll = hubOfFile()
const webhookOf = (hub: RunningHub) => `/ops/partners/${hub.env.HUB_SFTP_USER}/webhook`

interface Call {
  headers: IncomingMessage['headers']
  body: Buffer
  receipt: Receipt
}

/** A partner's web server: keeps every call, and answers with what `answer` says. */
async function partnerServer() {
  const calls: Call[] = []
  const state = { answer: 204 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks)
        calls.push({ headers: request.headers, body, receipt: JSON.parse(body.toString()) as Receipt })
        response.writeHead(state.answer).end()
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))))
  return { calls, state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/receipts` }
}

const order = (n: number) =>
  sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
    .replace(/(orderNo>)[^<]*/, `$1TESTWH${n}`)
const released = (calls: Call[]) => calls.filter(({ receipt }) => receipt.stage === 'business')

async function send(hub: RunningHub, n: number): Promise<string> {
  const { status, receipts } = await hub.send(order(n))
  expect(status).toBe(202)
  return receipts[0]!.messageId
}

test('a library of Standard Webhooks takes every call, also while a new secret replaces the old one', async () => {
  const [hub, partner] = [await hubOfAll(), await partnerServer()]
  interface Set {
    secret: string
    standardSecret: string
    previousUntil?: string
  }
  const set = (more: object = {}) => hub.ops<Set>(webhookOf(hub), { url: partner.url, ...more })
  const takes = (secret: string, { headers, body }: Call) => {
    try {
      return new Webhook(secret).verify(body.toString(), headers as Record<string, string>) as Receipt
    } catch {
      return undefined
    }
  }
  const next = async (n: number) => {
    const messageId = await send(hub, n)
    const found = () => partner.calls.find(({ receipt }) => receipt.messageId === messageId)
    await until('its receipt', () => Promise.resolve(found() !== undefined))
    return found()!
  }
  const old = await set()
  const first = await next(31)
  expect(takes(old.standardSecret, first)).toEqual(first.receipt)
  expect(first.headers['webhook-id']).toBe(first.receipt.receiptId)
  // Without `signReceipts` there is no signature but those of the secret.
  expect(first.headers).not.toHaveProperty('x-hub-jws')
  expect(first.headers['webhook-signature']).toMatch(/^v1,\S+$/)
  expect(takes(old.standardSecret, { ...first, body: Buffer.from(`${first.body.toString()} `) })).toBeUndefined()

  const young = await set({ newSecret: true })
  expect(Date.parse(young.previousUntil!)).toBeGreaterThan(Date.now() + 23 * 3_600_000)
  const both = await next(32)
  expect(takes(young.standardSecret, both)).toEqual(both.receipt)
  expect(takes(old.standardSecret, both)).toEqual(both.receipt)
  const own = (signature: string) => ({
    timestamp: both.headers['x-hub-timestamp'] as string,
    signature: both.headers[signature] as string,
  })
  expect(verify(young.secret, { headers: own('x-hub-signature'), body: both.body })).toBe(true)
  expect(verify(old.secret, { headers: own('x-hub-signature-previous'), body: both.body })).toBe(true)

  // One that leaked ends at once.
  const last = await set({ newSecret: true, overlapHours: 0 })
  expect(last.previousUntil).toBeUndefined()
  const after = await next(33)
  expect(takes(last.standardSecret, after)).toEqual(after.receipt)
  expect(takes(young.standardSecret, after)).toBeUndefined()
  expect(after.headers).not.toHaveProperty('x-hub-signature-previous')
})

test('business receipts are posted to the webhook, signed, and do not wait in the mailbox', async () => {
  const [hub, partner] = [await hubOfAll(), await partnerServer()]
  const { secret } = await hub.ops<{ secret: string }>(webhookOf(hub), { url: partner.url })
  const messageId = await send(hub, 1)
  await until('the business receipts', () => Promise.resolve(released(partner.calls).length >= 2))
  for (const { headers, body, receipt } of partner.calls) {
    const signed = { timestamp: headers['x-hub-timestamp'] as string, signature: headers['x-hub-signature'] as string }
    const call = { headers: signed, body }
    expect(verify(secret, call)).toBe(true)
    expect(verify(`${secret}x`, call)).toBe(false)
    expect(verify(secret, { ...call, body: Buffer.concat([body, Buffer.from(' ')]) })).toBe(false)
    expect(verify(secret, call, { now: new Date(Date.now() + 600_000) })).toBe(false)
    expect(receipt.messageId).toBe(messageId)
    expect(headers['x-hub-receipt']).toBe(receipt.receiptId)
  }
  expect((await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts).toEqual([])
  const { secret: other } = await hub.ops<{ secret: string }>(webhookOf(hub), {
    url: partner.url,
    newSecret: true,
  })
  expect(other).not.toBe(secret)
  // What the partner's own system is opened with is in the address of many a webhook.
  await hub.ops(webhookOf(hub), { url: `${partner.url}?token=key-of-the-partner` })
  const ofIt = async () =>
    (await hub.log()).filter(
      (line) => line.action === 'partner.webhook' && JSON.stringify(line).includes(hub.env.HUB_SFTP_USER!),
    )
  const logged = await until(
    'the word about it',
    async () => (await ofIt()).length >= 3 && JSON.stringify(await hub.log()),
  )
  expect(logged).toContain(partner.url)
  expect(logged).not.toContain('key-of-the-partner')
})

test('a webhook that fails is tried again; when it is gone the mailbox takes over', async () => {
  const [hub, partner] = [await hubOfAll(), await partnerServer()]
  await hub.ops(webhookOf(hub), { url: partner.url })
  partner.state.answer = 500
  const messageId = await send(hub, 11)
  const undelivered = () =>
    hub.read<{ undelivered: { receipt: Receipt; lastError: string; returnAttempts: number }[] }>(
      '/v1/receipts/undelivered',
    )
  await until('a failure that shows', async () =>
    (await undelivered()).undelivered.some((u) => u.lastError === 'the webhook answered 500'),
  )
  partner.state.answer = 204
  await until('the second try', async () => (await undelivered()).undelivered.length === 0)

  partner.state.answer = 410
  await send(hub, 12)
  const notice = await until('the notice in the mailbox', async () =>
    (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts.find((r) => r.code === 'HUB_WEBHOOK_DISABLED'),
  )
  expect(notice).toMatchObject({ stage: 'notice', status: 'failed' })
  const third = await send(hub, 13)
  await until('the mailbox takes over', async () =>
    (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts.some((r) => r.messageId === third),
  )
  const { undelivered: given } = await undelivered()
  expect(given.length).toBeGreaterThan(0)

  // Mended, enabled, replayed.
  partner.state.answer = 204
  const before = partner.calls.length
  await hub.ops(webhookOf(hub), { url: partner.url })
  expect((await hub.send('{}', { path: '/v1/receipts/replay', type: 'application/json' })).body).toEqual({
    replayed: given.length,
  })
  await until('the replay', () =>
    Promise.resolve(
      partner.calls.slice(before).filter(({ receipt }) => given.some((g) => g.receipt.receiptId === receipt.receiptId))
        .length === given.length,
    ),
  )
  expect(
    (await hub.read<{ submissions: { attempts: object[] }[] }>(`/v1/messages/${messageId}`)).submissions[0]!.attempts,
  ).toHaveLength(1)
})

test('an event stream tells each receipt as it comes, and after a break goes on after the last one seen', async () => {
  const hub = await startHub()
  const stream = await openStream(hub)
  const messageId = await send(hub, 1)
  const first = await stream.next()
  expect(first.data).toMatchObject({ messageId, stage: 'business' })
  stream.close()
  await hub.receiptsOf(messageId, (all) => all.filter((r) => r.stage === 'business').length >= 2)
  const again = await openStream(hub, first.id)
  const second = await again.next()
  expect(Number(second.id)).toBeGreaterThan(Number(first.id))
  expect(second.data.messageId).toBe(messageId)
  expect(second.data.receiptId).not.toBe(first.data.receiptId)
  // A stream that is open does not keep a hub from stopping.
  const began = Date.now()
  expect(await hub.stop('SIGTERM')).toBe(0)
  expect(Date.now() - began, 'what hangs is cut after twenty seconds').toBeLessThan(19_000)
})

async function openStream(hub: RunningHub, lastEventId?: string) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await fetch(`${hub.url}/v1/events`, {
    signal: stop.signal,
    headers: {
      authorization: `Bearer ${hub.env.HUB_KEY}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  })
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  return {
    close: () => stop.abort(),
    async next(): Promise<{ id: string; data: Receipt }> {
      for (;;) {
        const found = /id: (\d+)\nevent: \w+\ndata: (.*)\n\n/.exec(text)
        if (found) {
          text = text.slice(found.index + found[0].length)
          return { id: found[1]!, data: JSON.parse(found[2]!) as Receipt }
        }
        const { value, done } = await reader.read()
        if (done) throw new Error('the stream ended')
        text += new TextDecoder().decode(value)
      }
    },
  }
}

// What one partner may cost the hub, and what it may not cost the others: memory, disk, calls. One small hub, asked
// through its doors.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { type RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const mb = 1024 * 1024
let hub: RunningHub
let remove: () => Promise<void>
/** A partner without any right, and its key. */
let flood: string

beforeAll(async () => {
  const shared = await sharedHub({
    config: { refusedMegabytesPerDay: 1 },
    env: { HUB_MAX_BYTES: String(mb), HUB_MEMORY_MB: '256' },
  })
  hub = shared.hub
  remove = shared.remove
  flood = await newPartner('flood', { rights: ['99.9'] })
})
afterAll(() => remove())

async function newPartner(partnerId: string, settings: object): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', settings })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })).secret
}

async function metric(name: string): Promise<number> {
  const text = await (await hub.get('/metrics')).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`there is no metric ${name}`)
  return Number(line.slice(name.length + 1))
}
const held = () => metric('hub_memory_held_bytes{of="partners"}')
const waiting = () => metric('hub_memory_waiting{of="partners"}')

/** A caller who says how much will come, sends the beginning, and then nothing more. */
function dribble(head: string[], path = '/v1/messages'): Socket {
  const { hostname, port } = new URL(hub.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write([`POST ${path} HTTP/1.1`, 'host: hub', ...head, '', '<a>'].join('\r\n'))
  onTestFinished(() => void socket.destroy())
  return socket
}
/** A neighbour who sends an order, as always. */
async function neighbour(): Promise<void> {
  const { status, receipts } = await hub.send(freshOrder())
  expect({ status, codes: receipts.map(({ code }) => code) }).toEqual({ status: 202, codes: ['HUB_ACCEPTED'] })
}

describe('memory', () => {
  test('bodies beyond a partner’s share of it wait at their sockets; others are served meanwhile', async () => {
    const sockets = Array.from({ length: 40 }, () =>
      dribble([`authorization: Bearer ${flood}`, 'content-type: application/xml', 'content-length: 1000000']),
    )
    await until('all forty to hold or to wait', async () => (await held()) / 1_000_000 + (await waiting()) >= 40)
    // Half of three quarters of 32 times the largest body.
    expect(await held()).toBeLessThanOrEqual(12 * mb)
    expect(await held()).toBeGreaterThan(10 * mb)
    await neighbour()
    for (const socket of sockets) socket.destroy()
    await until('all room to be given back', async () => (await held()) === 0 && (await waiting()) === 0)
  })
  test('JSON of calls that are no messages takes room of the same share', async () => {
    const head = [`authorization: Bearer ${flood}`, 'content-type: application/json', 'content-length: 1000000']
    const sockets = Array.from({ length: 20 }, () => dribble(head, '/v1/subscriptions'))
    await until('all twenty to hold or to wait', async () => (await held()) / 1_000_000 + (await waiting()) >= 20)
    expect(await held()).toBeLessThanOrEqual(12 * mb)
    for (const socket of sockets) socket.destroy()
    await until('all room to be given back', async () => (await held()) === 0 && (await waiting()) === 0)
  })
  test('answers that wait unread behind others give their room back when their caller has gone', async () => {
    const { receipts } = await hub.send(Buffer.from(`<a>${'<b/>'.repeat(240_000)}</a>`), { key: flood })
    const head = ['host: hub', `authorization: Bearer ${flood}`, '', '']
    const ask = [`GET /v1/messages/${receipts[0]!.messageId}/content HTTP/1.1`, ...head].join('\r\n')
    const { hostname, port } = new URL(hub.url)
    const socket = connect(Number(port), hostname)
    onTestFinished(() => void socket.destroy())
    socket.write(ask)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause().write(ask.repeat(5))
    await until('several to be held', async () => (await held()) > 1.5 * mb)
    socket.destroy()
    await until('all room to be given back', async () => (await held()) === 0)
  })
  test('is never given to a caller nobody knows, nor for more than the largest body', async () => {
    const strangers = Array.from({ length: 20 }, () =>
      dribble(['authorization: Bearer nobody', 'content-type: application/xml', 'content-length: 1000000']),
    )
    const answers = await Promise.all(
      strangers.map((socket) => new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))),
    )
    expect(new Set(answers.map((answer) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 401']))
    const huge = dribble([`authorization: Bearer ${flood}`, 'content-type: text/xml', 'content-length: 99000000'])
    const refused = await new Promise<string>((resolve) => huge.once('data', (data) => resolve(String(data))))
    expect(refused).toMatch(/^HTTP\/1.1 413[^]*HUB_TOO_LARGE/)
    expect(await held()).toBe(0)
  })
})

test.skipIf(!existsSync('/proc/self/fd'))(
  'a thousand requests for a file on one connection leave no file open when it has ended',
  async () => {
    const open = () => readdirSync(`/proc/${hub.pid}/fd`).length
    const before = open()
    const { hostname, port } = new URL(hub.url)
    const socket = connect(Number(port), hostname).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.write('GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: hub\r\n\r\n'.repeat(1_000))
    socket.resume()
    await ended
    await until('the files to be closed', () => open() < before + 20)
    await neighbour()
  },
)

describe('threads', () => {
  test('a small message is answered while most of another partner’s heavy ones are still being checked', async () => {
    const key = await newPartner('busy', { rights: ['99.9'] })
    let ended = 0
    const heavy = Array.from({ length: 16 }, async (_, n) => {
      const { status } = await hub.send(Buffer.from(`<a n="${n}">${'<b/>'.repeat(250_000)}</a>`), { key })
      ended++
      return status
    })
    await until('many to be under way', async () => (await held()) > 6 * mb)
    await neighbour()
    expect(ended).toBeLessThan(8)
    expect(new Set(await Promise.all(heavy))).toEqual(new Set([422]))
  })
})

describe('a refusal before the body is read to its end', () => {
  /** Sends all of a large body and only then listens, as many programs do. */
  const sendFirst = (head: string[], size: number) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(hub.url)
      const socket = connect(Number(port), hostname)
      onTestFinished(() => void socket.destroy())
      socket.on('error', reject).pause()
      socket.write(['POST /v1/messages HTTP/1.1', 'host: hub', ...head, '', ''].join('\r\n'))
      const hundredth = Buffer.alloc(size / 100, ' ')
      const write = (left: number): void =>
        left === 0
          ? void socket.once('data', (data) => resolve(String(data))).resume()
          : void socket.write(hundredth, () => write(left - 1))
      write(100)
    })

  test.each([
    ['of a caller nobody knows', 401, () => ['authorization: Bearer nobody', 'content-type: text/xml']],
    ['of a type the hub does not take', 415, () => [`authorization: Bearer ${flood}`, 'content-type: image/png']],
    ['larger than the largest', 413, () => [`authorization: Bearer ${flood}`, 'content-type: text/xml']],
  ])('%s arrives, however much is still on its way', async (_what, status, head) => {
    const size = 1_600_000
    expect(await sendFirst([...head(), `content-length: ${size}`], size)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })
  test('of a body of unknown length that grows too large arrives too', async () => {
    const size = 1_600_000
    const head = [`authorization: Bearer ${flood}`, 'content-type: text/xml', 'transfer-encoding: chunked', '']
    // The blank line behind the head is part of the piece.
    expect(await sendFirst([...head, (size + 2).toString(16)], size)).toMatch(/^HTTP\/1.1 413 /)
    await until('its room to be given back', async () => (await held()) === 0)
  })
  test('reaches a client that gives a request up when it is answered early', async () => {
    const body = new Uint8Array(1_600_000)
    const post = () =>
      fetch(`${hub.url}/v1/messages`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${flood}`, 'content-type': 'image/png' },
      })
    const answers = await Promise.all(Array.from({ length: 20 }, post))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([415]))
  })
  test('is told at once to one who waits to be asked for the body', async () => {
    const { hostname, port } = new URL(hub.url)
    const socket = connect(Number(port), hostname)
    onTestFinished(() => void socket.destroy())
    const head = ['content-type: image/png', 'content-length: 1600000', 'expect: 100-continue']
    socket.write(['POST /v1/messages HTTP/1.1', 'host: hub', ...head, '', ''].join('\r\n'))
    const begun = Date.now()
    const said: string[] = []
    socket.on('data', (data) => said.push(String(data)))
    await until('the refusal', async () => said.join('').includes('HTTP/1.1 401 '))
    expect(Date.now() - begun, 'the body is waited for a minute').toBeLessThan(30_000)
  })
})

describe('rate', () => {
  const post = (key: string, body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(`${hub.url}/v1/validate`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/xml', ...headers },
    })

  test('bytes count after inflation: a partner in debt gets 429, its neighbour feels nothing', async () => {
    const key = await newPartner('heavy', { rights: ['99.9'], rate: { bytesPerSecond: 65_536 } })
    const packed = gzipSync(Buffer.from(`<a>${'<b/>'.repeat(200_000)}</a>`))
    expect((await post(key, packed, { 'content-encoding': 'gzip' })).status).toBe(422)
    const next = await post(key, '<a/>')
    expect({ status: next.status, code: ((await next.json()) as { code: string }).code }).toEqual({
      status: 429,
      code: 'HUB_RATE_LIMITED',
    })
    // 800 kB at 64 kB a second, less what has passed.
    expect(Number(next.headers.get('retry-after'))).toBeGreaterThan(3)
    await neighbour()
    // Another rate holds from now on, for the debt too.
    await hub.ops('/ops/partners', { partnerId: 'heavy', settings: { rate: { bytesPerSecond: 1_000_000_000 } } })
    await until('the debt to be paid', async () => (await post(key, '<a/>')).status === 422)
  })
  test('calls count by the partner’s own number', async () => {
    const key = await newPartner('often', { rights: ['99.9'], rate: { callsPerSecond: 2 } })
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(key, '<a/>')))
    const limited = answers.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(4)
    expect(limited[0]!.headers.get('retry-after')).toBe('1')
    expect(answers.some(({ status }) => status === 422)).toBe(true)
  })
  test('hub partner add sets a rate and takes it back, hub partner list shows it', async () => {
    await newPartner('paced', { rights: ['99.9'] })
    const shown = async () =>
      (await hub.cli('partner', 'list')).stdout.split('\n').find((line) => line.startsWith('paced'))
    expect(await shown()).toMatch(/ usual /)
    expect((await hub.cli('partner', 'add', 'paced', '--rate', 'calls=200', 'bytes=16MB')).code).toBe(0)
    expect(await shown()).toMatch(/ calls=200 bytes=16MB /)
    const { partners } = await hub.ops<{ partners: { partnerId: string; settings: object }[] }>('/ops/partners')
    expect(partners.find(({ partnerId }) => partnerId === 'paced')!.settings).toMatchObject({
      rights: ['99.9'],
      rate: { callsPerSecond: 200, bytesPerSecond: 16 * mb },
    })
    for (const wrong of ['calls=2MB', 'bytes=', '5', 'usual=1'])
      expect(await hub.cli('partner', 'add', 'paced', '--rate', wrong)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('--rate takes calls=200, bytes=16MB') as string,
      })
    expect((await hub.cli('partner', 'add', 'paced', '--rate', 'usual')).code).toBe(0)
    expect(await shown()).toMatch(/ usual /)
  })
  test('a rate nobody can mean is a fault', async () => {
    for (const rate of [{ bytesPerSecond: 10 }, { callsPerSecond: 0 }, { callsPerSecond: 'many' }, { calls: 5 }]) {
      const { status } = await fetch(`${hub.url}/ops/partners`, {
        method: 'POST',
        body: JSON.stringify({ partnerId: 'odd', name: '测试报关有限公司', settings: { rate } }),
        headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}`, 'content-type': 'application/json' },
      })
      expect({ rate, status }).toEqual({ rate, status: 400 })
    }
  })
})

describe('disk', () => {
  const onDisk = async () => {
    const sizes = ['ledger.db', 'ledger.db-wal'].map(async (name) => (await stat(join(hub.dataDir, name))).size)
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }
  const bytesOf = async (id: string, key: string) => {
    const answer = await hub.get(`/v1/messages/${id}/content`, { key })
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
  }

  test('what was refused is kept compressed, and given back as it came', async () => {
    const key = await newPartner('refused', { rights: ['99.9'] })
    const before = await onDisk()
    const body = (n: number) => Buffer.from(`<a n="${n}">${'<b/>'.repeat(240_000)}</a>`)
    const ids: string[] = []
    for (let n = 0; n < 20; n++) {
      const { status, receipts } = await hub.send(gzipSync(body(n)), { headers: { 'content-encoding': 'gzip' }, key })
      expect(status).toBe(422)
      ids.push(receipts[0]!.messageId)
    }
    expect((await onDisk()) - before).toBeLessThan(2 * mb)
    expect((await bytesOf(ids[7]!, key)).bytes.equals(body(7))).toBe(true)
  })
  test('beyond a partner’s bytes of a day the refusal is kept without them, and its receipt says so', async () => {
    const key = await newPartner('noise', { rights: ['99.9'] })
    const noise = () => Buffer.concat([Buffer.from('<a>'), randomBytes(600_000)])
    const isKept = ({ text }: Receipt) => !(/not kept/.test(text.en) && /未保存/.test(text.zh))
    const sent: { body: Buffer; receipt: Receipt }[] = []
    // Two are too many for a day; should one end just now, three.
    do {
      const body = noise()
      sent.push({ body, receipt: (await hub.send(body, { key })).receipts[0]! })
    } while (sent.length < 3 && isKept(sent.at(-1)!.receipt))
    const [first, beyond] = [sent.at(-2)!, sent.at(-1)!]
    expect([isKept(first.receipt), isKept(beyond.receipt)]).toEqual([true, false])
    expect((await bytesOf(first.receipt.messageId, key)).bytes.equals(first.body)).toBe(true)
    expect((await bytesOf(beyond.receipt.messageId, key)).status).toBe(410)
    const known = await hub.read<{ receipts: object[] }>(`/v1/messages/${beyond.receipt.messageId}`, { key })
    expect(known.receipts).toEqual([beyond.receipt])
    // Another partner's day is another day.
    const other = await newPartner('other', { rights: ['99.9'] })
    const { receipts: kept } = await hub.send(first.body, { key: other })
    expect(kept[0]!.text.en).not.toMatch(/not kept/)
  })
  test('what was accepted with its attachments is sent on and given back as it came', async () => {
    const padded = Buffer.from(
      freshOrder()
        .toString()
        .replace('?>', `?>${' '.repeat(100_000)}`),
    )
    const pdf = Buffer.from(`%PDF-1.4 ${'发票 '.repeat(20_000)}`)
    const form = new FormData()
    form.append('message', new Blob([padded], { type: 'application/xml' }), 'order.xml')
    form.append('attachment', new Blob([pdf], { type: 'application/pdf' }), '发票.pdf')
    const posted = await fetch(`${hub.url}/v1/messages`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
    })
    expect(posted.status).toBe(202)
    const id = ((await posted.json()) as { receipts: { messageId: string }[] }).receipts[0]!.messageId
    expect((await bytesOf(id, hub.env.HUB_KEY!)).bytes.equals(padded)).toBe(true)
    const { attachments } = await hub.read<{ attachments: object[] }>(`/v1/messages/${id}`)
    expect(attachments).toEqual([{ name: '发票.pdf', size: pdf.length, mediaType: 'application/pdf' }])
    await hub.receiptsOf(id, (all) => all.some(({ stage }) => stage === 'business'))
  })
})

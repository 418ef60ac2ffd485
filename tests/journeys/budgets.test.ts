// What one partner may cost the hub, and what it may not cost the others: memory, disk, calls. One small hub, asked through its doors.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const mb = 1024 * 1024
let hub: RunningHub
let remove: () => Promise<void>
/** A partner without any right, and its key. */
let flood: string

beforeAll(async () => {
  const shared = await sharedHub({ env: { HUB_MAX_BYTES: String(mb), HUB_MEMORY_MB: '256' } })
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
function dribble(head: string[]): Socket {
  const { hostname, port } = new URL(hub.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(['POST /v1/messages HTTP/1.1', 'host: hub', ...head, '', '<a>'].join('\r\n'))
  onTestFinished(() => void socket.destroy())
  return socket
}
/** A neighbour who sends an order, as always. */
let orders = 0
async function neighbour(): Promise<void> {
  const order = sample('ceb/CEB311Message.xml').toString()
  const own = order.replaceAll(/(<(?:ceb:)?(?:orderNo|guid)>)[^<]*/g, `$1${`N${++orders}`.padEnd(36, '0')}`)
  const { status, receipts } = await hub.send(own)
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

// What floods of TLS handshakes cost the others: a partner who has a connection, and one who comes new, are answered
// all the while. (promise 10.)
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { authority } from '../../support/certificates.js'
import { startHub } from '../../support/hub.js'
import { handshake, tlsCall } from '../../support/tls-call.js'

const seconds = process.env.HOSTILE_BOUNDED ? 4 : 20

test('floods of whole and of half handshakes keep nobody out', async () => {
  const trusted = await authority()
  const { cert, key } = await trusted.issue('hub', 'DNS:hub.test,IP:127.0.0.1')
  const ca = await readFile(trusted.ca)
  const hub = await startHub({ env: { HUB_TLS_CERT: cert, HUB_TLS_KEY: key, HUB_LOG_LEVEL: 'warn' } })
  const port = Number(new URL(hub.url).port)
  const headers = { authorization: `Bearer ${hub.env.HUB_KEY}` }
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  expect((await tlsCall(`${hub.url}/v1/receipts`, { agent, headers })).status).toBe(200)

  const until = Date.now() + seconds * 1000
  const open = new Set<Socket>()
  let whole = 0
  let half = 0
  const flood = async (begin: () => Socket) => {
    while (Date.now() < until) {
      const socket = begin()
      open.add(socket)
      socket.on('error', () => undefined).resume()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200)
        socket.once('secureConnect', () => (whole++, socket.destroy()))
        socket.once('close', () => (clearTimeout(timer), resolve()))
      })
    }
  }
  /** The beginning of a ClientHello, and not a byte more. */
  const beginning = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
  const floods = [
    ...Array.from({ length: 40 }, () =>
      flood(() => connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, session: undefined })),
    ),
    ...Array.from({ length: 40 }, () =>
      flood(() => {
        half++
        const socket = connect(port, '127.0.0.1')
        socket.write(beginning)
        return socket
      }),
    ),
  ]
  const known: number[] = []
  const fresh: number[] = []
  const failures: string[] = []
  const measure = async (times: number[], call: () => Promise<unknown>) => {
    while (Date.now() < until) {
      const begun = performance.now()
      await call().catch((error: unknown) => failures.push(String(error)))
      times.push(performance.now() - begun)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await Promise.all([
    ...floods,
    measure(known, () => tlsCall(`${hub.url}/v1/receipts`, { agent, headers })),
    measure(fresh, () =>
      handshake(hub.url, { ca, socket: connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' }) }),
    ),
  ])
  open.forEach((socket) => socket.destroy())
  agent.destroy()
  const p99 = (times: number[]) => times.sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]!
  console.log(
    `TLS: ${whole} whole and ${half} half handshakes in ${seconds} s; known p99 ${Math.round(p99(known))} ms ` +
      `of ${known.length}, new p99 ${Math.round(p99(fresh))} ms of ${fresh.length}`,
  )
  expect(failures).toEqual([])
  expect(whole).toBeGreaterThan(50)
  expect(known.length).toBeGreaterThan(seconds * 2)
  expect(p99(known)).toBeLessThan(2_000)
  expect(p99(fresh)).toBeLessThan(3_000)
})

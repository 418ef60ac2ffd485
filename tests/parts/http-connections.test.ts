// No caller takes all connections of the HTTP door, whether he shows a key or not. (promise 10.)
import { Agent, createServer, request } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { boundConnections, type ConnectionLimits } from '../../adapters/channels/http/connections.js'
import { until } from '../support/until.js'

const sockets: Socket[] = []
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()))

async function door(limits: ConnectionLimits) {
  const server = createServer((incoming, response) => {
    if (incoming.headers.authorization === 'Bearer good') connections.known(incoming.socket)
    response.end('ok')
  })
  const connections = boundConnections(server, limits)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => (server.closeAllConnections(), void server.close()))
  const { port } = server.address() as AddressInfo
  const call = (agent: Agent | false, key?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
      request({ port, host: '127.0.0.1', agent, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end()
    })
  const crowd = (size: number, says: string) =>
    Promise.all(
      Array.from({ length: size }, () => {
        const socket = connect(port, '127.0.0.1')
        sockets.push(socket)
        socket.on('error', () => undefined).resume()
        if (says !== '') socket.write(says)
        return new Promise((resolve) => socket.once('connect', resolve))
      }),
    )
  return { connections, call, crowd }
}

describe('connections that have shown no key', () => {
  test.each([
    ['silent', ''],
    ['with half a request', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['idle after a call without a key', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s: 300 of them keep nobody out', async (_what, says) => {
    const { connections, call, crowd } = await door({ most: 100, strangersPerAddress: 30 })
    await crowd(300, says)
    expect(await call(false)).toBe(200)
    expect(await call(false, 'good')).toBe(200)
    await until('they are few', () => connections.open <= 31)
  })
})

test('one address with a good key has half of all connections; its idle ones give way to its new ones', async () => {
  const { connections, call } = await door({ most: 20, strangersPerAddress: 8 })
  const agents = Array.from({ length: 40 }, () => new Agent({ keepAlive: true }))
  onTestFinished(() => agents.forEach((agent) => agent.destroy()))
  for (const agent of agents) expect(await call(agent, 'good')).toBe(200)
  await until('half', () => connections.open <= 10)
})

// No caller takes all connections of the HTTP door, whether he shows a key or not. (promise 10.)
import { Agent, createServer, request, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { boundConnections, type ConnectionLimits } from '../../adapters/channels/http/connections.js'
import { until } from '../support/until.js'

const sockets: Socket[] = []
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()))

async function door(limits: ConnectionLimits) {
  const server = createServer((incoming, response) => {
    const shown = /^Bearer good(?: of (.+))?$/.exec(incoming.headers.authorization ?? '')
    if (shown) connections.known(incoming.socket, shown[1])
    response.end('ok')
  })
  const connections = boundConnections(server, limits)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => (server.closeAllConnections(), void server.close()))
  const { port } = server.address() as AddressInfo
  const call = (agent: Agent | false, key?: string, localAddress = '127.0.0.1') =>
    new Promise<number>((resolve, reject) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
      request({ port, host: '127.0.0.1', agent, headers, localAddress }, (response) => {
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

test('one partner has half of all, from however many addresses; another one comes in and stays', async () => {
  const { connections, call } = await door({ most: 20, strangersPerAddress: 8 })
  const open = () => {
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    return agent
  }
  const others = [open(), open()]
  for (const other of others) expect(await call(other, 'good of another')).toBe(200)
  for (let n = 2; n < 42; n++) expect(await call(open(), 'good of forwarder', `127.0.0.${n}`)).toBe(200)
  await until('half, and those of the other', () => connections.open === 12)
  for (const other of others) expect(await call(other, 'good of another')).toBe(200)
  expect(connections.open).toBe(12)
})

test('a proxy that brings partners by turns over its connections loses none of them', async () => {
  const { connections, call } = await door({ most: 20, strangersPerAddress: 8 })
  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true }))
  onTestFinished(() => agents.forEach((agent) => agent.destroy()))
  for (let n = 0; n < 5; n++) for (const agent of agents) expect(await call(agent, `good of partner ${n}`)).toBe(200)
  expect(connections.open).toBe(8)
})

describe('requests that come before the one before them is answered', () => {
  /** Answers nothing before it is told to. */
  async function slowDoor() {
    const owed: ServerResponse[] = []
    const left: ServerResponse[] = []
    const server = createServer((incoming, response) => {
      if (response.destroyed) return
      if (incoming.headers.authorization === 'Bearer good') connections.known(incoming.socket)
      owed.push(response)
      response.once('close', () => left.push(response))
    })
    const connections = boundConnections(server, { most: 100, strangersPerAddress: 30 })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => (server.closeAllConnections(), void server.close()))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    sockets.push(socket)
    const said: string[] = []
    socket.on('error', () => undefined).on('data', (data) => said.push(String(data)))
    const ask = (count: number, key?: string) =>
      socket.write(
        `GET / HTTP/1.1\r\nHost: x\r\n${key === undefined ? '' : `Authorization: Bearer ${key}\r\n`}\r\n`.repeat(count),
      )
    return { connections, owed, left, socket, said, ask }
  }

  test('a few are answered in their order', async () => {
    const { owed, said, ask } = await slowDoor()
    ask(1, 'good')
    await until('the first to be known', () => owed.length === 1)
    ask(5, 'good')
    await until('all', () => owed.length === 6)
    for (const [n, response] of [...owed.entries()].reverse()) response.end(`answer ${n}`)
    await until('all answers', () => said.join('').includes('answer 5'))
    expect([...said.join('').matchAll(/answer (\d)/g)].map(([, n]) => n).join('')).toBe('012345')
  })
  test.each([
    ['without a key', undefined],
    ['with a key', 'good'],
  ])('%s thousands end the connection, and whatever was held for each is given back', async (_who, key) => {
    const { connections, owed, left, socket, ask } = await slowDoor()
    ask(1, key)
    await until('the first', () => owed.length === 1)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    ask(5_000, key)
    await ended
    await until('the door to have noticed', () => connections.open === 0 && left.length === owed.length)
  })
})

describe('a connection on which nothing moves', () => {
  const unreadMs = 200
  /** The answer is too large to lie in anybody's sockets, or takes longer than an answer may lie unread. */
  async function slowly() {
    const large = Buffer.alloc(32 * 1024 * 1024)
    const server = createServer(({ url }, response) => {
      if (url === '/large') response.end(large)
      else setTimeout(() => response.end('done'), 4 * unreadMs)
    })
    server.keepAliveTimeout = unreadMs
    const connections = boundConnections(server, { most: 100, strangersPerAddress: 30, unreadMs })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => (server.closeAllConnections(), void server.close()))
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => undefined)
    return { connections, socket }
  }

  test('is ended when its caller reads nothing of an answer', async () => {
    const { connections, socket } = await slowly()
    socket.pause().write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('it is here', () => connections.open === 1)
    await until('it is gone', () => connections.open === 0)
  })

  test('stays while the hub works on an answer, and is ended when it is idle afterwards', async () => {
    const { connections, socket } = await slowly()
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString())).write('GET /late HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('it is answered', () => said.includes('done'))
    await until('it is gone', () => connections.open === 0)
  })
})

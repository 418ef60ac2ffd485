// Behind a load balancer the SFTP door knows each caller by its own address, as the balancer says by the PROXY
// protocol: whom a partner's addresses let in, and who pays for a crowd. Nobody else chooses an address. (promise 9)
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ProxyHeaderError, readProxyHeader } from '../../adapters/channels/sftp/proxied.js'
import { Random } from '../support/seeded.js'
import { until } from '../support/until.js'
import { door, login, openDoor, parts } from './file-doors/sftp-fixture.js'

const text = (address: string) =>
  Buffer.from(`PROXY ${address.includes(':') ? 'TCP6' : 'TCP4'} ${address} ${address} 40000 2222\r\n`)
const hex = (digits: string) => Buffer.from(digits.replace(/\s/g, ''), 'hex')
const begin = '0d0a0d0a000d0a515549540a'
/** Version 2, a TCP connection over IPv4, as HAProxy sends it, with a value of its own behind the ports. */
const bytes = (address: string) =>
  Buffer.concat([
    hex(`${begin} 21 11 0010`),
    Buffer.from([...address.split('.').map(Number), 192, 0, 2, 1]),
    hex('9c40 08ae 04 0001 00'),
  ])

let balancers: { server: Server; sockets: Set<Socket> }[] = []
afterEach(async () => {
  for (const { server, sockets } of balancers) {
    sockets.forEach((socket) => socket.destroy())
    await new Promise((resolve) => server.close(resolve))
  }
  balancers = []
})

/** A balancer before the door: whatever comes, it sends `header` first. @returns its port */
async function balancer(header: Buffer, piece = header.length): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((caller) => {
    const behind = connect(door.port, '127.0.0.1', () => {
      void (async () => {
        for (let at = 0; at < header.length; at += piece)
          await new Promise((sent) => behind.write(header.subarray(at, at + piece), sent))
        caller.pipe(behind)
        behind.pipe(caller)
      })()
    })
    for (const socket of [caller, behind]) {
      behind.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        caller.destroy()
        behind.destroy()
      })
    }
  })
  balancers.push({ server, sockets })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** The door behind balancers at these addresses. @returns from where each login came, and what the log says */
async function doorBehind(trustedProxies: string[], more: Parameters<typeof parts>[0] = {}) {
  await door.close()
  const usual = parts(more)
  const from: string[] = []
  const said: string[] = []
  await openDoor({
    ...usual,
    trustedProxies,
    authenticate: {
      ...usual.authenticate,
      byKey: (username, blob, address) => {
        from.push(address)
        return usual.authenticate.byKey(username, blob, address)
      },
    },
    log: { ...usual.log, warn: (_fields: object, message: string) => void said.push(message) },
  })
  return { from, said }
}

describe('behind a balancer', () => {
  test.each([
    ['a line of text', text('203.0.113.7'), '203.0.113.7'],
    ['a line of text with an IPv6 address', text('2001:db8::7'), '2001:db8::7'],
    ['bytes', bytes('203.0.113.7'), '203.0.113.7'],
    [
      'bytes with an IPv6 address',
      hex(`${begin} 21 21 0024 ${'20010db8'.padEnd(31, '0')}7 ${'0'.repeat(32)} 9c40 08ae`),
      '2001:db8:0:0:0:0:0:7',
    ],
  ])('a caller is known by its own address, told in %s', async (_how, header, address) => {
    const { from } = await doorBehind(['127.0.0.0/8'])
    for (const piece of [header.length, 1]) {
      const client = await login('alpha', { port: await balancer(header, piece) })
      expect((await client.list('/')).map(({ name }) => name)).toContain('OutBox')
    }
    expect(new Set(from)).toEqual(new Set([address]))
  })

  test('who fills the door from one address puts out nobody from another', async () => {
    await doorBehind(['127.0.0.1'], { maxStrangersPerAddress: 3 })
    const [crowd, other] = [await balancer(bytes('203.0.113.9')), await balancer(text('198.51.100.7'))]
    const silent = Array.from({ length: 3 }, () => connect(other, '127.0.0.1'))
    await until('the three of the other address', () => door.usage().strangers === 3)
    const many = Array.from({ length: 12 }, () => connect(crowd, '127.0.0.1').on('error', () => {}))
    await until('nine of the crowd put out', () => door.usage().strangersDropped === 9)
    expect(door.usage().strangers).toBe(6)
    expect(silent.every(({ destroyed }) => !destroyed)).toBe(true)
    await login('beta', { port: await balancer(text('192.0.2.55')) })
    for (const socket of [...silent, ...many]) socket.destroy()
  })

  test('a balancer that does not say who calls is ended, and the log tells what to set', async () => {
    const { said } = await doorBehind(['127.0.0.1'])
    await expect(login('alpha')).rejects.toThrow()
    await until('a line in the log', () => said.length > 0)
    expect(said.join('\n')).toMatch(/send-proxy-v2.*sftp\.trustedProxies/s)
  })

  test('the door closes while a balancer has not said yet who calls', async () => {
    await doorBehind(['127.0.0.1'])
    const silent = connect(door.port, '127.0.0.1')
    await new Promise((resolve) => silent.once('connect', resolve))
    const ended = new Promise((resolve) => silent.once('close', resolve))
    await door.close()
    await ended
    await openDoor()
  })

  test('a check of the balancer’s own comes from the balancer', async () => {
    const { from } = await doorBehind(['127.0.0.1'])
    for (const header of [Buffer.from('PROXY UNKNOWN\r\n'), hex(`${begin} 20 00 0000`)])
      await login('alpha', { port: await balancer(header) })
    expect(new Set(from)).toEqual(new Set(['127.0.0.1']))
  })

  test('who is no balancer chooses no address for itself', async () => {
    const { from } = await doorBehind(['192.0.2.1'])
    await expect(login('alpha', { port: await balancer(text('203.0.113.7')) })).rejects.toThrow()
    await login('alpha')
    expect(new Set(from)).toEqual(new Set(['127.0.0.1']))
  })
})

describe('the header', () => {
  const whole = [text('203.0.113.7'), text('2001:db8::7'), bytes('203.0.113.7'), Buffer.from('PROXY UNKNOWN x y\r\n')]

  test('is waited for until its last byte, and not a byte longer', () => {
    for (const header of whole) {
      for (let cut = 0; cut < header.length; cut++) expect(readProxyHeader(header.subarray(0, cut))).toBeUndefined()
      expect(readProxyHeader(Buffer.concat([header, Buffer.from('SSH-2.0-x\r\n')]))?.length).toBe(header.length)
    }
  })

  test.each([
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
    ['a host name', Buffer.from('PROXY TCP4 forwarder.example 192.0.2.1 40000 2222\r\n')],
    ['an IPv6 address that is said to be IPv4', Buffer.from('PROXY TCP4 2001:db8::7 2001:db8::1 40000 2222\r\n')],
    ['no port', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1\r\n')],
    ['a port that is none', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 70000 2222\r\n')],
    ['version 3', hex(`${begin} 31 11 000c 00000000 00000000 0000 0000`)],
    ['a command nobody knows', hex(`${begin} 22 11 000c 00000000 00000000 0000 0000`)],
    ['a length of 64 KB', hex(`${begin} 21 11 ffff`)],
    ['too few bytes for its addresses', hex(`${begin} 21 11 0004 00000000`)],
  ])('%s is none', (_what, header) => {
    expect(() => readProxyHeader(header)).toThrow(ProxyHeaderError)
  })

  test('changed in any of its bytes is read, waited for or refused, and nothing else (seed 20261130)', () => {
    const random = new Random(20_261_130)
    for (let round = 0; round < 20_000; round++) {
      const header = Buffer.from(whole[round % whole.length]!)
      for (let i = 0; i < 1 + (round % 3); i++)
        header[Math.floor(random.next() * header.length)] = Math.floor(random.next() * 256)
      try {
        const read = readProxyHeader(header)
        if (read) expect(read.length).toBeLessThanOrEqual(header.length)
      } catch (error) {
        expect(error).toBeInstanceOf(ProxyHeaderError)
      }
    }
  })
})

// Who may come in by SFTP, and what the door bears: wrong keys, guesses, crowds, hostile clients. (promises 9
// and 10.)
import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import ssh2, { type Client } from 'ssh2'
import { describe, expect, test, vi } from 'vitest'
import {
  box,
  door,
  held,
  home,
  hub,
  keys,
  leftovers,
  login,
  openDoor,
  openRaw,
  openssh,
  parts,
  passwords,
  promised,
  raw,
  reopen,
  root,
  withdrawn,
} from './file-doors/sftp-fixture.js'
import { declaration } from './file-doors/strict-accept.js'
import { until } from '../support/until.js'

describe('who may come in', () => {
  test('the right key and the right password do; wrong ones, unknown names and a shell do not', async () => {
    await login('alpha')
    await login('beta')
    await login('alpha', { privateKey: undefined, password: passwords.alpha })
    const bad = { host: '127.0.0.1', port: door.port }
    for (const options of [
      { username: 'alpha', password: passwords.beta },
      { username: 'alpha', privateKey: keys.beta.private },
      { username: 'alpha', privateKey: keys.stranger.private },
      { username: 'nobody', privateKey: keys.alpha.private },
      { username: '../alpha', password: passwords.alpha },
      { username: 'alpha' },
    ])
      await expect(login('alpha', { ...bad, privateKey: undefined, password: undefined, ...options })).rejects.toThrow()
    expect((await openssh('stranger', ['ls'])).code).not.toBe(0)
    const { client } = await raw()
    await expect(promised((done) => client.exec('id', done))).rejects.toThrow()
    await expect(promised((done) => client.shell(done))).rejects.toThrow()
    await expect(promised((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', door.port, done))).rejects.toThrow()
  })

  test.each([
    ['key exchange over a NIST curve', { kex: ['ecdh-sha2-nistp256'] }],
    ['key exchange with SHA-1', { kex: ['diffie-hellman-group14-sha1'] }],
    ['a MAC of SHA-1', { cipher: ['aes128-ctr'], hmac: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] }],
    ['a cipher in CBC mode', { cipher: ['aes128-cbc', '3des-cbc'] }],
    ['a host key that signs with SHA-1', { serverHostKey: ['ssh-rsa'] }],
    ['compression', { compress: ['zlib', 'zlib@openssh.com'] }],
  ] as [string, ssh2.Algorithms][])('%s is not spoken', async (_what, algorithms) => {
    await expect(login('alpha', { algorithms })).rejects.toThrow(/no matching/)
  })

  test('a key that is known but whose signature is not of its private half is refused', async () => {
    // An agent that offers alpha's public key and signs with the stranger's.
    const stranger = ssh2.utils.parseKey(keys.stranger.private) as ssh2.ParsedKey
    const alpha = ssh2.utils.parseKey(keys.alpha.public) as ssh2.ParsedKey
    class Forger extends ssh2.BaseAgent<ssh2.ParsedKey> {
      signed = 0
      override getIdentities(done: ssh2.IdentityCallback<ssh2.ParsedKey>): void {
        done(undefined, [alpha])
      }
      override sign(_key: ssh2.ParsedKey, data: Buffer, options: unknown, done?: ssh2.SignCallback): void {
        this.signed += 1
        const answer = (typeof options === 'function' ? options : done) as ssh2.SignCallback
        answer(undefined, stranger.sign(data))
      }
    }
    const agent = new Forger()
    await expect(login('alpha', { privateKey: undefined, agent })).rejects.toThrow()
    expect(agent.signed).toBe(1)
  })

  test('a key that nobody has registered is not even read: anybody could make one that takes a second', async () => {
    const made = Buffer.from(`-----BEGIN RSA PRIVATE KEY-----\n${'a:b\n'.repeat(8_000)}`)
    await door.close()
    const given = parts()
    let offered = 0
    await openDoor({
      ...given,
      authenticate: { ...given.authenticate, byKey: async (_name, key) => void (offered += key.equals(made) ? 1 : 0) },
    })
    const real = ssh2.utils.parseKey(keys.stranger.private) as ssh2.ParsedKey
    const reading = vi.spyOn(ssh2.utils, 'parseKey')
    const key = Object.create(real, { getPublicSSH: { value: () => made } }) as ssh2.ParsedKey
    const client = new ssh2.Client()
    await new Promise<void>((resolve) => {
      client.on('error', () => resolve()).on('close', () => resolve())
      client.connect({
        host: '127.0.0.1',
        port: door.port,
        username: 'alpha',
        // Signed at once, without asking first whether the key would do.
        authHandler: () => {
          const bare = client as unknown as { _protocol: { authPK(...given: unknown[]): void } }
          bare._protocol.authPK('alpha', key, 'ssh-ed25519', (_bytes: Buffer, done: (signature: Buffer) => void) =>
            done(Buffer.alloc(64)),
          )
          return undefined
        },
      })
    })
    client.destroy()
    expect(offered).toBeGreaterThan(0)
    expect(reading.mock.calls.filter(([one]) => Buffer.isBuffer(one) && one.equals(made))).toEqual([])
  })

  test('guessing is cut off after a few tries and slows only the guesser', async () => {
    await reopen({ maxLoginFailures: 3, failDelayMs: 20 })
    for (let n = 0; n < 10; n++) {
      let tries = 0
      const client = new ssh2.Client()
      await new Promise<void>((resolve) => {
        client.on('error', () => resolve()).on('close', () => resolve())
        client.connect({
          host: '127.0.0.1',
          port: door.port,
          username: 'alpha',
          authHandler: (_left, _partial, next) =>
            next(
              (tries += 1) > 50
                ? (false as never)
                : { type: 'password', username: 'alpha', password: `guess-${tries}` },
            ),
        })
        // By now every answer takes seconds.
        if (n > 2) setTimeout(() => client.destroy(), 100)
      })
      client.destroy()
      if (n < 2) expect(tries).toBe(3)
    }
    const took = async (what: () => Promise<unknown>) => {
      const begun = performance.now()
      await what()
      return performance.now() - begun
    }
    const slow = await took(() => login('alpha', { privateKey: undefined, password: passwords.alpha }))
    const others = await took(() => login('beta', { privateKey: undefined, password: passwords.beta }))
    expect(slow).toBeGreaterThan(100)
    expect(others).toBeLessThan(slow)
    await login('alpha')
  })

  test('a login that never comes is cut', async () => {
    await reopen({ loginMs: 100 })
    const socket = connectSocket(door.port, '127.0.0.1')
    await new Promise((resolve) =>
      socket
        .once('close', resolve)
        .on('error', () => undefined)
        .resume(),
    )
    expect(socket.destroyed).toBe(true)
  })

  test('when the partners cannot be looked up, nobody gets in and nobody is counted as guessing', async () => {
    await door.close()
    let away = true
    const given = parts({ maxLoginFailures: 1 })
    await openDoor({
      ...given,
      authenticate: {
        ...given.authenticate,
        byKey: async (name, key, address) =>
          away ? Promise.reject(new Error('ledger away')) : given.authenticate.byKey(name, key, address),
      },
    })
    for (let n = 0; n < 6; n++) await expect(login('alpha')).rejects.toThrow()
    away = false
    await login('alpha')
  })

  test('one partner’s connections have a limit, others are not touched; access ends at once', async () => {
    await reopen({ maxConnectionsPerPartner: 2 })
    const first = await login('alpha')
    await login('alpha')
    await expect(login('alpha')).rejects.toThrow()
    const beta = await login('beta')
    withdrawn.add('alpha')
    await door.recheck()
    await expect(first.list('/')).rejects.toThrow()
    expect(await beta.list('/')).toHaveLength(4)
  })

  test('the host key is made once, private, and stays', async () => {
    const before = await readFile(join(home, 'host_key'))
    expect((await stat(join(home, 'host_key'))).mode & 0o777).toBe(0o600)
    expect(before.toString()).toContain('OPENSSH PRIVATE KEY')
    await reopen()
    expect(await readFile(join(home, 'host_key'))).toEqual(before)
  })
})

describe('many at once, and hostile ones', () => {
  test('fifty uploads side by side on one connection, and fifty on connections of their own', async () => {
    const one = await login()
    ;(one as unknown as { client: Client }).client.setMaxListeners(0)
    await Promise.all(Array.from({ length: 50 }, (_, n) => one.put(declaration(`S${n}`, 20_000), `/OutBox/s${n}.xml`)))
    const many = await Promise.all(Array.from({ length: 50 }, () => login('beta')))
    await Promise.all(many.map((client, n) => client.put(declaration(`M${n}`, 20_000), `/OutBox/m${n}.xml`)))
    expect(hub.taken.size).toBe(100)
    expect(hub.offered).toHaveLength(100)
    expect(await box('alpha', 'SentBox')).toHaveLength(50)
    expect(await box('beta', 'InBox')).toHaveLength(50)
  })

  test('an InBox of ten thousand receipts is listed', async () => {
    const client = await login()
    const folder = join(root, 'alpha', 'InBox')
    for (let n = 0; n < 10_000; n += 500)
      await Promise.all(Array.from({ length: 500 }, (_, m) => writeFile(join(folder, `Successed_${n + m}.xml`), 'x')))
    const names = (await client.list('/InBox')).map(({ name }) => name)
    expect(new Set(names).size).toBe(10_000)
    expect(
      (await openssh('alpha', ['ls -1 InBox'])).out.split('\n').filter((line) => line.includes('Successed_')),
    ).toHaveLength(10_000)
  })

  test('an error in `accept` that nobody foresaw fails this file only', async () => {
    const accept = hub.accept
    hub.accept = (inbound) => {
      if (inbound.filename === 'bad.xml') throw new TypeError('a bug')
      return accept(inbound)
    }
    const client = await login()
    const results = await Promise.allSettled(
      ['bad', 'good'].map((name) => client.put(declaration(name), `/OutBox/${name}.xml`)),
    )
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('noise on the wire, before and after login, ends its own connection and nothing else', async () => {
    const bystander = await login('beta')
    let seed = 7
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))
    for (let n = 0; n < 20; n++) {
      const socket = connectSocket(door.port, '127.0.0.1')
      socket.on('error', () => undefined)
      await new Promise((resolve) => socket.once('connect', resolve))
      if (n % 2) socket.write('SSH-2.0-noise\r\n')
      socket.write(noise(1 + random(3000)))
      socket.end()
      await new Promise((resolve) => (socket.resume(), socket.once('close', resolve)))
    }
    for (let n = 0; n < 60; n++) {
      const { sftp, client } = await raw()
      const handle = await openRaw(sftp, `/OutBox/n${n}.xml`, 'w')
      const packets = Array.from({ length: 6 }, () => {
        const body = Buffer.concat([
          Buffer.from([n % 3 ? 3 + random(18) : random(256)]),
          noise(4),
          random(2) ? Buffer.concat([Buffer.from([0, 0, 0, 4]), handle]) : noise(random(8)),
          noise(random(60)),
        ])
        const length = Buffer.alloc(4)
        length.writeUInt32BE(random(5) ? body.length : random(2 ** 31))
        return Buffer.concat([length, body])
      })
      // Below the client's own checks: raw bytes into the SFTP channel.
      const channel = sftp as unknown as {
        _protocol: { channelData(id: number, data: Buffer): void }
        outgoing: { id: number }
      }
      channel._protocol.channelData(channel.outgoing.id, Buffer.concat(packets))
      await Promise.race([
        promised((done) => sftp.stat('/', done)).catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 50)),
      ])
      client.destroy()
    }
    expect(await bystander.list('/')).toHaveLength(4)
    await bystander.put(declaration('B1'), '/OutBox/b.xml')
    expect([...hub.taken.keys()]).toContain('beta/B1')
    await until('cleaned', async () => (await leftovers()).length === 0)
    // A CLOSE among the noise may have handed in an empty or broken file of the noisy partner; it may not have been
    // taken.
    expect([...hub.taken.keys()]).toEqual(['beta/B1'])
    hub.violations = []
  })

  test.each([0, 1])('a client that takes packets of %i bytes is left before one goes out', async (size) => {
    const bystander = await login('beta')
    const { client } = await raw()
    const { _protocol: protocol } = client as unknown as {
      _protocol: { session(id: number, window: number, packet: number): void }
    }
    const session = protocol.session
    protocol.session = (id, window) => session.call(protocol, id, window, size)
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    await expect(promised((done) => client.sftp(done))).rejects.toThrow()
    await closed
    expect(await bystander.list('/')).toHaveLength(4)
  })

  test.each(['what files there are', 'for signs of life'])(
    'a client that asks %s, and reads no answer, is not listened to any longer',
    async (what) => {
      // One seat only: when the next client gets in, this one has been put out.
      await reopen({ idleMs: 1_000, maxConnections: 1 })
      const { sftp, client } = await raw()
      const { _sock: socket, _protocol: protocol } = client as unknown as {
        _sock: { pause(): void; writableLength: number; destroyed: boolean }
        _protocol: { channelData(id: number, data: Buffer): void; ping(): void }
      }
      const { outgoing } = sftp as unknown as { outgoing: { id: number } }
      // LSTAT of a file that is not there, below the client's own counting of what it has asked.
      const name = Buffer.from(`/OutBox/${'n'.repeat(190)}`)
      const ask = Buffer.alloc(13 + name.length)
      ask.writeUInt32BE(ask.length - 4)
      ask[4] = 7
      ask.writeUInt32BE(name.length, 9)
      name.copy(ask, 13)
      socket.pause()
      const most = 500_000
      let asked = 0
      // What the sockets hold goes out, and some more; then the hub reads nothing, and in the end hangs up.
      await until('put out', async () => {
        for (; !socket.destroyed && socket.writableLength < 1_000_000 && asked < most; asked++)
          if (what === 'for signs of life') protocol.ping()
          else protocol.channelData(outgoing.id, ask)
        if (asked === most) return true
        return (await openssh('beta', ['ls'])).code === 0
      })
      client.destroy()
      expect(asked).toBeLessThan(most)
    },
  )

  test('a client that asks without reading the answers does not fill the memory', async () => {
    // One seat only: when the next client gets in, this one has been put out.
    await reopen({ idleMs: 4_000, maxConnections: 1 })
    const { sftp, client } = await raw()
    await writeFile(join(root, 'alpha', 'InBox', 'big.xml'), randomBytes(1_000_000))
    const handle = await openRaw(sftp, '/InBox/big.xml', 'r')
    const { _sock: socket } = client as unknown as { _sock: { pause(): void } }
    const answer = Buffer.alloc(30_000)
    const before = held()
    for (let n = 0; n < 900; n++) sftp.read(handle, answer, 0, answer.length, 0, () => undefined)
    socket.pause()
    // All 27 MB would be waiting to be read; a window and what the sockets hold is all the hub prepares. Then it hangs
    // up.
    let most = 0
    await until('cut', async () => {
      most = Math.max(most, held())
      return (await openssh('beta', ['ls'])).code === 0
    })
    client.destroy()
    expect(most - Math.min(before, held())).toBeLessThan(12_000_000)
  })
})

// One caller, known or not, takes neither the door nor its file descriptors away from the others. (promise 10.)
import type { EventEmitter } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { SFTPWrapper } from 'ssh2'
import { afterEach, describe, expect, test } from 'vitest'
import { addressGroup, createStrangers, stage } from '../../adapters/channels/strangers.js'
import { box, door, hub, login, openRaw, promised, raw, reopen, withdrawn } from './file-doors/sftp-fixture.js'
import { shortestOf } from '../support/in-time.js'
import { declaration } from './file-doors/strict-accept.js'
import { until } from '../support/until.js'

describe('connections that never log in', () => {
  let sockets: Socket[] = []
  afterEach(() => {
    sockets.forEach((socket) => socket.destroy())
    sockets = []
  })
  const crowd = (size: number, says = '') => {
    const connect = () => {
      const socket = createConnection({ port: door.port, host: '127.0.0.1' })
      sockets.push(socket)
      socket.on('error', () => undefined).resume()
      if (says !== '') socket.write(says)
      return new Promise((resolve) => socket.once('connect', resolve).once('error', resolve))
    }
    return Promise.all(Array.from({ length: size }, connect))
  }

  test.each([
    ['silent', ''],
    ['that say hello and no more', 'SSH-2.0-crowd\r\n'],
    ['that say half a hello', 'SSH-2.0-'],
  ])('500 of them, %s, keep nobody out', async (_what, says) => {
    // None of them goes because its login takes too long.
    await reopen({ loginMs: 300_000 })
    await crowd(500, says)
    const client = await login('alpha')
    await client.put(declaration('A1'), '/OutBox/x.xml')
    expect(hub.taken.size).toBe(1)
    expect(door.usage().strangers).toBeLessThanOrEqual(64)
    if (says === '') await until('only a few silent ones are left', () => door.usage().strangers <= 10)
  })

  test('none of them is there longer than a login may take', async () => {
    await reopen({ loginMs: 300 })
    const gone = await shortestOf(9_000, async () => {
      const begun = Date.now()
      await crowd(20, 'SSH-2.0-crowd\r\n')
      await until('all gone', () => door.usage().strangers === 0)
      return Date.now() - begun
    })
    expect(gone, 'a login may usually take ten seconds').toBeLessThan(9_000)
  })

  test('who is logged in is not counted among them', async () => {
    await reopen({ maxStrangers: 2, maxStrangersPerAddress: 2 })
    const clients = []
    for (let n = 0; n < 5; n++) clients.push(await login('alpha'))
    await crowd(10)
    for (const client of clients) expect(await client.list('/')).toHaveLength(4)
    expect(door.usage()).toMatchObject({ connections: 5, strangers: 2 })
  })

  test('of several addresses the fullest pays, and a caller who goes on outlives the silent ones', () => {
    let now = 0
    const gone: string[] = []
    const strangers = createStrangers({ fewPerAddress: 2, mostPerAddress: 4, most: 6, graceMs: 1_000 }, () => now)
    const enter = (address: string, name: string) => {
      now += 50
      return strangers.enter(address, () => gone.push(name))
    }
    const good = enter('192.0.2.1', 'good')
    good.reached(stage.agreed)
    for (const n of [1, 2, 3]) enter('192.0.2.1', `silent ${n}`)
    enter('198.51.100.7', 'other 1')
    enter('198.51.100.7', 'other 2')
    expect(gone).toEqual([])
    enter('203.0.113.9', 'third')
    expect(gone).toEqual(['silent 1'])
    now += 5_000
    enter('192.0.2.1', 'late')
    expect(gone).toEqual(['silent 1', 'silent 2', 'silent 3'])
    good.leave()
    expect(strangers.count).toBe(4)
  })

  test('an IPv6 site is one caller', () => {
    expect(addressGroup('2001:db8:0:1::7')).toBe(addressGroup('2001:0DB8:0000:0001:ffff:1:2:3'))
    expect(addressGroup('2001:db8::1')).not.toBe(addressGroup('2001:db8:0:1::1'))
    expect(addressGroup('::ffff:192.0.2.1')).toBe('192.0.2.1')
  })
})

describe('open files', () => {
  const opening = async (path: string, flags: 'r' | 'w', most: number, connections: number) => {
    let open = 0
    for (let n = 0; n < connections; n++) {
      const { sftp } = await raw('alpha')
      // All at once: a bound that is looked at only when a file has been opened is none.
      const results = await Promise.allSettled(
        Array.from({ length: most }, (_, m) => openRaw(sftp, path.replace('#', `${n}-${m}`), flags)),
      )
      open += results.filter(({ status }) => status === 'fulfilled').length
    }
    return open
  }

  test('a thousand sessions asked for in one connection are eight, and closed ones make room', async () => {
    const { client } = await raw('alpha')
    const ask = () =>
      new Promise<SFTPWrapper | undefined>((resolve) =>
        client.sftp((error: Error | undefined, sftp: SFTPWrapper) => resolve(error ? undefined : sftp)),
      )
    const sessions = (await Promise.all(Array.from({ length: 1000 }, ask))).filter((one) => one !== undefined)
    // With the one that logging in here opens.
    expect(sessions).toHaveLength(7)
    expect(await ask()).toBeUndefined()
    for (const one of sessions) one.end()
    await until('room for one more', ask)
  })

  test('one partner has so many of them and no more, over all its connections; another is not touched', async () => {
    await reopen({ maxHandles: 30, maxHandlesPerPartner: 50, maxHandlesInAll: 60 })
    expect(await opening('/OutBox/#.xml', 'w', 100, 4)).toBe(50)
    expect(door.usage().handles).toBe(50)
    const beta = await login('beta')
    await beta.put(declaration('B1'), '/OutBox/b.xml')
    expect([...hub.taken.keys()]).toEqual(['beta/B1'])
    const { sftp } = await raw('alpha')
    await expect(promised((done) => sftp.opendir('/InBox', done))).rejects.toThrow(/50 files may be open/)
  })

  test('are counted off when they are closed, and when their connection is lost', async () => {
    await reopen({ maxHandles: 30, maxHandlesPerPartner: 30 })
    const { sftp, client } = await raw('alpha')
    for (let n = 0; n < 60; n++) {
      const handle = await openRaw(sftp, `/OutBox/${n}.part`, 'w')
      await promised<void>((done) => sftp.close(handle, (error) => done(error, undefined)))
    }
    await expect(openRaw(sftp, '/InBox/nothing.xml', 'r')).rejects.toThrow(/No such file/)
    expect(door.usage().handles).toBe(0)
    for (let n = 0; n < 30; n++) await openRaw(sftp, `/OutBox/x${n}.xml`, 'w')
    expect(door.usage().handles).toBe(30)
    client.destroy()
    await until('given back', () => door.usage().handles === 0)
  })
})

describe('access that is taken back', () => {
  test('ends the session at once; what was being uploaded is gone, what follows on the wire is not taken', async () => {
    const alpha = await raw('alpha')
    const beta = await login('beta')
    const whole = declaration('A1', 100_000)
    const handle = await openRaw(alpha.sftp, '/OutBox/x.xml', 'w')
    const part = await openRaw(alpha.sftp, '/OutBox/y.part', 'w')
    const write = (to: Buffer, from: number, length: number) =>
      promised<void>((done) => alpha.sftp.write(to, whole, from, length, from, (error) => done(error, undefined)))
    await write(handle, 0, 30_000)
    await write(part, 0, 30_000)
    const ended = new Promise((resolve) => (alpha.client as unknown as EventEmitter).once('close', resolve))
    withdrawn.add('alpha')
    await door.recheck()
    await ended
    await until('handles given back', () => door.usage().handles === 0)
    expect(hub.offered).toEqual([])
    expect(await box('alpha', 'OutBox')).toEqual([])
    expect(await beta.list('/')).toHaveLength(4)
  })
})

// The private Redis of a hub that was given none: it lives and dies with its hub, and keeps what it was told.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findRedisServer, startRedis } from '../../../queues/redis-server.js'
import { alive, begin, firstLine } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'
import { logged } from './fixture.js'

describe('the private Redis', () => {
  const owner = (dir: string) => begin(process.execPath, [join(import.meta.dirname, 'redis-owner.mjs'), dir])
  const pidOf = (child: ReturnType<typeof owner>) =>
    firstLine(child, (line) => (line.startsWith('pid ') ? Number(line.slice(4)) : undefined))

  test('dies with a hub that is killed, and keeps what it was told', async () => {
    const dir = await tempDir('redis')
    const hub = owner(dir)
    const pid = await pidOf(hub)
    const client = new Redis(join(dir, 'redis.sock'))
    await client.set('kept', 'yes')
    client.disconnect()
    hub.kill('SIGKILL')
    // The next hub starts at once, while the old server may still be writing.
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    expect(alive(pid)).toBe(false)
    const reader = new Redis(server.url)
    expect(await reader.get('kept')).toBe('yes')
    reader.disconnect()
  })

  test('does not hear Ctrl-C in the terminal of the hub', async () => {
    const dir = await tempDir('redis')
    const hub = spawn(process.execPath, [join(import.meta.dirname, 'redis-owner.mjs'), dir], { detached: true })
    onTestFinished(() => void hub.kill('SIGKILL'))
    const pid = await pidOf(hub)
    // What a terminal does: the signal goes to everyone in the group.
    const heard = firstLine(hub, (line) => (line === 'interrupted' ? true : undefined))
    process.kill(-hub.pid!, 'SIGINT')
    await heard
    const client = new Redis(join(dir, 'redis.sock'))
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
    hub.stdin.end()
    await until('redis to end with the hub', () => !alive(pid))
  })

  test('of a folder where another hub runs is not started beside it', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    await expect(startRedis({ dir, patienceMs: 300, log: logged() })).rejects.toThrow(
      /alive in .*: does another hub run/,
    )
    expect(await pingOf(server.url)).toBe('PONG')
  })

  test('works in a folder too deep for a Unix socket, and on a port', async () => {
    const dir = join(await tempDir('redis'), 'a'.repeat(60), 'b'.repeat(60))
    await mkdir(dir, { recursive: true })
    const deep = await startRedis({ dir, log: logged() })
    onTestFinished(() => deep.stop())
    expect(await pingOf(deep.url)).toBe('PONG')
  })

  test('that cannot start says why', async () => {
    const dir = await tempDir('redis')
    await expect(startRedis({ dir, program: '/bin/false', log: logged() })).rejects.toThrow('/bin/false did not start')
    expect(findRedisServer('/nowhere')).toBeUndefined()
    expect(findRedisServer()).toMatch(/(redis|valkey)-server$/)
  })

  async function pingOf(url: string): Promise<string> {
    const client = new Redis(url)
    try {
      return await client.ping()
    } finally {
      client.disconnect()
    }
  }
})

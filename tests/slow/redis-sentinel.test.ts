// Redis behind sentinels and a password: the hub finds the one that is primary, and the next one when it has moved.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { connectImpatient } from '../../queues/connection.js'
import { freePort } from '../support/free-port.js'
import { begin, ended } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const password = 'a password: @/?'

async function redisServer(...args: string[]) {
  const port = await freePort()
  const child = begin('redis-server', [
    ...args,
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    await tempDir('redis'),
  ])
  child.stdout!.resume()
  child.stderr!.resume()
  const stop = async () => {
    child.kill('SIGKILL')
    await ended(child)
  }
  onTestFinished(stop)
  return { port, stop }
}

test('a primary with a password is found by its sentinel, and so is the one that takes its place', async () => {
  const secret = ['--requirepass', password, '--masterauth', password, '--save', '']
  const first = await redisServer(...secret)
  const second = await redisServer(...secret, '--replicaof', '127.0.0.1', String(first.port))
  const conf = join(await tempDir('sentinel'), 'sentinel.conf')
  await writeFile(
    conf,
    [
      `sentinel monitor hubs 127.0.0.1 ${first.port} 1`,
      `sentinel auth-pass hubs "${password}"`,
      'sentinel down-after-milliseconds hubs 1000',
      'sentinel failover-timeout hubs 5000',
    ].join('\n'),
  )
  const sentinel = await redisServer(conf, '--sentinel')
  const url = `redis+sentinel://:${encodeURIComponent(password)}@127.0.0.1:${sentinel.port}/hubs`
  const redis = connectImpatient(url, { info() {}, warn() {}, error() {} })
  onTestFinished(() => redis.disconnect())
  await until('the primary', () => redis.status === 'ready')
  await redis.set('kept', '1')
  const replica = new Redis({ port: second.port, password })
  onTestFinished(() => replica.disconnect())
  await until('the copy of it', async () => (await replica.get('kept')) === '1')
  // The sentinel has to know of the replica before it can choose it.
  const asked = new Redis({ port: sentinel.port })
  onTestFinished(() => asked.disconnect())
  await until(
    'the sentinel that knows both',
    async () => ((await asked.call('sentinel', 'replicas', 'hubs')) as unknown[]).length === 1,
  )
  await first.stop()
  await until('a write to the one that took its place', async () => (await redis.set('later', '1')) === 'OK')
  expect(await replica.get('later')).toBe('1')
})

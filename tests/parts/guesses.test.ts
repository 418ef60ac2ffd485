// Wrong keys over several hubs: they count together in one Redis and wait in one line; without it each hub counts for
// itself.
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { createGuesses, longestWaitMs, lookEveryMs, rememberMs } from '../../adapters/channels/http/guesses.js'
import { createWrongKeys } from '../../queues/wrong-keys.js'
import { ownRedis } from '../support/neighbours.js'
import { shortestOf } from '../support/in-time.js'
import { patienceMs, until } from '../support/until.js'

const nobody = () => undefined
const silent = () => {}

async function hubsOnOneRedis(count: number) {
  const { url, stop } = await ownRedis()
  onTestFinished(() => stop())
  const connect = async () => {
    const redis = new Redis(url, { enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => null })
    redis.on('error', () => {})
    await redis.connect()
    onTestFinished(() => redis.disconnect())
    return createWrongKeys({ redis, rememberMs, lookEveryMs, longestWaitMs, patienceMs })
  }
  const all = await Promise.all(Array.from({ length: count }, connect))
  return { stop, hubs: all.map((shared) => createGuesses({ shared })), counts: all[0]! }
}

const took = async (work: Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work
  return performance.now() - begun
}

test('wrong keys of one address count at all hubs together, also at one that saw none of them', async () => {
  const { hubs, counts } = await hubsOnOneRedis(2)
  const [a, b] = [hubs[0]!, hubs[1]!]
  const attempt = (hub: typeof a, address: string, secret: string, check: () => string | undefined = nobody) =>
    hub.attempt({ address, secret }, check, silent)
  for (let n = 0; n < 10; n++) await attempt(a, '192.0.2.1', `wrong ${n}`)
  await until('all ten counted', async () => (await counts.look('address 192.0.2.1', 'x'))?.wrong === 10)
  // The same wrong key again tells its sender nothing new; another address is nobody's business.
  const atOnce = async (work: () => Promise<unknown>) =>
    expect(await shortestOf(lookEveryMs / 2, () => took(work()))).toBeLessThan(lookEveryMs / 2)
  await atOnce(() => attempt(b, '192.0.2.1', 'wrong 3'))
  await atOnce(() => attempt(b, '192.0.2.2', 'another'))
  // One look a second over both hubs, in one line.
  const waits = await Promise.all([a, b, a, b].map((hub, n) => took(attempt(hub, '192.0.2.1', `guess ${n}`))))
  expect(Math.max(...waits)).toBeGreaterThan(2.9 * lookEveryMs)
  // The right one waits its turn, and is known from then on.
  expect(await attempt(b, '192.0.2.1', 'right', () => 'anna')).toBe('anna')
  await atOnce(() => attempt(b, '192.0.2.1', 'right', () => 'anna'))
})

test('with Redis away each hub counts for itself, and is never open', async () => {
  const { hubs, stop } = await hubsOnOneRedis(1)
  await stop()
  const [hub] = hubs
  for (let n = 0; n < 10; n++) await hub!.attempt({ address: '192.0.2.1', secret: `wrong ${n}` }, nobody, silent)
  // Of two at once one waits behind the other, however long ago the last one was.
  const more = ['one more', 'and one more'].map((secret) =>
    hub!.attempt({ address: '192.0.2.1', secret }, nobody, silent),
  )
  expect(await took(Promise.all(more))).toBeGreaterThan(0.9 * lookEveryMs)
})

test('all addresses of one IPv6 site count together: whoever has one has them all', async () => {
  const hub = createGuesses()
  const attempt = (n: number) => hub.attempt({ address: `2001:db8::${n}`, secret: `wrong ${n}` }, nobody, silent)
  for (let n = 1; n <= 10; n++) await attempt(n)
  const waits = await Promise.all([11, 12].map((n) => took(attempt(n))))
  expect(Math.max(...waits)).toBeGreaterThan(1.9 * lookEveryMs)
})

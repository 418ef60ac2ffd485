// overload — what is said of a disk before anything is turned away, and what is turned away then. The disk is the real
// one.
import { existsSync, statfsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { lowDiskShare, watchOverload, type DiskView } from '../../hub/doors/overload.js'
import type { Log } from '../../hub/base/log.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

async function watched(minFreeMegabytes: (free: number) => number, mailboxesDir?: string) {
  const dataDir = await tempDir('disk')
  const { bavail, bsize } = statfsSync(dataDir)
  const said: { level: string; event: string }[] = []
  const log = Object.fromEntries(
    ['info', 'warn', 'error'].map((level) => [level, (_: object, event: string) => said.push({ level, event })]),
  ) as unknown as Log
  const overload = watchOverload({
    dataDir,
    mailboxesDir: mailboxesDir ?? dataDir,
    ledger: {
      counts: async () => ({ agencies: [] }) as never,
      size: () => ({ bytes: 0, spare: 0 }),
    },
    limits: { mostQueued: 10, minFreeMegabytes: minFreeMegabytes((bavail * bsize) / 1024 / 1024) },
    log,
    everyMs: 20,
  })
  onTestFinished(overload.stop)
  await until('the first look', async () => overload.disks().length > 0)
  return { overload, said }
}

test('a disk that is low is said once, while everything is still taken', async () => {
  const { overload, said } = await watched((free) => Math.floor(free / 2))
  const [{ freeBytes, leastBytes }] = overload.disks() as [DiskView]
  expect(freeBytes).toBeGreaterThan(leastBytes)
  expect(freeBytes).toBeLessThan(lowDiskShare * leastBytes)
  expect(overload.refusal()).toBeUndefined()
  expect(said).toEqual([{ level: 'warn', event: 'the disk is low: with less new work is turned away' }])
})

test('with less than the limit new work is turned away, and the sender hears why', async () => {
  const { overload } = await watched((free) => Math.ceil(free * 2))
  expect(() => overload.check()).toThrow(/the disk has \d+ MB left/)
  expect(overload.refusal()).toMatchObject({ code: 'HUB_FULL', retryAfterSeconds: 60 })
})

test('of a disk with much room nothing is said', async () => {
  const { overload, said } = await watched(() => 1)
  expect(overload.refusal()).toBeUndefined()
  expect(said).toEqual([])
})

test('a volume of the mailboxes own that is full is said, and HTTP goes on taking', async () => {
  // The kernel's own file systems have nothing free.
  const full = ['/proc', '/dev'].find((dir) => existsSync(dir))
  const { overload, said } = await watched(() => 1, full)
  await until('a look at that volume', () => overload.disks().length === 2)
  expect(overload.disks()).toMatchObject([{ folder: 'data' }, { folder: 'sftp', freeBytes: 0 }])
  expect(overload.refusal()).toBeUndefined()
  expect(said).toEqual([
    { level: 'warn', event: 'the disk of the mailboxes is low: full, no file is taken or put there' },
  ])
})

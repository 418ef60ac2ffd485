// clock — the time as a hub under test sees it, moved ahead by the test: an hour of an agency's trouble takes seconds.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningHub } from './hub.js'
import { root } from './hub.js'
import { tempDir } from './temp.js'
import { until } from './until.js'

export interface Clock {
  /** For `startHub`. */
  nodeArgs: string[]
  env: Record<string, string>
  /** The time as the hub sees it, in ms. */
  now(): number
  /** Resolves once the hub has seen it. A time that is over already moves nothing. */
  moveTo(hub: RunningHub, at: number): Promise<void>
  advance(hub: RunningHub, seconds: number): Promise<void>
  /** To the real time again: somebody mends the clock. */
  setBack(hub: RunningHub): Promise<void>
}

/** @param dir a folder of the caller's, where the clock is of more than one test */
export async function clock(dir?: string): Promise<Clock> {
  const file = join(dir ?? (await tempDir('clock')), 'ahead')
  let ahead = 0
  const write = () => writeFileSync(file, String(ahead))
  write()
  const now = () => Date.now() + ahead
  async function moveTo(hub: RunningHub, at: number): Promise<void> {
    ahead = Math.max(ahead, at - Date.now())
    write()
    await until('the hub to know the time', async () => (await timeOf(hub)) >= at)
  }
  const timeOf = async (hub: RunningHub) =>
    Date.parse((await hub.read<{ at: string }>('/monitor/overview', { key: hub.env.HUB_OPS_KEY! })).at)
  return {
    nodeArgs: ['--import', join(root, 'tests/support/shifted-clock.mjs')],
    env: { SHIFTED_CLOCK: file },
    now,
    moveTo,
    advance: (hub, seconds) => moveTo(hub, now() + seconds * 1000),
    async setBack(hub) {
      const before = now()
      ahead = 0
      // Back only by a whole line.
      writeFileSync(file, '0\n')
      await until('the hub to know the time', async () => (await timeOf(hub)) < before)
    },
  }
}

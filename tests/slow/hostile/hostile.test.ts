// What hostile, huge or broken input costs the others: every attack of attacks/ is thrown at a real hub through its
// real doors while another partner goes on sending. Each must be answered rightly; what it cost is printed as a table.
// HOSTILE_BOUNDED=1 runs the bounded size. (promise 10.)
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root, type RunningHub } from '../../support/hub.js'
import { sharedHub } from '../../support/shared-hub.js'
import { print } from '../conformance/table.js'
import { bounded, type Attack, type Ground } from './attack.js'
import { costOf, type Cost } from './measure.js'

/** Part of a name: only these attacks. */
const only = process.env.HOSTILE_ONLY ?? ''
const folder = join(root, 'tests/slow/hostile/attacks')
const attacks: Attack[] = []
for (const file of readdirSync(folder).sort())
  attacks.push(...[((await import(join(folder, file))) as { default: Attack | Attack[] }).default].flat())

/** The longest pause of a hub with one partner that sends. On a quiet machine it is 15 ms (docs/security.md). */
const usualPauseMs = 100
const token = 'agency-token-of-this-suite'
const agencies = { gacc: { url: 'http://127.0.0.1:9', callbackTokenEnv: ['AGENCY_TOKEN'] } }

describe('hostile input costs its sender an error and nobody else anything (promise 10)', () => {
  let ground: Ground
  let neighbour: string
  let remove: () => Promise<void>
  const rows: (string | number)[][] = []
  /** The other partner's p99 when nothing else happens. */
  let quietMs = 0
  /** How often longer than usual the hub pauses then: on a slow machine all takes so much longer. */
  let slowness = 1

  beforeAll(async () => {
    const shared = await sharedHub({
      config: { agencies },
      env: {
        AGENCY_TOKEN: token,
        HUB_LOG_LEVEL: 'warn',
        HUB_MAX_BYTES: String(32 << 20),
        HUB_MEMORY_MB: '2048',
        // One partner makes all attacks; the debt of one must not be paid by the next.
        HUB_RATE_BYTES_PER_SECOND: String(2 ** 40),
      },
    })
    const { hub } = shared
    const dir = await mkdtemp(join(tmpdir(), 'hostile-'))
    remove = async () => {
      await shared.remove()
      await rm(dir, { recursive: true, force: true })
    }
    neighbour = await partnerKey(hub, 'neighbour')
    ground = {
      hub,
      key: hub.env.HUB_KEY!,
      dir,
      bounded,
      async callBack(bytes, mediaType = 'application/xml') {
        const { status } = await fetch(`${hub.url}/agency/gacc/receipts`, {
          method: 'POST',
          body: new Uint8Array(bytes),
          headers: { 'content-type': mediaType, authorization: `Bearer ${token}` },
        })
        return status
      },
    }
  })
  afterAll(async () => {
    const head = ['attack', 'tried', 'survived', 'seconds', 'longest pause', 'peak memory', 'other p99', 'other max']
    print('Hostile input (pause and the other partner’s answers in ms, memory in MB)', head, rows)
    await remove()
  })

  const note = (name: string, { tried, survived }: { tried: string; survived: string }, cost: Cost) =>
    rows.push([
      name,
      tried,
      survived,
      cost.seconds.toFixed(1),
      ...[cost.longestPauseMs, cost.peakMb, cost.send.p99, cost.send.max].map(Math.round),
    ])

  test('(nothing, for comparison)', async () => {
    const cost = await costOf(ground.hub, neighbour, () => new Promise((done) => setTimeout(done, 5000)))
    quietMs = cost.send.p99
    slowness = Math.max(1, cost.longestPauseMs / usualPauseMs)
    note('nothing, for comparison', { tried: '-', survived: '-' }, cost)
    expect(cost.failed).toEqual([])
  })

  const chosen = attacks.filter(({ name, big }) => (!bounded || !big) && name.includes(only))
  test.each(chosen.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (name, { prepare, run, fair = false, mostMb = Infinity, longestPauseMs = 2000, longestP99Ms = 5000 }) => {
      await prepare?.(ground)
      let outcome = { tried: '', survived: '' }
      const cost = await costOf(ground.hub, neighbour, async () => void (outcome = await run(ground)))
      note(name, outcome, cost)
      expect(cost.failed, 'what the other partner sent meanwhile').toEqual([])
      expect(cost.longestPauseMs, 'longest pause').toBeLessThan(longestPauseMs * slowness)
      expect(cost.send.p99, 'p99 of the other partner').toBeLessThan(
        fair && !bounded ? quietMs * 1.5 + 100 : longestP99Ms * slowness,
      )
      expect(cost.peakMb, 'memory').toBeLessThan(mostMb)
    },
  )
})

async function partnerKey(hub: RunningHub, partnerId: string): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试邻居报关有限公司', settings: { rights: ['*'] } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })).secret
}

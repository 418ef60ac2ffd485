// The overview counts what the ledger holds, also for agencies nobody serves any more.
import { expect, test } from 'vitest'
import { createOverview } from '../../monitoring/overview.js'
import type { Bilingual } from '../../messages/text.js'
import type { HubsView } from '../../messages/views/index.js'
import { createSeries, type Series } from '../../monitoring/series.js'

const now = new Date('2026-01-01T12:00:00Z')
const gacc = { code: 'gacc', title: { zh: '海关总署', en: 'General Administration of Customs' } }
const none = { queued: 0, held: 0, submitting: 0, unclear: 0, dead: 0 }

function overviewOf(
  agencies: {
    agency: string
    queued: number
    held: number
    submitting: number
    unclear: number
    dead: number
    oldestQueuedAt?: string
  }[],
  over: {
    refusal?: () => Bilingual
    standstill?: () => Promise<Bilingual>
    failingAt?: () => { tries: number; since: string; detail: string }
    fleet?: () => HubsView
    series?: Series
  } = {},
) {
  const gate = (agency: string) => {
    if (agency !== 'gacc') throw new Error(`no gate of ${agency}`)
    return { gate: 'open' as const }
  }
  return createOverview({
    version: '1',
    series: createSeries(),
    agencies: [gacc],
    gate,
    counts: async () => ({ orphans: 0, overdue: 0, heldAnswers: 0, sharedKeys: 0, agencies }),
    partners: async () => [],
    fleet: () => ({ self: 'a', shared: false, hubs: [], leases: [] }),
    now: () => now,
    ...over,
  })()
}

test('what waits for an agency that left the catalogue is shown, and that it goes nowhere', async () => {
  const seen = await overviewOf([
    { agency: 'gacc', ...none, dead: 1 },
    { agency: 'old', ...none, queued: 3, dead: 2, oldestQueuedAt: '2026-01-01T11:00:00Z' },
  ])
  expect(seen.agencies.map(({ agency, gate, queued, dead }) => ({ agency, gate, queued, dead }))).toEqual([
    { agency: 'old', gate: 'unserved', queued: 3, dead: 2 },
    { agency: 'gacc', gate: 'open', queued: 0, dead: 1 },
  ])
  expect(seen.attention.dead).toBe(3)
  expect(seen.health).toBe('stuck')
})

test('an agency of old whose work is all done with has no line', async () => {
  const seen = await overviewOf([{ agency: 'old', ...none }])
  expect(seen.agencies.map(({ agency }) => agency)).toEqual(['gacc'])
  expect(seen.health).toBe('flowing')
})

test('that new work is turned away, and why, needs a person even when nothing waits', async () => {
  const full = { zh: '积压已满', en: 'too much waits' }
  expect(await overviewOf([], { refusal: () => full })).toMatchObject({ health: 'attention', refusal: full })
})

test('of hubs on one ledger, work that nobody does and mailboxes in two folders need a person', async () => {
  const at = now.toISOString()
  const lease = (name: string, holder?: string) => ({
    name,
    token: 1,
    takenAt: at,
    until: at,
    ...(holder ? { holder } : {}),
  })
  const healthWith = async (...leases: ReturnType<typeof lease>[]) =>
    (await overviewOf([], { fleet: () => ({ self: 'a', shared: true, hubs: [], leases }) })).health
  expect(await healthWith(lease('sweep', 'a'), lease('sftp:1', 'b'))).toBe('flowing')
  expect(await healthWith(lease('sweep'))).toBe('attention')
  expect(await healthWith(lease('sftp:1', 'a'), lease('sftp:2', 'b'))).toBe('attention')
  // A hub that starts again has its folder still.
  expect(await healthWith(lease('sftp:1', 'a'), lease('sftp:2'))).toBe('attention')
})

test('an agency whose tries all fail while work waits needs a person, who sees since when and why', async () => {
  const series = createSeries(() => now.getTime())
  const busy = { code: 'HUB_AGENCY_BUSY', detail: 'HTTP 503' }
  const waits = [{ agency: 'gacc', ...none, queued: 1, oldestQueuedAt: '2026-01-01T11:59:00Z' }]
  const seen = () => overviewOf(waits, { series })
  series.failed('gacc', busy)
  series.failed('gacc', busy)
  expect((await seen()).health).toBe('flowing')
  series.failed('gacc', busy)
  const failing = { tries: 3, since: now.toISOString(), ...busy }
  expect(await seen()).toMatchObject({ health: 'attention', agencies: [{ agency: 'gacc', failing }] })
  // Without work that waits, an old failure is nobody's concern.
  expect((await overviewOf([], { series })).health).toBe('flowing')
  series.delivered('gacc')
  expect((await seen()).health).toBe('flowing')
})

test('tries that fail in another process, as those of a hub that has only doors, are told too', async () => {
  const waits = [{ agency: 'gacc', ...none, queued: 1, oldestQueuedAt: '2026-01-01T11:59:00Z' }]
  const failing = { tries: 7, since: now.toISOString(), detail: 'HTTP 500' }
  expect(await overviewOf(waits, { failingAt: () => failing })).toMatchObject({
    health: 'attention',
    agencies: [{ agency: 'gacc', failing }],
  })
})

test('with Redis away nothing is sent to anybody: the overview says so, red once something waits', async () => {
  const text = { zh: 'Redis 不可用', en: 'Redis does not work' }
  const standstill = async () => text
  expect(await overviewOf([], { standstill })).toMatchObject({ health: 'attention', standstill: text })
  const waits = [{ agency: 'gacc', ...none, queued: 1, oldestQueuedAt: '2026-01-01T11:59:59Z' }]
  expect((await overviewOf(waits, { standstill })).health).toBe('stuck')
  expect((await overviewOf(waits)).health).toBe('flowing')
})

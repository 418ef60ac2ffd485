// Under steady load everything that can break is broken, one thing after another, and the recorded history is judged
// by the promises (tests/chaos). CHAOS_SEED, CHAOS_MINUTES, CHAOS_FAULTS, CHAOS_ON and CHAOS_RATE say what is done:
// `npm run chaos -- --help`.
import { describe, expect, test } from 'vitest'
import { chaos } from '../chaos/run.js'
import { withoutPostgres } from '../support/postgres.js'
import { seedOf } from '../support/seeded.js'

const seed = seedOf(process.env.CHAOS_SEED)
const on = process.env.CHAOS_ON ?? 'sqlite,postgres'
const kinds = (['sqlite', 'postgres'] as const).filter((kind) => on.split(',').includes(kind))
const minutes = Number(process.env.CHAOS_MINUTES ?? 1) / kinds.length
const only = (process.env.CHAOS_FAULTS ?? '').split(',').filter(Boolean)
const rate = Number(process.env.CHAOS_RATE ?? 15)

describe.each(kinds)('on %s', (kind) => {
  test.skipIf(kind === 'postgres' && withoutPostgres())(
    `whatever breaks, every message is filed once and every receipt comes home (promises 1–9), seed ${seed}`,
    async () => {
      const { verdict, faults } = await chaos({ kind, seed, minutes, only, rate })
      expect(verdict.violations.slice(0, 20)).toEqual([])
      expect(faults).toBeGreaterThan(0)
      expect(verdict.accepted).toBeGreaterThan(0)
    },
    minutes * 60_000 + 1_200_000,
  )
})

// With the whole run only: who looks for one fault does not wait for this.
test.skipIf(only.length > 0 || !kinds.includes('sqlite'))(
  'a hub that is told a wrong thing, that its agency knows a message again, is found out by the same run',
  async () => {
    const { verdict } = await chaos({
      ...{ kind: 'sqlite', seed, minutes: 0, only: ['answers-lost'], rate },
      policy: { idempotent: true, doubtSeconds: [0.2] },
    })
    expect(verdict.violations.join('\n')).toMatch(/was filed with \w+ 2 times/)
  },
)

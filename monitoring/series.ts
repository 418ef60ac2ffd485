// series — what went through in the last hours, minute by minute, kept in memory: for the curves a person looks at. A
// restart begins anew; numbers that must last are the ledger's and Prometheus's.
import type { AgencyLine, TrafficCurve } from '../messages/views/index.js'

/** Six hours: a night shift sees its beginning. */
const minutes = 360
/** Points of a curve: five minutes each. */
const points = 72

interface Ring {
  /** Counts by minute, at `minute % minutes`. */
  counts: Uint32Array
  /** The newest minute that was written, since 1970. */
  newest: number
}

/** The counts of this process, none of them on disk. */
export function createSeries(now: () => number = Date.now) {
  const rings = new Map<string, Ring>()
  const failing = new Map<string, NonNullable<AgencyLine['failing']>>()
  const minuteNow = () => Math.floor(now() / 60_000)

  /** Minutes that passed without anything are emptied, so that the ring never shows what is older than itself. */
  function advance(ring: Ring, to: number): void {
    for (let minute = Math.max(ring.newest + 1, to - minutes + 1); minute <= to; minute++)
      ring.counts[minute % minutes] = 0
    ring.newest = Math.max(ring.newest, to)
  }

  return {
    add(name: string, count = 1): void {
      const minute = minuteNow()
      let ring = rings.get(name)
      if (!ring) rings.set(name, (ring = { counts: new Uint32Array(minutes), newest: minute }))
      advance(ring, minute)
      ring.counts[minute % minutes]! += count
    },
    /** A try to hand something to an agency failed; the next good one ends the row of failures. */
    failed(agency: string, { code, detail }: { code: string; detail?: string | undefined }): void {
      const { tries = 0, since = new Date(now()).toISOString() } = failing.get(agency) ?? {}
      failing.set(agency, { tries: tries + 1, since, code, ...(detail === undefined ? {} : { detail }) })
    },
    delivered(agency: string): void {
      failing.delete(agency)
    },
    /** Undefined when the last try was good, or there was none. */
    failing: (agency: string): AgencyLine['failing'] => failing.get(agency),
    curve(name: string): TrafficCurve {
      const ring = rings.get(name)
      if (!ring) return { points: new Array<number>(points).fill(0), perMinute: 0, total: 0 }
      const minute = minuteNow()
      advance(ring, minute)
      const at = (m: number) => ring.counts[((m % minutes) + minutes) % minutes]!
      const each = minutes / points
      const curve = Array.from({ length: points }, (_, i) => {
        let sum = 0
        for (let m = minute - minutes + 1 + i * each; m < minute - minutes + 1 + (i + 1) * each; m++) sum += at(m)
        return sum
      })
      const passed = (now() % 60_000) / 60_000
      return {
        points: curve,
        perMinute: Math.round((at(minute) + at(minute - 1) * (1 - passed)) * 10) / 10,
        total: curve.reduce((a, b) => a + b, 0),
      }
    },
  }
}

export type Series = ReturnType<typeof createSeries>

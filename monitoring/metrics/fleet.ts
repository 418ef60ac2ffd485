// fleet — what the hubs that share a ledger do, as this one sees it.
import type { NumberRow, Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface FleetSources {
  /** Hubs that share the ledger: how many live, which leases this one has, which nobody has, how many it has lost. */
  fleet: () => { living: number; held: string[]; free: string[]; lost: number }
  /** By how many seconds this machine's clock is ahead of the ledger's. */
  clockAheadSeconds: () => number | undefined
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchFleet({ fleet, clockAheadSeconds }: FleetSources, { gauge, table }: Scrape): void {
  gauge('hub_fleet_living', 'Hubs that work by the same ledger and live, this one among them', () => fleet().living)
  gauge('hub_leases_free', 'What one hub alone does and none does now', () => fleet().free.length)
  gauge('hub_leases_lost', 'Leases this hub has lost to another since it started', () => fleet().lost)
  gauge(
    'hub_clock_ahead_seconds',
    'By how much the clock of this machine is ahead of that of PostgreSQL; absent with a ledger in SQLite',
    clockAheadSeconds,
  )
  table('hub_lease_held', 'What this hub alone does of those that share the ledger', ['lease'], () =>
    fleet().held.map((lease): NumberRow => [{ lease }, 1]),
  )
}

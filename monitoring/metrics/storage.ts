// storage — how the ledger and Redis do, and what is kept.
import type { Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface StorageSources {
  /** Pieces of stored bytes ever found damaged. */
  damaged: () => number
  /** Of a ping; undefined while Redis is away. */
  redisLatencySeconds: () => Promise<number | undefined>
  /** Of a durable write. */
  ledgerLatencySeconds: () => Promise<number | undefined>
  ledgerSize: () => { bytes: number; spare: number }
  /**
   * How letting go of old bytes goes; undefined when everything is kept.
   * @see [startStorage](../../hub/boot/storage.ts)
   */
  retention: () => { last?: { open: number }; trouble?: string } | undefined
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchStorage(sources: StorageSources, { gauge }: Scrape): void {
  gauge('hub_damaged_bytes', 'Pieces of stored bytes ever found damaged in this ledger', sources.damaged)
  gauge('hub_redis_latency_seconds', 'A ping to Redis', sources.redisLatencySeconds)
  gauge('hub_ledger_latency_seconds', 'A durable write to the ledger', sources.ledgerLatencySeconds)
  gauge('hub_ledger_bytes', 'Size of the ledger', () => sources.ledgerSize().bytes)
  gauge('hub_ledger_spare_bytes', 'Of these free for what comes', () => sources.ledgerSize().spare)
  gauge('hub_retention_failed', '1 since a walk of the retention was cut short; absent when everything is kept', () => {
    const view = sources.retention()
    return view === undefined ? undefined : view.trouble === undefined ? 0 : 1
  })
  gauge(
    'hub_retention_open',
    'Messages beyond their days whose bytes are kept since they, or a receipt, may still have to go somewhere',
    () => sources.retention()?.last?.open,
  )
}

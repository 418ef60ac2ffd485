// metrics — what Prometheus reads: what happened since the start, and how things are when it asks.
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { watchLoopDelay } from './loop-delay.js'
import { watchAgencies, type AgencySources } from './metrics/agencies.js'
import { createCounters } from './metrics/counters.js'
import { watchFleet, type FleetSources } from './metrics/fleet.js'
import { watchKeys, type KeySources } from './metrics/keys.js'
import { watchLoad, type LoadSources } from './metrics/load.js'
import { createScrape } from './metrics/scrape.js'
import { watchStorage, type StorageSources } from './metrics/storage.js'
import { watchUnfinished, type UnfinishedSources } from './metrics/unfinished.js'

/**
 * Asked at each scrape. A number that cannot be had is left out, never guessed.
 * @see [watchGauges](../hub/boot/gauges.ts)
 */
export interface GaugeSources
  extends AgencySources, FleetSources, KeySources, LoadSources, StorageSources, UnfinishedSources {}

/**
 * What prom-client knows of a process, but for its pauses: for these it would wake a hundred times a second, and
 * `hub_event_loop_delay_seconds` tells them.
 */
function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 60_000 })
  for (const of of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    register.removeSingleMetric(`nodejs_eventloop_lag_${of}_seconds`)
}

/**
 * The registry of this process, with its counters; gauges are added once the parts that know them are there.
 * @param version of the hub and its build
 */
export function createMetrics(version = 'unknown') {
  const registry = new Registry()
  collectProcessMetrics(registry)
  const registers = [registry]
  const counters = createCounters(registers)
  const loop = watchLoopDelay()
  new Gauge({
    name: 'hub_build_info',
    help: 'Which build of the hub this process runs; always 1',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  new Gauge({
    name: 'hub_event_loop_delay_seconds',
    help: 'How long the event loop was not free: max, p99 and mean since the last scrape',
    labelNames: ['of'],
    registers,
    collect() {
      for (const [of, seconds] of Object.entries(loop.read())) this.set({ of }, seconds)
    },
  })

  return {
    ...counters,

    watch(sources: GaugeSources): void {
      const scrape = createScrape(registers)
      watchFleet(sources, scrape)
      watchUnfinished(sources, scrape)
      watchStorage(sources, scrape)
      watchLoad(sources, scrape)
      watchKeys(sources, scrape)
      watchAgencies(sources, scrape)
    },

    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

// watching — how the hub is seen from outside: numbers, the last events, traces, failed sign-ins.
import { createMetrics } from '../../monitoring/metrics.js'
import { createSeries } from '../../monitoring/series.js'
import { createTail } from '../../monitoring/tail.js'
import { createObserve } from '../steps/observe.js'
import { startTracing } from './start-tracing.js'
import type { Start } from './start.js'

export type Watching = Awaited<ReturnType<typeof startWatching>>

/** Before the parts that are watched: they are handed what they tell. */
export async function startWatching({ config, env, version, log, life }: Start) {
  const metrics = createMetrics(version)
  const series = createSeries()
  const tail = createTail()
  const tracing =
    config.tracing &&
    life.started(
      await startTracing(config.tracing, { env, version, roles: config.roles, told: metrics.traced, log }),
      (t) => t.close(),
    )
  return { metrics, series, tail, tracing, observe: createObserve({ log, metrics, series, tail, tracing }) }
}

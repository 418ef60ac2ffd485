// agencies — what is under way to each agency, whether its queue is held, and whether its side takes what is handed
// over.
import type { NumberRow, Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface AgencySources {
  /** Jobs by queue; undefined while Redis is away. */
  queueJobs: () => Promise<{ queue: string; waiting: number; active: number; delayed: number }[] | undefined>
  agencies: () => Promise<
    {
      agency: string
      queued: number
      submitting: number
      submitted: number
      unclear: number
      dead: number
      oldestQueuedAt?: string
    }[]
  >
  /**
   * How each agency stands in this process: why its queue is held, its breaker.
   * @see [createGate](../../queues/gate.ts)
   */
  gates: () => { agency: string; holds: { reason: string }[]; breaker: { state: string } }[]
  /** Connectors that hand over files: what lies there and is not fetched. */
  connectors: () => { agency: string; ok: boolean; files?: number; oldestSeconds?: number; limitSeconds?: number }[]
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchAgencies(sources: AgencySources, { table }: Scrape): void {
  const each = (of: (one: ReturnType<AgencySources['connectors']>[number]) => number | undefined) => () =>
    sources.connectors().map((one): NumberRow => [{ agency: one.agency }, of(one)])
  table('hub_queue_submissions', 'Submissions by agency and state, from the ledger', ['agency', 'state'], async () =>
    (await sources.agencies()).flatMap(({ agency, oldestQueuedAt: _, ...states }) =>
      Object.entries(states).map(([state, value]): NumberRow => [{ agency, state }, value]),
    ),
  )
  table('hub_queue_jobs', 'Jobs in the queues, from Redis; absent while it is away', ['queue', 'state'], async () =>
    ((await sources.queueJobs()) ?? []).flatMap(({ queue, waiting, active, delayed }) =>
      Object.entries({ waiting, active, delayed }).map(([state, value]): NumberRow => [{ queue, state }, value]),
    ),
  )
  table('hub_queue_oldest_seconds', 'Age of the oldest queued submission', ['agency'], async () =>
    (await sources.agencies()).map(({ agency, oldestQueuedAt }): NumberRow => [
      { agency },
      oldestQueuedAt === undefined ? 0 : (Date.now() - Date.parse(oldestQueuedAt)) / 1000,
    ]),
  )
  table('hub_breaker_state', 'Circuit breaker in this process: 0 closed, 1 half-open, 2 open', ['agency'], () =>
    sources
      .gates()
      .map(({ agency, breaker }): NumberRow => [{ agency }, ['closed', 'half-open', 'open'].indexOf(breaker.state)]),
  )
  table('hub_agency_held', '1 while nothing is sent to the agency for this reason', ['agency', 'reason'], () =>
    sources
      .gates()
      .flatMap(({ agency, holds }) =>
        ['paused', 'window', 'breaker', 'busy', 'unready'].map((reason): NumberRow => [
          { agency, reason },
          holds.some((hold) => hold.reason === reason) ? 1 : 0,
        ]),
      ),
  )
  table(
    'hub_connector_up',
    '0 while the side of an agency that fetches files hangs or cannot be reached',
    ['agency'],
    each(({ ok }) => (ok ? 1 : 0)),
  )
  table(
    'hub_connector_files_waiting',
    'Files handed over and not yet fetched',
    ['agency'],
    each(({ files }) => files),
  )
  table(
    'hub_connector_oldest_file_seconds',
    'How long the oldest of them has been lying there',
    ['agency'],
    each(({ oldestSeconds }) => oldestSeconds),
  )
  table(
    'hub_connector_limit_seconds',
    'From this age of a file on the other side counts as hanging (stuckMinutes)',
    ['agency'],
    each(({ limitSeconds }) => limitSeconds),
  )
}

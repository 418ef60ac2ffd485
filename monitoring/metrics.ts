// metrics — what Prometheus reads: a histogram for every step, counters by outcome, gauges asked for when they are read.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Asked at each scrape. A number that cannot be had is left out, never guessed. */
export interface GaugeSources {
  agencies: () => Promise<{ agency: string; queued: number; submitting: number; submitted: number; unclear: number; dead: number; oldestQueuedAt?: string }[]>
  receiptsOwed: () => Promise<number>
  orphans: () => Promise<number>
  redisLatencySeconds: () => Promise<number | undefined>
  ledgerLatencySeconds: () => Promise<number | undefined>
  checksWaiting: () => number
  checkThreads: () => number
  /** Submissions whose awaited answer is late now. */
  overdue: () => Promise<number>
  /** Receipts given up or tried in vain so far. */
  undelivered: () => Promise<number>
  /** True while new work is turned away. */
  full: () => boolean
  /** How each agency stands in this process: why its queue is held, its breaker. */
  gates: () => { agency: string; holds: { reason: string }[]; breaker: { state: string } }[]
  /** Connectors that hand over files: what lies there and is not fetched. */
  connectors: () => { agency: string; ok: boolean; files?: number; oldestSeconds?: number }[]
}

export const steps = ['accept', 'submit', 'settle', 'return'] as const
export type Step = (typeof steps)[number]

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const step = new Histogram({ name: 'hub_step_seconds', help: 'How long a step of the way took', labelNames: ['step', 'channel', 'agency'], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers })
  const messages = new Counter({ name: 'hub_messages_total', help: 'Messages answered', labelNames: ['channel', 'outcome', 'document', 'code'], registers })
  const faults = new Counter({ name: 'hub_faults_total', help: 'Faults found in messages', labelNames: ['code'], registers })
  const submissions = new Counter({ name: 'hub_submissions_total', help: 'Attempts to submit, by how they ended', labelNames: ['agency', 'outcome', 'code'], registers })
  const receipts = new Counter({ name: 'hub_receipts_total', help: 'Business receipts', labelNames: ['agency', 'status', 'code'], registers })
  const returns = new Counter({ name: 'hub_returns_total', help: 'Attempts to return a receipt', labelNames: ['channel', 'outcome'], registers })

  const overdue = new Counter({ name: 'hub_receipts_overdue_total', help: 'Answers that came later than expected, or not yet', labelNames: ['agency', 'document'], registers })

  const breakers = new Counter({ name: 'hub_breaker_changes_total', help: 'Times a breaker changed to this state', labelNames: ['agency', 'state'], registers })
  const reloads = new Counter({ name: 'hub_config_reloads_total', help: 'Readings of the configuration while running', labelNames: ['outcome'], registers })

  return {
    breaker: (labels: { agency: string; state: string }) => breakers.inc(labels),
    reloaded: (ok: boolean) => reloads.inc({ outcome: ok ? 'ok' : 'refused' }),
    overdue: (labels: { agency: string; document: string }) => overdue.inc(labels),
    /** A step that took this long. Labels that do not apply stay away. */
    step: (name: Step, seconds: number, labels: { channel?: string; agency?: string } = {}) => step.observe({ step: name, ...labels }, seconds),
    message: (labels: { channel: string; outcome: string; document: string; code: string }) => messages.inc(labels),
    fault: (code: string) => faults.inc({ code }),
    submission: (labels: { agency: string; outcome: string; code: string }) => submissions.inc(labels),
    receipt: (labels: { agency: string; status: string; code: string }) => receipts.inc(labels),
    returned: (labels: { channel: string; outcome: string }) => returns.inc(labels),

    watch(sources: GaugeSources): void {
      const gauge = (name: string, help: string, read: () => Promise<number | undefined> | number) =>
        new Gauge({ name, help, registers, async collect() {
          const value = await read()
          if (value !== undefined) this.set(value)
        } })
      gauge('hub_receipts_owed', 'Receipts not yet returned or acknowledged', sources.receiptsOwed)
      gauge('hub_replies_orphaned', 'Agency answers that speak of no submission', sources.orphans)
      gauge('hub_redis_latency_seconds', 'A ping to Redis', sources.redisLatencySeconds)
      gauge('hub_ledger_latency_seconds', 'A durable write to the ledger', sources.ledgerLatencySeconds)
      gauge('hub_answers_overdue', 'Submissions whose awaited answer is late', sources.overdue)
      gauge('hub_receipts_undelivered', 'Receipts given up, or tried in vain so far', sources.undelivered)
      gauge('hub_full', '1 while new work is turned away', () => (sources.full() ? 1 : 0))
      gauge('hub_check_threads', 'Threads that check messages', sources.checkThreads)
      gauge('hub_checks_waiting', 'Messages that wait for a checking thread', sources.checksWaiting)
      new Gauge({ name: 'hub_queue_submissions', help: 'Submissions by agency and state, from the ledger', labelNames: ['agency', 'state'], registers, async collect() {
        for (const { agency, oldestQueuedAt: _, ...states } of await sources.agencies()) for (const [state, value] of Object.entries(states)) this.set({ agency, state }, value)
      } })
      new Gauge({ name: 'hub_breaker_state', help: 'Circuit breaker in this process: 0 closed, 1 half-open, 2 open', labelNames: ['agency'], registers, collect() {
        for (const { agency, breaker } of sources.gates()) this.set({ agency }, ['closed', 'half-open', 'open'].indexOf(breaker.state))
      } })
      new Gauge({ name: 'hub_agency_held', help: '1 while nothing is sent to the agency for this reason', labelNames: ['agency', 'reason'], registers, collect() {
        for (const { agency, holds } of sources.gates()) for (const reason of ['paused', 'window', 'breaker', 'busy']) this.set({ agency, reason }, holds.some((hold) => hold.reason === reason) ? 1 : 0)
      } })
      new Gauge({ name: 'hub_connector_up', help: '0 while the side of an agency that fetches files hangs or cannot be reached', labelNames: ['agency'], registers, collect() {
        for (const { agency, ok } of sources.connectors()) this.set({ agency }, ok ? 1 : 0)
      } })
      new Gauge({ name: 'hub_connector_files_waiting', help: 'Files handed over and not yet fetched', labelNames: ['agency'], registers, collect() {
        for (const { agency, files } of sources.connectors()) if (files !== undefined) this.set({ agency }, files)
      } })
      new Gauge({ name: 'hub_connector_oldest_file_seconds', help: 'How long the oldest of them has been lying there', labelNames: ['agency'], registers, collect() {
        for (const { agency, oldestSeconds } of sources.connectors()) if (oldestSeconds !== undefined) this.set({ agency }, oldestSeconds)
      } })
      new Gauge({ name: 'hub_queue_oldest_seconds', help: 'Age of the oldest queued submission', labelNames: ['agency'], registers, async collect() {
        for (const { agency, oldestQueuedAt } of await sources.agencies()) this.set({ agency }, oldestQueuedAt === undefined ? 0 : (Date.now() - Date.parse(oldestQueuedAt)) / 1000)
      } })
    },

    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

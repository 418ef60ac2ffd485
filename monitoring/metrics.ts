// metrics — what Prometheus reads: a histogram for every step, counters by outcome, gauges asked for when they are
// read.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { MemoryView } from '../messages/memory-budget.js'
import { watchLoopDelay } from './loop-delay.js'

/**
 * Asked at each scrape. A number that cannot be had is left out, never guessed.
 * @see [watchGauges](../hub/boot/gauges.ts)
 */
export interface GaugeSources {
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
  receiptsOwed: () => Promise<number>
  orphans: () => Promise<number>
  heldAnswers: () => Promise<number>
  /** 0 when there is none. */
  oldestHeldAnswerSeconds: () => Promise<number>
  sharedKeys: () => Promise<number>
  damaged: () => number
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
  /** Log lines that could not be written so far. */
  logLinesLost: () => number
  /** What the doors have open, by what it is: connections, files. */
  doorUsage: () => Record<string, number>
  /**
   * Room in memory: what is held by what partners send and by what agencies answer, and how many deliveries waited for
   * it.
   */
  memory: () => Record<'partners' | 'agencies', MemoryView>
  ledgerSize: () => { bytes: number; spare: number }
  /** Certificates that end, and in how many days. */
  certificates: () => Promise<{ of: string; daysLeft: number }[]>
  /** The keys that sign for customs: whether each is there, and how many messages wait for it. */
  signers: () => { name: string; up: boolean; waiting: number; signed: number }[]
  /** True while the files of a certificate cannot be used, and the one of before is served. */
  certificateTrouble: () => boolean
  /**
   * How letting go of old bytes goes; undefined when everything is kept.
   * @see [startStorage](../hub/boot/storage.ts)
   */
  retention: () => { last?: { open: number }; trouble?: string } | undefined
  /** Hubs that share the ledger: how many live, which leases this one has, which nobody has, how many it has lost. */
  fleet: () => { living: number; held: string[]; free: string[]; lost: number }
  /**
   * How each agency stands in this process: why its queue is held, its breaker.
   * @see [createGate](../queues/gate.ts)
   */
  gates: () => { agency: string; holds: { reason: string }[]; breaker: { state: string } }[]
  /** Connectors that hand over files: what lies there and is not fetched. */
  connectors: () => { agency: string; ok: boolean; files?: number; oldestSeconds?: number; limitSeconds?: number }[]
}

type Row = [labels: Record<string, string>, value: number | undefined]

export const steps = ['accept', 'submit', 'settle', 'return'] as const
export type Step = (typeof steps)[number]

/**
 * What cannot be had (a full disk under the ledger, Redis away) is absent: it does not take the other numbers with it.
 */
async function had<T>(read: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}

/**
 * What prom-client knows of a process, but for its pauses: for these it would wake a hundred times a second, and
 * `hub_event_loop_delay_seconds` tells them.
 */
function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 60_000 })
  for (const of of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    register.removeSingleMetric(`nodejs_eventloop_lag_${of}_seconds`)
}

export function createMetrics() {
  const registry = new Registry()
  collectProcessMetrics(registry)
  const registers = [registry]
  const step = new Histogram({
    name: 'hub_step_seconds',
    help: 'How long a step of the way took',
    labelNames: ['step', 'channel', 'agency'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const messages = new Counter({
    name: 'hub_messages_total',
    help: 'Messages answered',
    labelNames: ['channel', 'outcome', 'document', 'code'],
    registers,
  })
  const faults = new Counter({
    name: 'hub_faults_total',
    help: 'Faults found in messages',
    labelNames: ['code'],
    registers,
  })
  const submissions = new Counter({
    name: 'hub_submissions_total',
    help: 'Attempts to submit, by how they ended',
    labelNames: ['agency', 'outcome', 'code'],
    registers,
  })
  const receipts = new Counter({
    name: 'hub_receipts_total',
    help: 'Business receipts',
    labelNames: ['agency', 'status', 'code'],
    registers,
  })
  const returns = new Counter({
    name: 'hub_returns_total',
    help: 'Attempts to return a receipt',
    labelNames: ['channel', 'outcome'],
    registers,
  })

  const overdue = new Counter({
    name: 'hub_receipts_overdue_total',
    help: 'Answers that came later than expected, or not yet',
    labelNames: ['agency', 'document'],
    registers,
  })

  const breakers = new Counter({
    name: 'hub_breaker_changes_total',
    help: 'Times a breaker changed to this state',
    labelNames: ['agency', 'state'],
    registers,
  })
  const spans = new Counter({
    name: 'hub_trace_spans_total',
    help: 'Spans handed to the collector of traces, or lost since it did not take them',
    labelNames: ['outcome'],
    registers,
  })
  const signIns = new Counter({
    name: 'hub_sign_ins_failed_total',
    help: 'Keys, passwords and tokens that opened nothing, by door',
    labelNames: ['door'],
    registers,
  })
  const handshakes = new Counter({
    name: 'hub_tls_handshakes_failed_total',
    help: 'TLS handshakes at the HTTP door that failed, by reason',
    labelNames: ['reason'],
    registers,
  })
  const reloads = new Counter({
    name: 'hub_config_reloads_total',
    help: 'Readings of the configuration while running',
    labelNames: ['outcome'],
    registers,
  })

  const loop = watchLoopDelay()
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
    breaker: (labels: { agency: string; state: string }) => breakers.inc(labels),
    traced: (outcome: 'sent' | 'lost', count: number) => spans.inc({ outcome }, count),
    signInFailed: (door: string) => signIns.inc({ door }),
    /** Reasons are OpenSSL's, of which there are few hundred. */
    handshakeFailed: (reason: string) => handshakes.inc({ reason: reason.slice(0, 64) }),
    reloaded: (ok: boolean) => reloads.inc({ outcome: ok ? 'ok' : 'refused' }),
    overdue: (labels: { agency: string; document: string }) => overdue.inc(labels),
    /** A step that took this long. Labels that do not apply stay away. */
    step: (name: Step, seconds: number, labels: { channel?: string; agency?: string } = {}) =>
      step.observe({ step: name, ...labels }, seconds),
    message: (labels: { channel: string; outcome: string; document: string; code: string }) => messages.inc(labels),
    fault: (code: string) => faults.inc({ code }),
    submission: (labels: { agency: string; outcome: string; code: string }) => submissions.inc(labels),
    receipt: (labels: { agency: string; status: string; code: string }) => receipts.inc(labels),
    returned: (labels: { channel: string; outcome: string }) => returns.inc(labels),

    watch(sources: GaugeSources): void {
      const gauge = (name: string, help: string, read: () => Promise<number | undefined> | number) =>
        new Gauge({
          name,
          help,
          registers,
          async collect() {
            const value = await had(read)
            // A number of old would be a guess: what cannot be had is absent, and alerts ask for that.
            if (value === undefined) this.remove()
            else this.set(value)
          },
        })
      gauge(
        'hub_fleet_living',
        'Hubs that work by the same ledger and live, this one among them',
        () => sources.fleet().living,
      )
      gauge('hub_leases_free', 'What one hub alone does and none does now', () => sources.fleet().free.length)
      gauge('hub_leases_lost', 'Leases this hub has lost to another since it started', () => sources.fleet().lost)
      new Gauge({
        name: 'hub_lease_held',
        help: 'What this hub alone does of those that share the ledger',
        labelNames: ['lease'],
        registers,
        collect() {
          this.reset()
          for (const lease of sources.fleet().held) this.set({ lease }, 1)
        },
      })
      gauge('hub_receipts_owed', 'Receipts not yet returned or acknowledged', sources.receiptsOwed)
      gauge('hub_replies_orphaned', 'Agency answers that speak of no submission', sources.orphans)
      gauge(
        'hub_answers_held',
        'Agency answers that wait until it is known whether they are of ours',
        sources.heldAnswers,
      )
      gauge('hub_damaged_bytes', 'Pieces of stored bytes ever found damaged in this ledger', async () =>
        sources.damaged(),
      )
      gauge('hub_answers_held_oldest_seconds', 'Age of the oldest of them', sources.oldestHeldAnswerSeconds)
      gauge(
        'hub_shared_keys',
        'Numbers two partners have under way at one agency, not looked into yet',
        sources.sharedKeys,
      )
      gauge('hub_redis_latency_seconds', 'A ping to Redis', sources.redisLatencySeconds)
      gauge('hub_ledger_latency_seconds', 'A durable write to the ledger', sources.ledgerLatencySeconds)
      gauge('hub_answers_overdue', 'Submissions whose awaited answer is late', sources.overdue)
      gauge('hub_receipts_undelivered', 'Receipts given up, or tried in vain so far', sources.undelivered)
      new Counter({
        name: 'hub_log_lines_lost_total',
        help: 'Log lines that could not be written',
        registers,
        collect() {
          this.reset()
          this.inc(sources.logLinesLost())
        },
      })
      gauge('hub_full', '1 while new work is turned away', () => (sources.full() ? 1 : 0))
      gauge('hub_ledger_bytes', 'Size of the ledger', () => sources.ledgerSize().bytes)
      gauge('hub_ledger_spare_bytes', 'Of these free for what comes', () => sources.ledgerSize().spare)
      gauge(
        'hub_retention_failed',
        '1 since a walk of the retention was cut short; absent when everything is kept',
        async () =>
          sources.retention() === undefined ? undefined : sources.retention()?.trouble === undefined ? 0 : 1,
      )
      gauge(
        'hub_retention_open',
        'Messages beyond their days whose bytes are kept since they, or a receipt, may still have to go somewhere',
        async () => sources.retention()?.last?.open,
      )
      gauge('hub_check_threads', 'Threads that check messages', sources.checkThreads)
      gauge('hub_checks_waiting', 'Messages that wait for a checking thread', sources.checksWaiting)
      /**
       * One number for each agency (and more labels): those that are not named any more are gone, also after a reload.
       */
      const table = (name: string, help: string, labelNames: string[], read: () => Promise<Row[]> | Row[]) =>
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          async collect() {
            const rows = (await had(read)) ?? []
            this.reset()
            for (const [labels, value] of rows) if (value !== undefined) this.set(labels, value)
          },
        })
      table('hub_door_open', 'Connections and files the doors have open', ['what'], () =>
        Object.entries(sources.doorUsage()).map(([what, value]): Row => [{ what }, value]),
      )
      table(
        'hub_certificate_days_left',
        'Whole days until a certificate ends; below zero once it has',
        ['of'],
        async () => (await sources.certificates()).map(({ of, daysLeft }): Row => [{ of }, daysLeft]),
      )
      const ofSigners = (read: (view: ReturnType<GaugeSources['signers']>[number]) => number) => () =>
        sources.signers().map((view): Row => [{ signer: view.name }, read(view)])
      table(
        'hub_signer_up',
        '1 while a key that signs for customs is there',
        ['signer'],
        ofSigners(({ up }) => (up ? 1 : 0)),
      )
      table(
        'hub_signer_waiting',
        'Messages that wait for the key',
        ['signer'],
        ofSigners(({ waiting }) => waiting),
      )
      gauge('hub_certificate_unusable', '1 while the files of the certificate cannot be used', () =>
        sources.certificateTrouble() ? 1 : 0,
      )
      const memory = (read: (view: MemoryView) => number) => () =>
        Object.entries(sources.memory()).map(([of, view]): Row => [{ of }, read(view)])
      table(
        'hub_memory_held_bytes',
        'Bytes held in memory of what partners send, and of what agencies answer',
        ['of'],
        memory(({ heldBytes }) => heldBytes),
      )
      table(
        'hub_memory_limit_bytes',
        'The most of them there may be',
        ['of'],
        memory(({ mostBytes }) => mostBytes),
      )
      table(
        'hub_memory_waiting',
        'Deliveries that wait for room in memory now',
        ['of'],
        memory(({ waiting }) => waiting),
      )
      new Counter({
        name: 'hub_memory_waits_total',
        help: 'Deliveries that had to wait for room in memory, and those that waited in vain',
        labelNames: ['of', 'outcome'],
        registers,
        collect() {
          this.reset()
          for (const [of, { waits, refused }] of Object.entries(sources.memory())) {
            this.inc({ of, outcome: 'waited' }, waits)
            this.inc({ of, outcome: 'refused' }, refused)
          }
        },
      })
      const each = (of: (one: ReturnType<GaugeSources['connectors']>[number]) => number | undefined) => () =>
        sources.connectors().map((one): Row => [{ agency: one.agency }, of(one)])
      table(
        'hub_queue_submissions',
        'Submissions by agency and state, from the ledger',
        ['agency', 'state'],
        async () =>
          (await sources.agencies()).flatMap(({ agency, oldestQueuedAt: _, ...states }) =>
            Object.entries(states).map(([state, value]): Row => [{ agency, state }, value]),
          ),
      )
      table('hub_queue_jobs', 'Jobs in the queues, from Redis; absent while it is away', ['queue', 'state'], async () =>
        ((await sources.queueJobs()) ?? []).flatMap(({ queue, waiting, active, delayed }) =>
          Object.entries({ waiting, active, delayed }).map(([state, value]): Row => [{ queue, state }, value]),
        ),
      )
      table('hub_queue_oldest_seconds', 'Age of the oldest queued submission', ['agency'], async () =>
        (await sources.agencies()).map(({ agency, oldestQueuedAt }): Row => [
          { agency },
          oldestQueuedAt === undefined ? 0 : (Date.now() - Date.parse(oldestQueuedAt)) / 1000,
        ]),
      )
      table('hub_breaker_state', 'Circuit breaker in this process: 0 closed, 1 half-open, 2 open', ['agency'], () =>
        sources
          .gates()
          .map(({ agency, breaker }): Row => [{ agency }, ['closed', 'half-open', 'open'].indexOf(breaker.state)]),
      )
      table('hub_agency_held', '1 while nothing is sent to the agency for this reason', ['agency', 'reason'], () =>
        sources
          .gates()
          .flatMap(({ agency, holds }) =>
            ['paused', 'window', 'breaker', 'busy', 'unready'].map((reason): Row => [
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
    },

    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

// counters — what happened since the start: a histogram for every step, counters by outcome. Who did it tells them.
import { Counter, Histogram, type Registry } from 'prom-client'

/** A step whose duration is measured. */
export type Step = 'accept' | 'submit' | 'settle' | 'return'

/**
 * The verbs by which the parts of the hub count. No label grows with the traffic (an id, a reference): Prometheus keeps
 * a series for each value.
 */
export function createCounters(registers: Registry[]) {
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
  }
}

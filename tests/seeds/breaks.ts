// breaks — rules broken on purpose: a simulation that does not find these finds nothing. Each takes one rule away and
// leaves everything else as it is.
import type { StepResult } from '../../queues/run-step.js'
import type { JobData } from '../../queues/offering.js'
import type { OpenLedger } from './ledger.js'

export interface Breaks {
  ledger: (real: OpenLedger) => OpenLedger
  step: (data: JobData, real: () => Promise<StepResult>) => Promise<StepResult>
}

export const whole: Breaks = { ledger: (real) => real, step: (_, real) => real() }

/** The ledger with some of its methods replaced. */
function but(real: OpenLedger, other: Partial<OpenLedger>): OpenLedger {
  return new Proxy(real, {
    get: (target, name) => other[name as keyof OpenLedger] ?? (target[name as keyof OpenLedger] as unknown),
  })
}

export const breaks: Record<string, Breaks> = {
  /** Accepted is said before anything is on disk. */
  'answer-before-write': {
    ...whole,
    ledger: (real) =>
      but(real, {
        async record(interchange) {
          real.record(interchange).catch(() => {})
          return interchange.messages.map(() => ({ outcome: 'recorded' as const }))
        },
      }),
  },
  /** A try that did not come back is simply made again. */
  'no-claim': {
    ...whole,
    ledger: (real) =>
      but(real, {
        async claim(submissionId, now, about) {
          const claim = await real.claim(submissionId, now, about)
          return claim.outcome === 'interrupted' ? { ...claim, outcome: 'claimed' as const } : claim
        },
      }),
  },
  /** Doubt counts as surely not sent. */
  'doubt-is-no': {
    ...whole,
    ledger: (real) =>
      but(real, {
        endAttempt: (attempt, end, now) =>
          real.endAttempt(attempt, end.outcome === 'unclear' ? { ...end, outcome: 'retry', at: now } : end, now),
      }),
  },
  /** An answer that is known already is settled as if it were new. */
  'no-known-check': {
    ...whole,
    ledger: (real) =>
      but(real, {
        recordReply: (reply, files) =>
          real.recordReply({ ...reply, sha256: `${reply.sha256 ?? ''}${reply.replyId}` }, files),
      }),
  },
  /** The agency hears "taken" before its answer is kept. */
  'reply-before-write': {
    ...whole,
    ledger: (real) =>
      but(real, {
        async recordReply(reply, files) {
          real.recordReply(reply, files).catch(() => {})
          return { replyId: reply.replyId, known: false }
        },
      }),
  },
  /** Nobody makes the queues again from the ledger. */
  'no-sweep': {
    ...whole,
    ledger: (real) => but(real, { dueSubmissions: async () => [], interruptedSubmissions: async () => [] }),
  },
  /** A receipt that could not be given back is believed to be. */
  'return-forgotten': {
    ...whole,
    ledger: (real) =>
      but(real, { endReturn: (receiptId, _, now) => real.endReturn(receiptId, { outcome: 'delivered' }, now) }),
  },
  /** Of messages that share a number the newest hears all answers. */
  'newest-hears-all': {
    ...whole,
    ledger: (real) =>
      but(real, {
        ownersOf: async (agency, key, among) => (await real.ownersOf(agency, key, among)).slice(0, 1),
      }),
  },
  /** Changes do not wait for their original. */
  'no-order': {
    ...whole,
    ledger: (real) =>
      but(real, {
        record: (interchange) =>
          real.record({
            ...interchange,
            messages: interchange.messages.map(({ order: _, changes: __, ...message }) => message),
          }),
      }),
  },
}

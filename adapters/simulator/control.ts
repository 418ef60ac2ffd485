// control — how a simulated agency misbehaves when told to: for the next messages or until told otherwise.
import { Type, type Static } from 'typebox'

/** How the next messages are met: docs/agency-guide.md tells how it is asked for. */
export const Behaviour = Type.Object(
  {
    /** Only for this agency, this document type. */
    agency: Type.Optional(Type.String()),
    documentType: Type.Optional(Type.String()),
    /** For the next n messages only. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Answers this much later. The message is taken at once. */
    slowMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Answers with this status and does not take the message. */
    fail: Type.Optional(Type.Integer({ minimum: 300, maximum: 599 })),
    /** With `fail`: the Retry-After header. */
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Breaks the connection: before taking the message, or after taking it and before answering. */
    hangUp: Type.Optional(Type.Union([Type.Literal('before'), Type.Literal('after')])),
    /** Takes the message and turns it down in its receipts, with this text. */
    refuse: Type.Optional(Type.String()),
    /** Takes messages and keeps their later receipts back, until told otherwise. */
    hold: Type.Optional(Type.Boolean()),
    /** Added to the time of every later receipt. */
    receiptsDelayMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Posts every later receipt twice. */
    duplicateReceipts: Type.Optional(Type.Boolean()),
    /** Posts the later receipts last one first; the times in them stay true. */
    reverseReceipts: Type.Optional(Type.Boolean()),
    /** With `slowMs`: the later receipts do not wait for the answer and may come before it. */
    earlyReceipts: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type Behaviour = Static<typeof Behaviour>

/** All behaviours that are in force, in memory. */
export interface Control {
  set(behaviour: Behaviour): void
  clear(): void
  /** The newest behaviour that fits, one of its times used up; {} when none does. */
  next(agency: string, documentType: string): Behaviour
  /** Those in force, newest first. */
  list(): Behaviour[]
}

/** Holds how agencies misbehave. Until something is set they behave. */
export function createControl(): Control {
  let rules: { behaviour: Behaviour; left: number }[] = []
  return {
    set(behaviour) {
      // One without end hides all older ones for the same messages.
      if (behaviour.times === undefined)
        rules = rules.filter(
          (r) => r.behaviour.agency !== behaviour.agency || r.behaviour.documentType !== behaviour.documentType,
        )
      rules.unshift({ behaviour, left: behaviour.times ?? Infinity })
    },
    clear() {
      rules = []
    },
    next(agency, documentType) {
      const rule = rules.find(
        ({ behaviour: b }) => (b.agency ?? agency) === agency && (b.documentType ?? documentType) === documentType,
      )
      if (!rule) return {}
      if (--rule.left === 0) rules = rules.filter((r) => r !== rule)
      return rule.behaviour
    },
    list: () => rules.map(({ behaviour, left }) => (Number.isFinite(left) ? { ...behaviour, times: left } : behaviour)),
  }
}

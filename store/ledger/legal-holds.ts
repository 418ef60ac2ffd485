// legal-holds — legal holds 法务保全: messages whose bytes are kept in any case, until somebody releases the hold.

/**
 * `message`: an id. `partner`: all messages of a partner. `company`: all that name this company as their filer, and all
 * of the partners it is registered for.
 */
export const legalHoldKinds = ['message', 'partner', 'company'] as const
/** What a hold names: one message, a partner's, or those of a company. */
export type LegalHoldKind = (typeof legalHoldKinds)[number]

/** What is to be kept, who wants it and why. */
export interface NewLegalHold {
  kind: LegalHoldKind
  value: string
  /** It ends by itself then; absent: when it is released. */
  until?: Date | undefined
  why: string
  who: string
}

/** A hold that was put; a released one stays in the list. */
export interface LegalHold extends NewLegalHold {
  /** Its number. */
  n: number
  at: Date
  released?: { at: Date; who: string; why: string }
}

/** Each is in the audit by the caller's `audited`. */
export interface LegalHolds {
  /** @throws HubError HUB_OPS_NOT_FOUND for a message or a partner that is not there */
  hold(hold: NewLegalHold, now: Date): Promise<LegalHold>
  /** Those in force, or with `all` also those that ended, the newest first. */
  legalHolds(now: Date, all?: boolean): Promise<LegalHold[]>
  /** False when there is none of that number, or it was released before. */
  releaseHold(n: number, by: { who: string; why: string }, now: Date): Promise<boolean>
}

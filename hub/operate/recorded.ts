// recorded — an act of a person and its record in the audit: who, what and why. Both are one write, so that neither is
// ever in the ledger without the other.
import { loggedUrl } from '../../messages/logged-url.js'
import type { Operator } from '../../messages/operator.js'
import type { AuditDetail } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'

/** What is done to what (`dead.replay`, a submission), and by whom. */
export interface Act {
  by: Operator
  action: string
  target: string
  detail?: AuditDetail
}

/** @see [createRecorded](./recorded.ts) */
export type RecordAct = <T>(act: Act, change: () => Promise<T>) => Promise<T>

interface RecordedParts {
  ledger: Pick<Ledger, 'audited'>
  log: { warn(ids: object, event: string): void }
  /** What the log calls it. */
  event: string
  now: () => Date
}

/** An act that resolves with undefined or `false` found nothing to do; then nothing is recorded. */
export function createRecorded({ ledger, log, event, now }: RecordedParts): RecordAct {
  return async function recorded<T>({ by, action, target, detail = {} }: Act, change: () => Promise<T>): Promise<T> {
    const done = await ledger.audited({ at: now(), who: by.who, action, target, why: by.why ?? '', detail }, change)
    if (done === false || done === undefined) return done
    log.warn(
      {
        who: by.who,
        action,
        target,
        why: by.why,
        ...detail,
        ...(typeof detail.url === 'string' ? { url: loggedUrl(detail.url) } : {}),
      },
      event,
    )
    return done
  }
}

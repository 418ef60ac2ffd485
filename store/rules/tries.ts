// tries — what an ended try says of where the message is, as both engines ask it in SQL of their attempt rows.
import { errorCodes, type ErrorCode } from '../../messages/errors.js'

/** Ends of a try that never reached the agency. */
const neverLeft = ['HUB_AGENCY_UNAVAILABLE', 'HUB_AGENCY_UNCONFIGURED', 'HUB_SIGNER_UNAVAILABLE'] satisfies ErrorCode[]
/** Ends of a try of which nobody knows whether the agency took the message. */
const ambiguous = Object.entries(errorCodes).flatMap(([code, { class: kind }]) => (kind === 'ambiguous' ? [code] : []))

const list = (codes: readonly string[]) => codes.map((code) => `'${code}'`).join(', ')

/** Condition on an attempt row of this name: this try may have reached the agency. */
export const mayHaveArrived = (row: string) => `not (${row}.outcome = 'retry' and ${row}.code in (${list(neverLeft)}))`

/** Condition on an attempt row of this name: this try may have been taken, and it was simply made again. */
export const wasInDoubt = (row: string) => `${row}.outcome = 'retry' and ${row}.code in (${list(ambiguous)})`

/**
 * Condition on an attempt row of this name: it was in doubt, and was made again, or somebody has decided about it. An
 * agency that answers all the same had it.
 */
export const onceInDoubt = (row: string) => `(${wasInDoubt(row)} or ${row}.outcome like 'resolved:%')`

/**
 * Condition on an attempt row of this name: it was in doubt, and nobody has settled since what became of it, neither
 * the agency when it was asked nor a person.
 */
export const inDoubt = (row: string) => `${wasInDoubt(row)}
    and ${row}.attempt > coalesce((select max(r.attempt) from attempt r
      where r.submission_id = ${row}.submission_id and r.outcome like 'resolved:%'), 0)`

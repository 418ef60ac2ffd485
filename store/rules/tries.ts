// tries — what an ended try says of where the message is, as both engines ask it in SQL of their attempt rows.
import type { ErrorCode } from '../../messages/errors.js'

/** Ends of a try that never reached the agency. */
const neverLeft = ['HUB_AGENCY_UNAVAILABLE', 'HUB_AGENCY_UNCONFIGURED', 'HUB_SIGNER_UNAVAILABLE'] satisfies ErrorCode[]
/** It reached the agency, which said that it did not take it. */
const turnedAway = ['HUB_AGENCY_BUSY'] satisfies ErrorCode[]

const list = (codes: readonly string[]) => codes.map((code) => `'${code}'`).join(', ')

/** Condition on an attempt row of this name: this try may have reached the agency. */
export const mayHaveArrived = (row: string) => `not (${row}.outcome = 'retry' and ${row}.code in (${list(neverLeft)}))`

/**
 * Condition on an attempt row of this name: this try may have been taken, it was simply made again, and nobody has
 * settled since what became of it, neither the agency when it was asked nor a person.
 */
export const inDoubt = (row: string) => `${row}.outcome = 'retry'
    and ${row}.code not in (${list([...neverLeft, ...turnedAway])})
    and ${row}.attempt > coalesce((select max(r.attempt) from attempt r
      where r.submission_id = ${row}.submission_id and r.outcome like 'resolved:%'), 0)`

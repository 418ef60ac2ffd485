// reason — why an operator does something: obligatory where the act decides something, else as the operator likes.
import { Type } from 'typebox'

/** The reason an operator gives for an act: a sentence, kept in the audit. */
export const why = Type.String({ minLength: 1, maxLength: 500 })
/** The body of a call that needs nothing but a reason. */
export const Why = Type.Object({ why })

/** Who does it and why, as verbs take it for the audit. */
export const because = (who: string, reason: string | undefined) => ({
  who,
  ...(reason === undefined ? {} : { why: reason }),
})

// ops-lists — lists a person works off: how long they are, and what of them an operator sees who is limited to some
// agencies.
import { Type } from 'typebox'
import type { SignedIn } from '../../../../messages/operator.js'
import { only } from '../../../../messages/ops-rights.js'

/** How many of a list, at most. */
export const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })) })
/** What is beyond comes once these are done with. */
const mostLookedAt = 5_000

/**
 * Of a list that is short: all that there is, then what is of the account's agencies.
 * @param read the list from its beginning, at most so many
 */
export async function shown<T extends { agency?: string | undefined }>(
  who: SignedIn,
  read: (most: number) => Promise<T[]>,
  limit = 100,
): Promise<T[]> {
  if (who.agencies === undefined) return read(limit)
  return only(who, await read(mostLookedAt)).slice(0, limit)
}

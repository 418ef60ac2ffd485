// try-id — the id of a try tells where it was made: `att_01JD8Z…-3f09a2c1`. What is not found at another place may
// still have arrived at this one.
import { newId } from './ids.js'

/**
 * A new id for a try.
 * @param place letters and digits that name the place it is made at; absent: nothing is told of it
 */
export const newTryId = (place?: string): string => (place === undefined ? newId('att') : `${newId('att')}-${place}`)

/** Where this try was made; undefined where its id does not tell. */
export const placeOfTry = (tryId: string): string | undefined => /^att_\w+-(\w+)$/.exec(tryId)?.[1]

/** The id of the receipt that tells of a try: the same for the same try. */
export const receiptIdOfTry = (tryId: string): string => `rcp_${tryId.slice(4).replace(/-.*/, '')}`

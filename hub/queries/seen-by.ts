// seen-by — whose filings a partner sees in its queries: its own, and those of owners that let it, as far as they let
// it.
import { coversOperation, type KeptGrant } from '../../messages/filing-grant.js'

/** The filings of one owner that the asker may see. */
export interface Seen {
  owner: string
  /** The owner, where it is not the asker. */
  sharedBy?: string
  /** Is anything filed under this operation seen? */
  covers(operation: string): boolean
  /** Undefined: all that is filed under it; else only what names one of these companies. */
  companies(operation: string): string[] | undefined
}

/** @param grants those in force, of any owners */
export function seenBy(partnerId: string, grants: readonly KeptGrant[]): Seen[] {
  const owners = [...new Set(grants.map(({ owner }) => owner))].filter((owner) => owner !== partnerId)
  return [
    { owner: partnerId, covers: () => true, companies: () => undefined },
    ...owners.map((owner): Seen => {
      const given = grants.filter((one) => one.owner === owner)
      const about = (operation: string) => given.filter((one) => coversOperation(one, operation))
      return {
        owner,
        sharedBy: owner,
        covers: (operation) => about(operation).length > 0,
        companies(operation) {
          const codes = about(operation).map(({ company }) => company)
          return codes.includes('') ? undefined : codes
        },
      }
    }),
  ]
}

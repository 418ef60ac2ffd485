// filing-grants — who lets whom see its filings, and who lets whom file for it, until when.
import type { KeptAgentUse, KeptGrant, WhichGrants } from '../../messages/filing-grant.js'

/** A grant ends by its date; an ended one is seen by its owner and gives nothing. */
export interface FilingGrants {
  /**
   * The same owner, partner, operation and company again changes `until`.
   * False, and nothing is written, when it would be one more than `most` of this owner.
   */
  grantFilings(grant: KeptGrant, terms: { most: number }): Promise<boolean>
  /** Ends every grant that is meant. False when there is none. */
  revokeFilings(owner: string, which: WhichGrants): Promise<boolean>
  /** All an owner has given and not revoked, the expired ones too. */
  filingGrants(owner: string): Promise<KeptGrant[]>
  /** What a partner may see now: not expired, and of no owner that is disabled or not there. */
  filingGrantsTo(partner: string, now: Date): Promise<KeptGrant[]>
}

/** Who lets whom file in its name: as `FilingGrants`, in a table of its own. */
export interface AgentGrants {
  grantAgent(grant: KeptGrant, terms: { most: number }): Promise<boolean>
  revokeAgent(owner: string, which: WhichGrants): Promise<boolean>
  agentGrants(owner: string): Promise<KeptGrant[]>
  /** For whom a partner may file now: not expired, and of no owner that is disabled or not there. */
  agentGrantsTo(partner: string, now: Date): Promise<KeptGrant[]>
  /** How often each grant was used, of those a partner gave and of those it used; the last used first. */
  agentUses(partner: string): Promise<KeptAgentUse[]>
}

// agencies — what people have said of agencies: paused, or closed from when to when.
import type { AgencyHold } from '../../messages/agency-hold.js'

/** Kept in the ledger, so that they outlive a restart and all hubs of a ledger see them. */
export interface AgencyHolds {
  agencyHolds(): Promise<Map<string, AgencyHold>>
  /** Changes what is said of an agency: what it is now. Two changes at once are made one after the other. */
  holdAgency(agency: string, change: (before: AgencyHold) => AgencyHold, now: Date): Promise<AgencyHold>
}

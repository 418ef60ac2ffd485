// audit — who did what to which submission, reply, partner or agency, and why.
import type { AuditFilter } from '../../messages/filters.js'
import type { AuditDetail } from '../../messages/views/index.js'

/** Who did what to which submission, reply, partner or agency, and why. */
export interface AuditEntry {
  /** Its place; given out by the ledger. */
  n?: number
  at: Date
  who: string
  action: string
  target: string
  why: string
  detail?: AuditDetail
}

/** Entries are never changed and never deleted. */
export interface Audit {
  /**
   * Does what a person wants done, and keeps who wanted it, in one write: neither is ever there without the other. The
   * entry goes into the first
   * write that `change` makes; a write that says `false` (there was nothing to do) leaves none.
   */
  audited<T>(entry: AuditEntry, change: () => Promise<T>): Promise<T>
  audit(entry: AuditEntry): Promise<void>
  /** The newest first; of one target (a submission, reply, partner, agency) or all. */
  audits(limit: number, target?: string, which?: AuditFilter): Promise<AuditEntry[]>
}

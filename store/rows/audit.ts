// audit — an entry of the audit as both engines keep it.
import type { AuditDetail } from '../../messages/views/index.js'
import type { AuditEntry } from '../ledger.js'

/** `at` in milliseconds since 1970, `detail` JSON. */
export interface AuditRow {
  n: number
  at: number
  who: string
  action: string
  target: string
  why: string
  /** JSON. */
  detail: string
}

/** What a statement must select to have a whole AuditRow. */
export const auditColumns = 'n, at, who, action, target, why, detail'

/** The entry as it was made. */
export const toAuditEntry = ({ at, detail, ...row }: AuditRow): AuditEntry => ({
  ...row,
  at: new Date(at),
  detail: JSON.parse(detail) as AuditDetail,
})

/** The row to insert. A reason is cut at 500 characters. */
export const fromAuditEntry = ({ at, who, action, target, why, detail = {} }: AuditEntry): Omit<AuditRow, 'n'> => ({
  at: at.getTime(),
  who,
  action,
  target,
  why: why.slice(0, 500),
  detail: JSON.stringify(detail),
})

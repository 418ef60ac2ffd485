// audit — an entry of the audit as both engines keep it.
import type { AuditDetail } from '../../messages/views/index.js'
import type { AuditEntry } from '../ledger.js'

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

export const auditColumns = 'n, at, who, action, target, why, detail'

export const toAuditEntry = ({ at, detail, ...row }: AuditRow): AuditEntry => ({
  ...row,
  at: new Date(at),
  detail: JSON.parse(detail) as AuditDetail,
})

export const fromAuditEntry = ({ at, who, action, target, why, detail = {} }: AuditEntry): Omit<AuditRow, 'n'> => ({
  at: at.getTime(),
  who,
  action,
  target,
  why: why.slice(0, 500),
  detail: JSON.stringify(detail),
})

// filing-grant — a grant as both engines keep it: who lets whom see its filings, or file for it.
import type { KeptGrant } from '../../messages/filing-grant.js'

export interface GrantRow {
  owner: string
  partner: string
  operation: string
  company: string
  until: number
  granted_at: number
}

export const grantColumns = 'g.owner, g.partner, g.operation, g.company, g.until, g.granted_at'

/** Which grants; null is any, as undefined is. */
export interface WhichGrants {
  partner: string
  operation?: string | null | undefined
  company?: string | null | undefined
}

export const toGrant = ({ until, granted_at, ...grant }: GrantRow): KeptGrant => ({
  ...grant,
  until: new Date(until),
  grantedAt: new Date(granted_at),
})

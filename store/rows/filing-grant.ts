// filing-grant — a grant as both engines keep it, and how often it was used: who lets whom see its filings, or file for
// it.
import type { KeptAgentUse, KeptGrant } from '../../messages/filing-grant.js'

/** An empty operation or company: all of them. Times in milliseconds since 1970. */
export interface GrantRow {
  owner: string
  partner: string
  operation: string
  company: string
  until: number
  granted_at: number
}

/** What a statement must select of `g` to have a whole GrantRow. */
export const grantColumns = 'g.owner, g.partner, g.operation, g.company, g.until, g.granted_at'

/** Which grants; null is any, as undefined is. */
export interface GrantFilter {
  partner: string
  operation?: string | null | undefined
  company?: string | null | undefined
}

/** The grant as the hub works with it. */
export const toGrant = ({ until, granted_at, ...grant }: GrantRow): KeptGrant => ({
  ...grant,
  until: new Date(until),
  grantedAt: new Date(granted_at),
})

/** How often a grant was used and when, times in milliseconds since 1970. */
export interface AgentUseRow {
  owner: string
  partner: string
  operation: string
  company: string
  first_at: number
  last_at: number
  filings: number
}

/** What a statement must select to have a whole AgentUseRow. */
export const useColumns = 'owner, partner, operation, company, first_at, last_at, filings'

/** The last used first. */
export const toUses = (rows: readonly AgentUseRow[]): KeptAgentUse[] =>
  rows
    .map(({ first_at, last_at, ...use }) => ({ ...use, firstAt: new Date(first_at), lastAt: new Date(last_at) }))
    .sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime())

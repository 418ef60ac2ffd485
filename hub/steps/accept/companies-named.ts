// companies-named — the companies a message is filed by and for: which of them its partner may not file for, and the
// grants by which it may.
import { strangersAmong, type NamedCompany } from '../../../messages/companies.js'
import { fault } from '../../../messages/errors.js'
import type { Fault } from '../../../messages/fault.js'
import type { GrantScope } from '../../../messages/filing-grant.js'
import type { Partner } from '../../../messages/partner.js'
import type { Principal } from './principals.js'

/**
 * The companies that let a partner file in their name, under an operation, each with the grant that says so.
 * @see [createPrincipalsOf](./principals.ts)
 */
export type PrincipalsOf = (partnerId: string, operation: string, now: Date) => Promise<Principal[]>

/** One receipt names so many companies at most; the first is what the sender must mend anyhow. */
const mostStrangers = 20

/** @see [createJudge](./judge.ts) */
export function createCompaniesNamed(principalsOf: PrincipalsOf) {
  /**
   * Companies that are neither this partner's nor let it file for them, and the grants of those that do. Grants are
   * looked up only where there is somebody to file for.
   */
  return async function companiesNamed(
    named: readonly NamedCompany[],
    owner: Partner,
    operation: string,
  ): Promise<{ strangers: NamedCompany[]; filedUnder: GrantScope[] }> {
    const { codes = [], principals = [] } = owner.settings.companies ?? {}
    let strangers = strangersAmong(named, { codes, principals })
    const filedUnder: GrantScope[] = []
    if (strangers.some(({ as }) => as === 'principal'))
      for (const { grant, codes: granted } of await principalsOf(owner.partnerId, operation, new Date())) {
        const left = strangersAmong(strangers, { codes: [], principals: granted })
        if (left.length < strangers.length) filedUnder.push(grant)
        strangers = left
      }
    return { strangers: strangers.slice(0, mostStrangers), filedUnder }
  }
}

/** Says that a message names a company its partner may not file for: a refusal, or a warning, by the code. */
export function companyFault(
  code: 'HUB_COMPANY_FOREIGN' | 'HUB_COMPANY_WARNING',
  { path, value, as }: NamedCompany,
): Fault {
  return { ...fault(code, { path, value }), path, value, rule: `companies.${as}` }
}

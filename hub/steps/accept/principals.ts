// principals — the companies that let a partner file in their name.
import { coversOperation, type GrantScope } from '../../../messages/filing-grant.js'
import type { Ledger } from '../../../store/ledger.js'

/** A grant, and the codes of the companies it lets an agent file for. */
export interface Principal {
  grant: GrantScope
  codes: string[]
}

/**
 * The companies that let this partner file under an operation now: what their own partners file as. A grant that names
 * a company is for that one of them. The narrowest grants come first: of several that let a message be filed, the one
 * that was meant for it is the one that was used.
 */
export function createPrincipalsOf(ledger: Pick<Ledger, 'agentGrantsTo' | 'getPartner'>) {
  return async function principalsOf(agent: string, operation: string, now: Date): Promise<Principal[]> {
    const grants = (await ledger.agentGrantsTo(agent, now)).filter((grant) => coversOperation(grant, operation))
    const narrow = ({ company, operation: covered }: GrantScope) => (company === '' ? 0 : 1000) + covered.length
    return Promise.all(
      [...grants]
        .sort((a, b) => narrow(b) - narrow(a))
        .map(async ({ owner, operation: covered, company }) => {
          const own = (await ledger.getPartner(owner))?.settings.companies?.codes ?? []
          const codes = own.filter((code) => company === '' || code.trim().toUpperCase() === company)
          return { grant: { owner, operation: covered, company }, codes }
        }),
    )
  }
}

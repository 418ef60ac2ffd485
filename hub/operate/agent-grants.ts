// agent-grants — a company lets a partner file in its name, until a date and for an operation: given by the company's
// own partner, or by an operator in its name. As grants to see filings, with a table and acts of the audit of their
// own.
import { agentUseOf, coversOperation, type GrantScope } from '../../messages/filing-grant.js'
import type { Routing } from '../../routing/operation.js'
import type { Ledger } from '../../store/ledger.js'
import { createFilingGrants } from './filing-grants.js'

interface AgentGrantsParts {
  ledger: Ledger
  routing: Pick<Routing, 'operations'>
  log: { warn(ids: object, event: string): void }
}

export function createAgentGrants({ ledger, routing, log }: AgentGrantsParts) {
  const grants = createFilingGrants({
    ledger: {
      grantFilings: ledger.grantAgent,
      revokeFilings: ledger.revokeAgent,
      filingGrants: ledger.agentGrants,
      filingGrantsTo: ledger.agentGrantsTo,
      audited: ledger.audited,
      audits: ledger.audits,
      getPartner: ledger.getPartner,
    },
    routing,
    actions: { granted: 'agent.grant', revoked: 'agent.revoke' },
    log,
  })
  const uses = async (partnerId: string) => (await ledger.agentUses(partnerId)).map(agentUseOf)
  return {
    agentGrants: async (partnerId: string) => ({
      ...(await grants.filingGrants(partnerId)),
      uses: await uses(partnerId),
    }),
    grantAgent: grants.grantFilings,
    revokeAgent: grants.revokeFilings,
    grantAgentOf: grants.grantFilingsOf,
    revokeAgentOf: grants.revokeFilingsOf,
    async agentGrantsOf(owner: string) {
      const found = await grants.filingGrantsOf(owner)
      return found && { given: found.given, received: found.received, uses: await uses(owner) }
    },
  }
}

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

// agent-grants — a company lets a partner file in its name, until a date and for an operation: given by the company's
// own partner, or by an operator in its name. As grants to see filings, with a table and acts of the audit of their
// own.
import { coversOperation } from '../../messages/filing-grant.js'
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
  return {
    agentGrants: grants.filingGrants,
    grantAgent: grants.grantFilings,
    revokeAgent: grants.revokeFilings,
    grantAgentOf: grants.grantFilingsOf,
    revokeAgentOf: grants.revokeFilingsOf,
    async agentGrantsOf(owner: string) {
      const found = await grants.filingGrantsOf(owner)
      return found && { given: found.given, received: found.received }
    },
  }
}

/**
 * The codes of companies that let this partner file under an operation now: what their own partners file as. A grant
 * that names a company is for that one of them.
 */
export function createPrincipalsOf(ledger: Pick<Ledger, 'agentGrantsTo' | 'getPartner'>) {
  return async function principalsOf(agent: string, operation: string, now: Date): Promise<string[]> {
    const grants = (await ledger.agentGrantsTo(agent, now)).filter((grant) => coversOperation(grant, operation))
    const codes = await Promise.all(
      grants.map(async ({ owner, company }) => {
        const own = (await ledger.getPartner(owner))?.settings.companies?.codes ?? []
        return own.filter((code) => company === '' || code.trim().toUpperCase() === company)
      }),
    )
    return [...new Set(codes.flat())]
  }
}

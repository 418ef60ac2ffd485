// agent-grants — a company lets a partner file in its name, until a date and for an operation: given by the company's
// own partner, or by an operator in its name. As grants to see filings, with a table and acts of the audit of their
// own.
import { agentUseOf } from '../../messages/filing-grant.js'
import type { Routing } from '../../routing/operation.js'
import type { Ledger } from '../../store/ledger.js'
import { createFilingGrants } from './filing-grants.js'

interface AgentGrantsParts {
  ledger: Ledger
  routing: Pick<Routing, 'operations'>
  log: { warn(ids: object, event: string): void }
}

/** Like [createFilingGrants](./filing-grants.ts), for filing in another's name. */
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

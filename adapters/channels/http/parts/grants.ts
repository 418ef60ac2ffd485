// grants — who may see what a partner filed, and who may file in its name.
import type {
  FilingGrant,
  GrantGiven,
  GrantReceived,
  GrantUse,
  WhichGrants,
} from '../../../../messages/filing-grant.js'
import type { Operator } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'

interface Grants {
  given: GrantGiven[]
  received: GrantReceived[]
}

/** Who may see what a partner filed. @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface FilingGrantParts {
  /** What a partner has given, and what it was given. */
  filingGrants: (partnerId: string) => Promise<Grants>
  /** Who saw something by its grants, the newest first. */
  grantUses: (owner: string) => Promise<GrantUse[]>
  /** Rejects with a HubError when the grant is wrong, or the partner gives too many. */
  grantFilings: (owner: string, grant: FilingGrant) => Promise<void>
  /** Rejects with HUB_NOT_FOUND when there is no such grant. */
  revokeFilings: (owner: string, which: WhichGrants) => Promise<void>
  /** An operator's, in the owner's name. */
  grantFilingsOf: (owner: string, grant: FilingGrant, by: Operator) => Promise<void>
  revokeFilingsOf: (owner: string, which: WhichGrants, by: Operator) => Promise<void>
  /** Undefined when there is no such partner. */
  filingGrantsOf: (owner: string) => Promise<(Grants & { uses: GrantUse[] }) | undefined>
}

/**
 * Who may file in whose name; as `FilingGrantParts`.
 * @see [createAgentGrants](../../../../hub/operate/agent-grants.ts)
 */
export interface AgentGrantParts {
  agentGrants: (partnerId: string) => Promise<view.AgentList>
  grantAgent: (owner: string, grant: FilingGrant) => Promise<void>
  revokeAgent: (owner: string, which: WhichGrants) => Promise<void>
  grantAgentOf: (owner: string, grant: FilingGrant, by: Operator) => Promise<void>
  revokeAgentOf: (owner: string, which: WhichGrants, by: Operator) => Promise<void>
  /** Undefined when there is no such partner. */
  agentGrantsOf: (owner: string) => Promise<view.AgentList | undefined>
}

// query-mode — who answers a query: the agency, the hub from its ledger, or both, the agency's rows before the hub's.
import type { QueryShape } from '../../messages/queries/shape.js'

/** Who may answer a query, as hub.yaml writes it. */
export const queryModes = ['agency', 'hub', 'both'] as const
/** Who answers a query: the agency, the hub from its ledger, or both. */
export type QueryMode = (typeof queryModes)[number]

/** What the hub's own ledger is called among the agencies questions go to. */
export const hubAgency = 'hub'

interface QuerySettings {
  answeredBy?: QueryMode
  operations: Readonly<Record<string, QueryMode>>
}

/**
 * @param reachable whether the agency is reached by calls: an import folder takes filings, and answers no questions
 */
export function modeOf(
  { answeredBy, operations }: QuerySettings,
  operation: string,
  shape: Pick<QueryShape, 'reference' | 'of'>,
  reachable: boolean,
): QueryMode {
  // Of what the authority itself publishes the hub knows nothing.
  if (shape.reference) return 'agency'
  const [best] = Object.keys(operations)
    .filter((code) => operation === code || operation.startsWith(`${code}.`))
    .sort((a, b) => b.length - a.length)
  return (best === undefined ? answeredBy : operations[best]) ?? (reachable ? 'both' : 'hub')
}

// connect — an agency's settings become a connector, whatever its kind.
import type { Connector, FetchedAnswer } from '../../adapters/connectors/connector.js'
import { withDefaults, type ConnectorGiven } from '../../adapters/connectors/kind.js'
import { kindOf, type AgencySettings } from './settings.js'

export interface ConnectParts extends Omit<ConnectorGiven, 'deadlineMs' | 'secret' | 'found'> {
  env: NodeJS.ProcessEnv
  /** Keeps what a connector that fetches has found, for whichever of these agencies it concerns. */
  found: (agencies: string[], answer: FetchedAnswer) => Promise<void>
}

/** Who shares the connector, asked when something is found. */
export type Connect = (settings: AgencySettings, deadlineMs: number, agencies: () => string[]) => Connector

export function createConnect({ env, found, ...given }: ConnectParts): Connect {
  const secret = (name: string | undefined) => (name === undefined ? undefined : env[name])
  return function connect(settings, deadlineMs, agencies) {
    const kind = kindOf(settings)
    return kind.create(withDefaults(kind, settings), {
      ...given,
      deadlineMs,
      secret,
      found: (answer) => found(agencies(), answer),
    })
  }
}

// connect — an agency's settings become a connector, whatever its kind.
import type { Connector, FetchedAnswer } from '../../adapters/connectors/connector.js'
import { withDefaults, type ConnectorGiven } from '../../adapters/connectors/kind.js'
import type { Leases } from '../base/leases.js'
import { kindOf, type AgencySettings } from './settings.js'

/** @see [startAgencies](../boot/agencies.ts) */
interface ConnectParts extends Omit<ConnectorGiven, 'deadlineMs' | 'secret' | 'found' | 'alone'> {
  env: NodeJS.ProcessEnv
  /** What one hub alone does. Default: there is no other hub. */
  leases?: Pick<Leases, 'want' | 'under'>
  /** Keeps what a connector that fetches has found, for whichever of these agencies it concerns. */
  found: (agencies: string[], answer: FetchedAnswer) => Promise<void>
}

/** Who shares the connector, asked when something is found. */
export type Connect = (settings: AgencySettings, deadlineMs: number, agencies: () => string[]) => Connector

const noOther: Pick<Leases, 'want' | 'under'> = { want: () => () => {}, under: (_, work) => work() }

/** Makes connectors. Of hubs that share a ledger, one fetches for each connector: the one that has its lease. */
export function createConnect({ env, found, leases = noOther, ...given }: ConnectParts): Connect {
  const secret = (name: string | undefined) => (name === undefined ? undefined : env[name])
  return function connect(settings, deadlineMs, agencies) {
    const kind = kindOf(settings)
    const wanted = new Map<string, () => void>()
    const made = kind.create(withDefaults(kind, settings), {
      ...given,
      deadlineMs,
      secret,
      found: (answer) => found(agencies(), answer),
      alone(work) {
        // Those who share it are the same in every hub, and the first of them names it.
        const name = `fetch:${agencies()[0] ?? 'none'}`
        if (!wanted.has(name)) wanted.set(name, leases.want(name))
        return leases.under(name, work)
      },
    })
    return {
      ...made,
      async close() {
        for (const unwant of wanted.values()) unwant()
        await made.close()
      },
    }
  }
}

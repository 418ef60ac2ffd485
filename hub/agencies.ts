// agencies — how each agency is reached, from the configuration: its connector, made when first used, its policy, its token.
import { timingSafeEqual } from 'node:crypto'
import type { Connector } from '../adapters/connectors/connector.js'
import { createHttpConnector } from '../adapters/connectors/http/http-connector.js'
import { policyOf, type AgencyConfig, type Config } from './config.js'
import { hashSecret } from './partner-book.js'

export interface AgenciesParts {
  config: Config
  env: NodeJS.ProcessEnv
  /** The demo's simulator, for agencies nothing is configured for. */
  fallback?: () => { url: string; token: string } | undefined
}

export function createAgencies({ config, env, fallback }: AgenciesParts) {
  const connectors = new Map<string, Connector>()
  const configOf = (agency: string): AgencyConfig | undefined => {
    const own = config.agencies[agency] ?? config.agencies.default
    const simulator = own ? undefined : fallback?.()
    return own ?? (simulator && { connector: 'http', url: `${simulator.url}/{agency}`, statusQuery: true })
  }

  function connect(agency: string, own: AgencyConfig): Connector {
    const token = own.tokenEnv === undefined ? undefined : env[own.tokenEnv]
    return createHttpConnector({ url: own.url.replaceAll('{agency}', agency), deadlineMs: policyOf(config, agency).deadlineSeconds * 1000, statusQuery: own.statusQuery ?? false, token, ...(own.headers ? { headers: own.headers } : {}) })
  }

  return {
    connector(agency: string): Connector {
      const known = connectors.get(agency)
      if (known) return known
      const own = configOf(agency)
      // Kept in the queue until somebody configures it: nothing is lost for want of a setting.
      if (!own) return unconfigured
      const made = connect(agency, own)
      connectors.set(agency, made)
      return made
    },
    policy: (agency: string) => policyOf(config, agency),
    tokenValid(agency: string, token: string): boolean {
      const name = (config.agencies[agency] ?? config.agencies.default)?.callbackTokenEnv
      const wanted = name === undefined ? fallback?.()?.token : env[name]
      return wanted !== undefined && wanted !== '' && timingSafeEqual(Buffer.from(hashSecret(wanted)), Buffer.from(hashSecret(token)))
    },
    async close() {
      await Promise.all([...connectors.values()].map((c) => c.close()))
    },
  }
}

const unconfigured: Connector = {
  send: async () => ({ outcome: 'transient', code: 'HUB_AGENCY_UNCONFIGURED', detail: 'no connector is configured', retryAfterSeconds: 60 }),
  close: async () => {},
}

// start-tracing — traces where a collector is named; where none is, nothing of it is even loaded.
import type { Tracing } from '../../monitoring/tracing.js'
import { processName } from '../agencies/traffic.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/config-error.js'
import type { Log } from '../base/log.js'
import { loggedUrl } from '../../messages/logged-url.js'

interface TracingSettings {
  env: NodeJS.ProcessEnv
  version: string
  roles: Config['roles']
  /** Told of every batch. */
  told: (outcome: 'sent' | 'lost', count: number) => void
  log: Log
}

/** @throws ConfigError when a variable for a header is not set */
export async function startTracing(
  { url, headersEnv = {}, share }: NonNullable<Config['tracing']>,
  { env, version, roles, told, log }: TracingSettings,
): Promise<Tracing> {
  const missing = Object.values(headersEnv).filter((name) => !env[name])
  if (missing.length > 0)
    throw new ConfigError(missing.map((name) => `tracing/headersEnv: the environment variable ${name} is not set`))
  const { createTracing } = await import('../../monitoring/tracing.js')
  const to = loggedUrl(url)
  let away = false
  /** Said once when the collector is lost, and once when it is back. */
  function sent(count: number, error?: Error): void {
    told(error ? 'lost' : 'sent', count)
    if (error && !away)
      log.warn({ url: to, error: error.message }, 'traces: the collector does not take them; messages go on')
    if (!error && away) log.info({ url: to }, 'traces: the collector takes them again')
    away = error !== undefined
  }
  const headers = Object.fromEntries(Object.entries(headersEnv).map(([name, variable]) => [name, env[variable]!]))
  log.info({ url: to, share }, 'traces on')
  return createTracing({ url, headers, share, process: { version, instance: processName, roles }, sent })
}

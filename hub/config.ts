// config — where the hub lives and how it behaves: defaults, then hub.yaml, then the environment. Every fault is reported at once.
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { readAgencies, type AgencySettings } from './agencies/settings.js'
import { Retention } from './retention-rules.js'
import { valueFaults } from './value-faults.js'

export const Config = Type.Object(
  {
    dataDir: Type.String({ default: './data' }),
    host: Type.String({ default: '127.0.0.1', description: 'Address both doors listen on; 0.0.0.0 for all' }),
    httpPort: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
    sftpPort: Type.Integer({ minimum: 0, maximum: 65535, default: 2222 }),
    logLevel: Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], { default: 'info' }),
    logFile: Type.Optional(Type.String({ description: 'Write the log to this file instead of standard output' })),
    redisUrl: Type.Optional(Type.String({ description: 'Absent: a private redis-server is started in dataDir' })),
    /** Start the agency simulator and a demo partner, and write demo.env. */
    demo: Type.Boolean({ default: false }),
    /** `doors` take messages and hand back receipts, `workers` submit to agencies. A process may be one, the other or both. */
    roles: Type.Array(Type.Enum(['doors', 'workers']), { default: ['doors', 'workers'], minItems: 1 }),
    maxBytes: Type.Integer({ default: 32 * 1024 * 1024, description: 'Largest interchange, after decompression' }),
    maxFaults: Type.Integer({ default: 100, minimum: 1 }),
    checkThreads: Type.Optional(Type.Integer({ minimum: 1 })),
    ratePerSecond: Type.Integer({ default: 2000, description: 'HTTP calls a partner may make each second' }),
    /** When new work is turned away with 503: too many submissions waiting, too little disk left. */
    mostQueued: Type.Integer({ default: 500_000, minimum: 1 }),
    minFreeMegabytes: Type.Integer({ default: 512, minimum: 0 }),
    sweepSeconds: Type.Number({ default: 5, minimum: 0.1 }),
    stopSeconds: Type.Number({ default: 20, description: 'How long a stop waits for work under way' }),
    routingDir: Type.Optional(
      Type.String({
        description:
          'A folder with agencies.yaml, documents/ and catalogue/ in place of the one that comes with the hub',
      }),
    ),
    /** People with a key of their own, so that the audit knows them apart. */
    operators: Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1 }),
        keyEnv: Type.String({ description: 'Environment variable with the key' }),
      }),
      { default: [] },
    ),
    /** Traces by OpenTelemetry. Absent: none are made. */
    tracing: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            pattern: '^https?://.+',
            description: 'Where the collector takes traces by OTLP over HTTP: http://127.0.0.1:4318/v1/traces',
          }),
          headersEnv: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description: 'Header → environment variable with its value, such as the key of the collector',
            }),
          ),
          share: Type.Number({
            default: 1,
            minimum: 0,
            maximum: 1,
            description: 'The share of messages that is traced, whole',
          }),
        },
        { additionalProperties: false },
      ),
    ),
    /** How long bytes are kept. Absent: for ever. */
    retention: Type.Optional(Retention),
    /** Agency code → how it is reached; `default` for those not named. */
    agencies: Type.Unsafe<Record<string, AgencySettings>>(Type.Record(Type.String(), Type.Unknown(), { default: {} })),
  },
  { additionalProperties: false },
)
export type Config = Static<typeof Config>

/** Every fault of the configuration at once, so that one restart shows all. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  constructor(readonly faults: string[]) {
    super(`the configuration has ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

/** Environment variable → setting. The page docs/configuration.md lists the same. */
const variables: Record<string, (value: string) => Partial<Config>> = {
  HUB_DATA: (v) => ({ dataDir: v }),
  HUB_HOST: (v) => ({ host: v }),
  HUB_HTTP_PORT: (v) => ({ httpPort: Number(v) }),
  HUB_SFTP_PORT: (v) => ({ sftpPort: Number(v) }),
  HUB_LOG_LEVEL: (v) => ({ logLevel: v }) as Partial<Config>,
  HUB_LOG_FILE: (v) => ({ logFile: v }),
  HUB_ROLES: (v) => ({ roles: v.split(',') }) as Partial<Config>,
  REDIS_URL: (v) => ({ redisUrl: v }),
  HUB_DEMO: (v) => ({ demo: v === '1' || v === 'true' }),
  HUB_MAX_BYTES: (v) => ({ maxBytes: Number(v) }),
  HUB_CHECK_THREADS: (v) => ({ checkThreads: Number(v) }),
  HUB_RATE_PER_SECOND: (v) => ({ ratePerSecond: Number(v) }),
  HUB_SWEEP_SECONDS: (v) => ({ sweepSeconds: Number(v) }),
  HUB_OTLP_URL: (v) => ({ tracing: { url: v } }) as Partial<Config>,
  HUB_STOP_SECONDS: (v) => ({ stopSeconds: Number(v) }),
}

/** The file the configuration comes from, whether it is there or not. */
export function configFile(env: NodeJS.ProcessEnv, over: Partial<Config> = {}): string {
  return env.HUB_CONFIG ?? join(over.dataDir ?? env.HUB_DATA ?? './data', 'hub.yaml')
}

/**
 * The configuration from `env`, the file it names (`HUB_CONFIG`, else `<dataDir>/hub.yaml` when there) and `over` (command-line options).
 * @throws ConfigError with every fault.
 */
export function loadConfig(env: NodeJS.ProcessEnv, over: Partial<Config> = {}): Config {
  const fromEnv = Object.assign(
    {},
    ...Object.entries(variables).map(([name, read]) => (env[name] ? read(env[name]) : {})),
  ) as Partial<Config>
  const file = configFile(env, over)
  const faults: string[] = []
  let fromFile: unknown = {}
  if (existsSync(file)) {
    try {
      fromFile = parse(readFileSync(file, 'utf8')) ?? {}
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  } else if (env.HUB_CONFIG) faults.push(`HUB_CONFIG: no file ${file}`)
  const merged = Value.Default(Config, { ...(fromFile as object), ...fromEnv, ...over })
  faults.push(...valueFaults(Config, merged))
  const agencies = readAgencies((merged as { agencies?: unknown }).agencies, faults)
  if (faults.length > 0) throw new ConfigError(faults)
  const config = merged as Config
  return { ...config, agencies, dataDir: isAbsolute(config.dataDir) ? config.dataDir : resolve(config.dataDir) }
}

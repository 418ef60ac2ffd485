// config — where the hub lives and how it behaves: defaults, then hub.yaml, then the environment. Every fault is reported at once.
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { readAgencies, type AgencySettings } from '../agencies/settings.js'
import { PartnerSecretsSetting } from '../operate/partner-secrets.js'
import { Retention } from '../operate/retention-rules.js'
import { leastBytesPerSecond } from '../../messages/partner.js'
import { meant, valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { dotted, readYamlFile, settingText } from './yaml-file.js'
import { weakKey, worldFaults } from './world-faults.js'

export const Config = Type.Object(
  {
    dataDir: Type.String({ default: './data' }),
    host: Type.String({ default: '127.0.0.1', description: 'Address both doors listen on; 0.0.0.0 for all' }),
    httpPort: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
    sftpPort: Type.Integer({ minimum: 0, maximum: 65535, default: 2222 }),
    /** TLS at the HTTP door. Absent: plain HTTP, on loopback only unless `http.plain` allows more. */
    tls: Type.Optional(
      Type.Object(
        {
          certFile: Type.String({
            minLength: 1,
            description: 'PEM: the certificate, then those between it and the root',
          }),
          keyFile: Type.String({ minLength: 1, description: 'PEM: its private key' }),
          passphraseEnv: Type.Optional(
            Type.String({ description: 'Environment variable with the passphrase of the key' }),
          ),
          clientCertificates: Type.Enum(['off', 'ask'], {
            default: 'off',
            description: 'ask: partners may show a certificate that was registered for them',
          }),
          clientCaFile: Type.Optional(
            Type.String({ description: 'PEM: authorities whose certificates may be registered by their subject' }),
          ),
          hstsSeconds: Type.Integer({
            default: 31_536_000,
            minimum: 0,
            description: 'How long browsers come back by TLS only; 0: they are not told',
          }),
        },
        { additionalProperties: false },
      ),
    ),
    http: Type.Object(
      {
        plain: Type.Boolean({
          default: false,
          description: 'Plain HTTP on other addresses than loopback: a load balancer in front speaks TLS',
        }),
        trustedProxies: Type.Array(Type.String({ pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$' }), {
          default: [],
          description: 'Addresses and ranges of the proxies whose X-Forwarded-For is believed',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    logLevel: Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], { default: 'info' }),
    logFile: Type.Optional(Type.String({ description: 'Write the log to this file instead of standard output' })),
    redisUrl: Type.Optional(Type.String({ description: 'Absent: a private redis-server is started in dataDir' })),
    /** Start the agency simulator and a demo partner, and write demo.env. */
    demo: Type.Boolean({ default: false }),
    /** `doors` take messages and hand back receipts, `workers` submit to agencies. A process may be one, the other or both. */
    roles: Type.Array(Type.Enum(['doors', 'workers']), { default: ['doors', 'workers'], minItems: 1 }),
    maxBytes: Type.Integer({ default: 32 * 1024 * 1024, description: 'Largest interchange, after decompression' }),
    maxMessages: Type.Integer({
      default: 5000,
      minimum: 1,
      description: 'Most messages of one delivery; an attachment or an empty interchange counts as one',
    }),
    memoryMegabytes: Type.Optional(
      Type.Integer({
        minimum: 256,
        description: 'Memory this process may use. Absent: what its control group allows, else half of the machine',
      }),
    ),
    refusedMegabytesPerDay: Type.Integer({
      default: 256,
      minimum: 0,
      description:
        'Bytes of refused messages of one partner kept a day, in megabytes on disk; beyond it records and receipts only',
    }),
    maxFaults: Type.Integer({ default: 100, minimum: 1 }),
    checkThreads: Type.Optional(Type.Integer({ minimum: 1 })),
    temporaryEndings: Type.Array(Type.String({ minLength: 1, maxLength: 32, pattern: '^[^/\\\\]+$' }), {
      default: [...usualTemporaryEndings],
      description: 'Endings of file names that partners and agencies use while they are still writing',
    }),
    mostSubscriptions: Type.Integer({
      default: 1000,
      minimum: 0,
      description: 'Subscriptions to notices that a partner may make by itself',
    }),
    ratePerSecond: Type.Integer({
      default: 2000,
      minimum: 1,
      description: 'HTTP calls a partner may make each second',
    }),
    rateBytesPerSecond: Type.Integer({
      default: 64 * 1024 * 1024,
      minimum: leastBytesPerSecond,
      description: 'Bytes a partner may send each second, after decompression, over HTTP and SFTP together',
    }),
    /** When new work is turned away with 503: too many submissions waiting, too little disk left. */
    mostQueued: Type.Integer({ default: 500_000, minimum: 1 }),
    minFreeMegabytes: Type.Integer({ default: 512, minimum: 0 }),
    sweepSeconds: Type.Number({ default: 5, minimum: 0.1 }),
    stopSeconds: Type.Number({ default: 20, description: 'How long a stop waits for work under way' }),
    routingDir: Type.Optional(
      Type.String({
        description: 'A folder with agencies.yaml and catalogue/ in place of the one that comes with the hub',
      }),
    ),
    familiesDir: Type.Optional(
      Type.String({
        description: 'A folder of packs, one a published family, in place of the ones that come with the hub',
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
    /** Variables and key files that partners' settings may name. */
    partnerSecrets: Type.Optional(PartnerSecretsSetting),
    /** Where webhooks may lead beside https:// addresses elsewhere. */
    webhooks: Type.Optional(
      Type.Object(
        {
          http: Type.Optional(Type.Boolean({ description: 'http:// too' })),
          loopback: Type.Optional(Type.Boolean({ description: 'This machine itself too' })),
          allow: Type.Optional(Type.Array(Type.String(), { description: 'Addresses that may be called all the same' })),
        },
        { additionalProperties: false },
      ),
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
    /** Tokens of /oauth2/token. */
    tokens: Type.Object(
      {
        minutes: Type.Number({ default: 10, minimum: 1, maximum: 60 }),
        keyFile: Type.Optional(
          Type.String({ description: 'Absent: <dataDir>/token-keys.json. Hubs that share a ledger share it' }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    /** How long the answer to a query is wanted, by the way the query came. */
    queries: Type.Object(
      {
        httpSeconds: Type.Number({ default: 120, minimum: 1 }),
        fileSeconds: Type.Number({ default: 3600, minimum: 1 }),
      },
      { additionalProperties: false, default: {} },
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
    super(
      `the configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} 配置有 ${faults.length} 处错误:\n  ${faults.join('\n  ')}`,
    )
  }
}

const asNumber = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text))
const asFlag = (text: string) => ({ 1: true, true: true, 0: false, false: false })[text.toLowerCase()] ?? text
const asText = (text: string) => text

interface Variable {
  sets: keyof Config
  at?: string
  /** What is read is one of several parts of the setting: it joins the others, those of hub.yaml too. */
  joins?: boolean
  read: (text: string) => unknown
}

/** Environment variable → the setting it sets, and how its text is read. docs/configuration.md lists the same. */
const variables: Record<string, Variable> = {
  HUB_DATA: { sets: 'dataDir', read: asText },
  HUB_HOST: { sets: 'host', read: asText },
  HUB_HTTP_PORT: { sets: 'httpPort', read: asNumber },
  HUB_SFTP_PORT: { sets: 'sftpPort', read: asNumber },
  HUB_LOG_LEVEL: { sets: 'logLevel', read: asText },
  HUB_LOG_FILE: { sets: 'logFile', read: asText },
  HUB_ROLES: { sets: 'roles', read: (text) => text.split(',').map((role) => role.trim()) },
  REDIS_URL: { sets: 'redisUrl', read: asText },
  HUB_DEMO: { sets: 'demo', read: asFlag },
  HUB_MAX_BYTES: { sets: 'maxBytes', read: asNumber },
  HUB_MAX_MESSAGES: { sets: 'maxMessages', read: asNumber },
  HUB_MEMORY_MB: { sets: 'memoryMegabytes', read: asNumber },
  HUB_CHECK_THREADS: { sets: 'checkThreads', read: asNumber },
  HUB_RATE_PER_SECOND: { sets: 'ratePerSecond', read: asNumber },
  HUB_RATE_BYTES_PER_SECOND: { sets: 'rateBytesPerSecond', read: asNumber },
  HUB_SWEEP_SECONDS: { sets: 'sweepSeconds', read: asNumber },
  HUB_TLS_CERT: { sets: 'tls', at: '/tls/certFile', joins: true, read: (certFile) => ({ certFile }) },
  HUB_TLS_KEY: { sets: 'tls', at: '/tls/keyFile', joins: true, read: (keyFile) => ({ keyFile }) },
  HUB_HTTP_PLAIN: { sets: 'http', at: '/http/plain', joins: true, read: (text) => ({ plain: asFlag(text) }) },
  HUB_OTLP_URL: { sets: 'tracing', at: '/tracing/url', read: (url) => ({ url }) },
  HUB_STOP_SECONDS: { sets: 'stopSeconds', read: asNumber },
}

/** Variables that are no settings of this file: of the command line, of the demo, and secrets. */
const otherVariables = [
  'HUB_CONFIG',
  'HUB_URL',
  'HUB_KEY',
  'HUB_OPS_KEY',
  'HUB_SFTP_HOST',
  'HUB_SFTP_USER',
  'HUB_SFTP_KEYFILE',
  'HUB_SIMULATOR_URL',
  'HUB_WEBHOOK_KEY',
]

/** Command-line options and the settings they are. */
const options: Partial<Record<keyof Config, string>> = {
  dataDir: '--data',
  httpPort: '--http-port',
  sftpPort: '--sftp-port',
  demo: '--demo',
}

/** The file the configuration comes from, whether it is there or not. */
export function configFile(env: NodeJS.ProcessEnv, over: ConfigOver = {}): string {
  return env.HUB_CONFIG ?? join(String(over.dataDir ?? env.HUB_DATA ?? './data'), 'hub.yaml')
}

/** Command-line options, as they were typed. */
export type ConfigOver = Partial<Record<keyof Config, string | number | boolean>>

/**
 * The configuration from `env`, the file it names (`HUB_CONFIG`, else `<dataDir>/hub.yaml` when there) and `over` (command-line options).
 * @throws ConfigError with every fault of form.
 */
export function loadConfig(env: NodeJS.ProcessEnv, over: ConfigOver = {}): Config {
  return read(env, over, false)
}

/**
 * The same, and what it names must be there: agencies, environment variables with secrets, key files. What `hub start`, a reload and
 * `hub doctor` ask.
 * @throws ConfigError with every fault of form and of what is named.
 */
export function checkedConfig(env: NodeJS.ProcessEnv, over: ConfigOver = {}): Config {
  return read(env, over, true)
}

function read(env: NodeJS.ProcessEnv, over: ConfigOver, withWorld: boolean): Config {
  const set = Object.entries(variables).filter(([name]) => env[name])
  const file = configFile(env, over)
  const there = existsSync(file)
  const yaml = there ? readYamlFile(file) : undefined
  const texts = [...(yaml?.faults ?? [])]
  if (!there && env.HUB_CONFIG) texts.push(`HUB_CONFIG = "${file}": there is no such file 没有这个文件`)

  const fromEnv: Record<string, unknown> = {}
  for (const [name, { sets, joins, read }] of set) {
    const others = joins ? (fromEnv[sets] ?? (yaml?.value as Record<string, unknown> | undefined)?.[sets]) : undefined
    fromEnv[sets] = joins ? { ...(others as object), ...(read(env[name]!) as object) } : read(env[name]!)
  }
  const merged = Value.Default(Config, { ...(yaml?.value as object), ...fromEnv, ...over }) as Partial<Config>
  const faults = valueFaults(Config, merged)
  const agencies = readAgencies((merged as { agencies?: unknown }).agencies, faults)
  if (withWorld) faults.push(...worldFaults({ ...merged, agencies }, env))
  if (withWorld) texts.push(...weakKey('', env.HUB_OPS_KEY).map((fault) => settingText('HUB_OPS_KEY', fault)))
  texts.push(...new Set(faults.map(inItsPlace)), ...(withWorld ? unknownVariables(env, yaml?.value) : []))
  if (texts.length > 0) throw new ConfigError(texts)
  const config = merged as Config
  return { ...config, agencies, dataDir: isAbsolute(config.dataDir) ? config.dataDir : resolve(config.dataDir) }

  /** By the option, the variable or the line that said it. */
  function inItsPlace(fault: ValueFault): string {
    const top = fault.at.split('/')[1] as keyof Config
    const option = over[top] === undefined ? undefined : options[top]
    if (option) return settingText(option, { ...fault, value: over[top] })
    const variable =
      set.find(([, { sets, at }]) => sets === top && at !== undefined && fault.at.startsWith(at)) ??
      set.find(([, { sets, joins }]) => sets === top && !joins)
    if (variable) {
      const [name, { at = `/${top}` }] = variable
      return settingText(name, fault.at.startsWith(at) ? { ...fault, value: env[name] } : fault)
    }
    return yaml ? yaml.placed(fault) : settingText(dotted(fault.at), fault)
  }
}

/** A variable of the hub's prefix that nobody reads is a slip of the pen, unless hub.yaml names it for a secret, or Kubernetes set it. */
function unknownVariables(env: NodeJS.ProcessEnv, yaml: unknown): string[] {
  const known = [...Object.keys(variables), ...otherVariables]
  const named = JSON.stringify(yaml ?? {})
  return Object.keys(env)
    .filter((name) => name.startsWith('HUB_') && !known.includes(name) && !named.includes(`"${name}"`))
    .filter((name) => !/_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(name) && !/^(tcp|udp):\/\//.test(env[name] ?? ''))
    .map((name) => {
      const near = meant(name, known)
      return settingText(name, {
        at: '',
        en: `no such environment variable${near.en}`,
        zh: `没有这个环境变量${near.zh}`,
        value: env[name],
      })
    })
}

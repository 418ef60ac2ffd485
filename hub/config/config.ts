// config — where the hub lives and how it behaves: defaults, then hub.yaml, then the environment. Every fault is
// reported at once.
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { WebhookReachSetting } from '../../adapters/channels/webhook/settings.js'
import { SignerSettings } from '../../adapters/trust/signer.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { readAgencies, type AgencySettings } from '../agencies/settings.js'
import { PartnerSecretsSetting } from '../operate/partner-secrets.js'
import { TimeStampSettings } from '../../adapters/trust/time-stamp/authority.js'
import { Retention } from '../operate/retention-rules.js'
import { EncryptionSettings } from './encryption.js'
import { leastBytesPerSecond } from '../../messages/partner.js'
import { meant, valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { OperatorsSetting, operatorsOfYaml } from './operators-setting.js'
import { dotted, readYamlFile, settingText } from './yaml-file.js'
import { weakKey, worldFaults } from './world-faults.js'

export const Config = Type.Object(
  {
    dataDir: Type.String({
      default: './data',
      description: 'Folder of the ledger, mailboxes, host key and private Redis',
      zh: '数据目录',
    }),
    host: Type.String({
      default: '127.0.0.1',
      description: 'Address both doors listen on; `0.0.0.0` for all',
      zh: '监听地址',
    }),
    httpPort: Type.Integer({
      minimum: 0,
      maximum: 65535,
      default: 8080,
      description: 'Port of the HTTP door; 0 takes a free one',
      zh: 'HTTP 端口',
    }),
    sftpPort: Type.Integer({
      minimum: 0,
      maximum: 65535,
      default: 2222,
      description: 'Port of the SFTP door; 0 takes a free one',
      zh: 'SFTP 端口',
    }),
    /** TLS at the HTTP door. Absent: plain HTTP, on loopback only unless `http.plain` allows more. */
    tls: Type.Optional(
      Type.Object(
        {
          certFile: Type.String({
            minLength: 1,
            description:
              'PEM: the certificate of the HTTP door, then those between it and the root. Watched: a renewed pair ' +
              'needs no restart ([TLS](operations.md#tls))',
            zh: 'HTTP 服务证书（PEM）',
          }),
          keyFile: Type.String({ minLength: 1, description: 'PEM: its private key', zh: '证书私钥（PEM）' }),
          passphraseEnv: Type.Optional(
            Type.String({
              description: 'Environment variable with the passphrase of the key',
              zh: '私钥口令的环境变量',
            }),
          ),
          clientCertificates: Type.Enum(['off', 'ask'], {
            default: 'off',
            description:
              '`ask`: callers may show a certificate that was registered for a partner ([client ' +
              'certificates](operations.md#client-certificates-客户端证书))',
            zh: '是否请求客户端证书',
          }),
          clientCaFile: Type.Optional(
            Type.String({
              description: 'PEM: authorities whose certificates may be registered by their subject; read at the start',
              zh: '可按主题登记证书的 CA（PEM）',
            }),
          ),
          hstsSeconds: Type.Integer({
            default: 31_536_000,
            minimum: 0,
            description: 'Seconds browsers come back by TLS only; 0: they are not told',
            zh: '浏览器只用 TLS 访问的时间（秒）',
          }),
        },
        { additionalProperties: false },
      ),
    ),
    http: Type.Object(
      {
        plain: Type.Boolean({
          default: false,
          description:
            'Plain HTTP on other addresses than loopback: a load balancer in front speaks TLS. Without it and ' +
            'without `tls` the hub does not start there',
          zh: '允许在非本机地址使用明文 HTTP',
        }),
        trustedProxies: Type.Array(Type.String({ pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$' }), {
          default: [],
          description:
            'Addresses and ranges of the proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`. None: ' +
            'the caller is who connects. Needed behind a load balancer where partners have `addresses`',
          zh: '可信代理的地址',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    logLevel: Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], {
      default: 'info',
      description: 'Least urgent lines that are written to the log',
      zh: '日志级别',
    }),
    logFile: Type.Optional(
      Type.String({
        description: 'File the log is written to. Absent: standard output (in the demo: `<data>/hub.log`)',
        zh: '日志文件',
      }),
    ),
    databaseUrl: Type.Optional(
      Type.String({
        pattern: '^postgres(ql)?://.+',
        description:
          'PostgreSQL 14 or later for the [ledger](postgresql.md): postgresql://user:password@host:5432/database. ' +
          'Absent: SQLite in `dataDir`',
        zh: '账本数据库（PostgreSQL）地址',
      }),
    ),
    payloads: Type.Optional(
      Type.String({
        pattern: '^s3://[a-z0-9][a-z0-9.-]*(/[A-Za-z0-9._/-]*)?$',
        description:
          'Object store for the [bytes of messages](operations.md#bytes-in-an-object-store): s3://bucket/prefix. ' +
          'Absent: in the ledger',
        zh: '存放报文原文的对象存储：s3://桶/前缀',
      }),
    ),
    payloadsEndpoint: Type.Optional(
      Type.String({
        pattern: '^https?://.+',
        description: 'Its address, where it is not AWS: https://minio.example.com:9000',
        zh: '对象存储地址（非 AWS 时）',
      }),
    ),
    payloadsRegion: Type.Optional(
      Type.String({ minLength: 1, description: 'Its region. Absent: us-east-1', zh: '对象存储区域' }),
    ),
    redisUrl: Type.Optional(
      Type.String({
        description:
          'Redis of your own: `redis://user:password@host:6379`, `rediss://` with TLS, or behind sentinels ' +
          '`redis+sentinel://user:password@host:26379,host:26379/name` (`rediss+sentinel://`; `?sentinelPassword=` ' +
          'where theirs is another). Absent: a private `redis-server` is started below `dataDir`',
        zh: 'Redis 地址',
      }),
    ),
    demo: Type.Boolean({
      default: false,
      description: 'Demo partner, `demo.env`, and a simulator for agencies when none is configured',
      zh: '演示模式',
    }),
    roles: Type.Array(Type.Enum(['doors', 'workers', 'deliver', 'poll']), {
      default: ['doors', 'workers'],
      minItems: 1,
      description:
        'What this process does. `doors`: takes messages, at its doors and from partners’ servers; `deliver`: ' +
        'sends to agencies; `poll`: fetches their answers; `workers`: both of these. Receipts go back, agencies ' +
        'are heard and `/ops` is open with any. [When to use one alone](operations.md#drain), [many ' +
        'hubs](scaling.md#many-hubs)',
      zh: '本进程承担的工作',
    }),
    maxBytes: Type.Integer({
      default: 32 * 1024 * 1024,
      description: 'Bytes of the largest interchange, after decompression',
      zh: '单个报文的最大字节数（解压后）',
    }),
    maxMessages: Type.Integer({
      default: 5000,
      minimum: 1,
      description:
        'Most messages of one delivery, of all its interchanges and all files of a zip together. An attachment ' +
        'counts as one, and so does an interchange or a group without a message',
      zh: '一次投递的最多报文数',
    }),
    memoryMegabytes: Type.Optional(
      Type.Integer({
        minimum: 256,
        description:
          "Megabytes of memory this process may use. Absent: the control group's limit, else half of the machine. " +
          'A quarter of it, at most 32 times `maxBytes`, is for bodies, files and answers: [below](#memory)',
        zh: '本进程可用内存（MB）',
      }),
    ),
    refusedMegabytesPerDay: Type.Integer({
      default: 256,
      minimum: 0,
      description:
        "Megabytes on disk of one partner's refused messages that are kept a day (UTC). Beyond it the record and " +
        'the receipt are kept, the bytes are not, and the receipt says so',
      zh: '每家企业每日保存的退单报文上限（MB）',
    }),
    maxFaults: Type.Integer({
      default: 100,
      minimum: 1,
      description: 'Most faults listed for one message',
      zh: '一份报文最多列出的错误数',
    }),
    checkThreads: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Threads that check messages. Absent: one less than there are cores',
        zh: '校验线程数',
      }),
    ),
    temporaryEndings: Type.Array(Type.String({ minLength: 1, maxLength: 32, pattern: '^[^/\\\\]+$' }), {
      default: [...usualTemporaryEndings],
      description:
        'Endings of file names that others use while they are still writing: partners over SFTP and on their own ' +
        'servers, agencies in import folders and on theirs. In place of the usual ones. Names with a leading dot ' +
        "always wait, and so do desktops' own files (`Thumbs.db`, `desktop.ini`)",
      zh: '未写完文件的扩展名',
    }),
    mostSubscriptions: Type.Integer({
      default: 1000,
      minimum: 0,
      description: 'Subscriptions to notices a partner may make by itself. Those an operator makes are not refused',
      zh: '每家企业自行订阅的上限',
    }),
    ratePerSecond: Type.Integer({
      default: 2000,
      minimum: 1,
      description: 'HTTP calls a partner may make each second; beyond it 429',
      zh: '每家企业每秒最多 HTTP 请求数',
    }),
    rateBytesPerSecond: Type.Integer({
      default: 64 * 1024 * 1024,
      minimum: leastBytesPerSecond,
      description:
        'Bytes a partner may send each second, after decompression, over HTTP and SFTP together. A partner that ' +
        'has sent more gets 429 with `Retry-After` until it is paid by time, and its SFTP uploads wait. Both are ' +
        'set for one partner by its [`rate`](#partners)',
      zh: '每家企业每秒最多字节数（解压后）',
    }),
    mostQueued: Type.Integer({
      default: 500_000,
      minimum: 1,
      description:
        'Submissions that may wait before new work is turned away with 503 (taken again below nine tenths of it)',
      zh: '等待申报的上限，超过则暂不接收',
    }),
    minFreeMegabytes: Type.Integer({
      default: 512,
      minimum: 0,
      description: 'Megabytes the disk must have left; with less, new work is turned away with 503',
      zh: '磁盘最少剩余空间（MB），不足则暂不接收',
    }),
    sweepSeconds: Type.Number({
      default: 5,
      minimum: 0.1,
      description: 'Seconds between two refills of the queues from the ledger',
      zh: '由账本补充队列的间隔（秒）',
    }),
    stopSeconds: Type.Number({
      default: 20,
      description: 'Seconds a stop waits for work under way',
      zh: '停止时等待在途工作的时间（秒）',
    }),
    routingDir: Type.Optional(
      Type.String({
        description:
          "A copy of `routing/` with changes of your own: agencies, catalogue. Absent: the hub's own `routing/`",
        zh: '自有的部门与业务目录',
      }),
    ),
    familiesDir: Type.Optional(
      Type.String({
        description:
          'A copy of the [packs](adding-a-service.md) with changes of your own: documents, schemas, rules, ' +
          "mappings, record tables. Absent: the hub's own `xsd/families/`",
        zh: '自有的报文包目录',
      }),
    ),
    operators: OperatorsSetting,
    partnerSecrets: Type.Optional(PartnerSecretsSetting),
    webhooks: Type.Optional(WebhookReachSetting),
    /** Traces by OpenTelemetry. Absent: none are made. */
    tracing: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            pattern: '^https?://.+',
            description:
              'Where the collector takes traces by OTLP over HTTP: http://127.0.0.1:4318/v1/traces. Absent: no traces',
            zh: 'OTLP 追踪收集地址',
          }),
          headersEnv: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description: 'Header → environment variable with its value, such as the key of the collector',
              zh: '请求头 → 存放其值的环境变量',
            }),
          ),
          share: Type.Number({
            default: 1,
            minimum: 0,
            maximum: 1,
            description: 'The share of messages that is traced, whole',
            zh: '追踪的报文比例',
          }),
        },
        { additionalProperties: false },
      ),
    ),
    /** Tokens of /oauth2/token. */
    tokens: Type.Object(
      {
        minutes: Type.Number({
          default: 10,
          minimum: 1,
          maximum: 60,
          description: 'Minutes a token of `/oauth2/token` is good for',
          zh: '令牌有效期（分钟）',
        }),
        keyFile: Type.Optional(
          Type.String({
            description:
              'File with the keys that sign tokens, made at the first token (mode 0600) and replaced every day. ' +
              'Absent: `<data>/token-keys.json`. Hubs that share a ledger share it',
            zh: '令牌签名密钥文件',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    /** The hub's signature over receipts. Absent: there is none. */
    signReceipts: Type.Optional(
      Type.Object(
        {
          keyFile: Type.Optional(
            Type.String({
              description:
                'With `signReceipts` (`{}` is enough) the hub [signs the ' +
                'receipts](signatures.md#signed-receipts-回执签名) it gives back. File with the keys: a private JWK ' +
                'Set (Ed25519) whose first key signs, made when it is not there (mode 0600). Absent: ' +
                '`<data>/receipt-keys.json`. Hubs that share a ledger share it',
              zh: '对发出的回执签名；签名密钥文件',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    /** How long the answer to a query is wanted, by the way the query came. */
    queries: Type.Object(
      {
        httpSeconds: Type.Number({
          default: 120,
          minimum: 1,
          description:
            'Seconds the answer to a [query](queries.md) that came over HTTP is wanted; then the hub answers what ' +
            'it knows',
          zh: 'HTTP 查询等待结果的时间（秒）',
        }),
        fileSeconds: Type.Number({
          default: 3600,
          minimum: 1,
          description: 'The same for a query that came as a file',
          zh: '文件查询等待结果的时间（秒）',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    signers: Type.Array(SignerSettings, {
      default: [],
      description: 'The keys that sign for customs: [signatures](signatures.md)',
      zh: '加签密钥',
    }),
    retention: Type.Optional(Retention),
    proof: Type.Optional(Type.Object({ timeStamp: TimeStampSettings }, { additionalProperties: false })),
    /** Absent: bytes are kept as they come. */
    encryption: Type.Optional(EncryptionSettings),
    agencies: Type.Unsafe<Record<string, AgencySettings>>(
      Type.Record(Type.String(), Type.Unknown(), {
        default: {},
        description: 'Agency code → how it is reached and the rules for it: [below](#agencies)',
        zh: '部门代码 → 连接方式与规则',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Config = Static<typeof Config>

/** Every fault of the configuration at once, so that one restart shows all. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  constructor(readonly faults: string[]) {
    super(
      `the configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} ` +
        `配置有 ${faults.length} 处错误:\n  ${faults.join('\n  ')}`,
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

/** Environment variable → the setting it sets, and how its text is read. */
export const variables: Record<string, Variable> = {
  HUB_DATA: { sets: 'dataDir', read: asText },
  HUB_HOST: { sets: 'host', read: asText },
  HUB_HTTP_PORT: { sets: 'httpPort', read: asNumber },
  HUB_SFTP_PORT: { sets: 'sftpPort', read: asNumber },
  HUB_LOG_LEVEL: { sets: 'logLevel', read: asText },
  HUB_LOG_FILE: { sets: 'logFile', read: asText },
  HUB_ROLES: { sets: 'roles', read: (text) => text.split(',').map((role) => role.trim()) },
  DATABASE_URL: { sets: 'databaseUrl', read: asText },
  HUB_PAYLOADS: { sets: 'payloads', read: asText },
  HUB_PAYLOADS_ENDPOINT: { sets: 'payloadsEndpoint', read: asText },
  HUB_PAYLOADS_REGION: { sets: 'payloadsRegion', read: asText },
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

/** Variables that are no settings of this file, and what they are: of the command line, of the demo, and secrets. */
export const otherVariables: Record<string, { description: string; zh: string }> = {
  HUB_CONFIG: { description: 'The configuration file. Absent: `<data>/hub.yaml`', zh: '配置文件' },
  HUB_OPS_KEY: {
    description:
      "The operator's key, at least 32 random characters (`openssl rand -hex 32`; with a shorter one the hub does " +
      'not start). Absent (and without the demo): the `/ops` door stays shut',
    zh: '运维密钥，至少 32 个随机字符',
  },
  HUB_WEBHOOK_KEY: {
    description:
      'The key all webhook secrets are made from; hubs that share a ledger share it. Absent: `<data>/webhook.key`',
    zh: 'Webhook 签名主密钥',
  },
  HUB_PAYLOADS_KEY_ID: {
    description: 'Of the object store of `payloads`: the access key. `HUB_PAYLOADS_KEY_ID_FILE`: the file it stands in',
    zh: '对象存储访问密钥 ID',
  },
  HUB_PAYLOADS_KEY_ID_FILE: { description: 'File with the access key', zh: '访问密钥 ID 所在文件' },
  HUB_PAYLOADS_SECRET: {
    description: 'Its secret. `HUB_PAYLOADS_SECRET_FILE`: the file it stands in',
    zh: '对象存储访问密钥',
  },
  HUB_PAYLOADS_SECRET_FILE: { description: 'File with the secret', zh: '访问密钥所在文件' },
  HUB_SIGN_TOKEN: {
    description: 'Of `hub sign-agent`: the token of its [signer](signatures.md)',
    zh: '命令行：加签代理的令牌',
  },
  HUB_URL: { description: 'Of the command line: the hub it speaks to', zh: '命令行：连接的地址' },
  HUB_KEY: { description: "Of the command line: the partner's key", zh: '命令行：企业密钥' },
  HUB_SFTP_HOST: { description: 'Written to `demo.env`: host of the SFTP door', zh: '演示：SFTP 地址' },
  HUB_SFTP_USER: { description: 'Written to `demo.env`: the demo partner', zh: '演示：SFTP 用户' },
  HUB_SFTP_KEYFILE: { description: "Written to `demo.env`: the demo partner's key file", zh: '演示：SFTP 密钥文件' },
  HUB_SIMULATOR_URL: {
    description: 'Written to `demo.env`: where the simulated agencies are',
    zh: '演示：模拟部门地址',
  },
}

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
 * The configuration from `env`, the file it names (`HUB_CONFIG`, else `<dataDir>/hub.yaml` when there) and `over`
 * (command-line options).
 * @throws ConfigError with every fault of form.
 */
export function loadConfig(env: NodeJS.ProcessEnv, over: ConfigOver = {}): Config {
  return read(env, over, false)
}

/**
 * The same, and what it names must be there: agencies, environment variables with secrets, key files. What `hub start`,
 * a reload and `hub doctor` ask.
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
  const given: Record<string, unknown> = { ...(yaml?.value as object), ...fromEnv, ...over }
  const list = Array.isArray(given.operators)
  if (list) given.operators = operatorsOfYaml(given.operators)
  const merged = Value.Default(Config, given) as Partial<Config>
  const faults = valueFaults(Config, merged)
  const agencies = readAgencies((merged as { agencies?: unknown }).agencies, faults)
  if (withWorld) faults.push(...worldFaults({ ...merged, agencies }, env))
  if (withWorld) texts.push(...weakKey('', env.HUB_OPS_KEY).map((fault) => settingText('HUB_OPS_KEY', fault)))
  texts.push(...new Set(faults.map(inItsPlace)), ...(withWorld ? unknownVariables(env, yaml?.value) : []))
  if (texts.length > 0) throw new ConfigError(texts)
  const config = merged as Config
  return { ...config, agencies, dataDir: isAbsolute(config.dataDir) ? config.dataDir : resolve(config.dataDir) }

  /** By the option, the variable or the line that said it. */
  function inItsPlace(found: ValueFault): string {
    const fault = list ? { ...found, at: found.at.replace(/^\/operators\/keys/, '/operators') } : found
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

/**
 * A variable of the hub's prefix that nobody reads is a slip of the pen, unless hub.yaml names it for a secret, or
 * Kubernetes set it.
 */
function unknownVariables(env: NodeJS.ProcessEnv, yaml: unknown): string[] {
  const known = [...Object.keys(variables), ...Object.keys(otherVariables)]
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

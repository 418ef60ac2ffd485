// config — the settings of hub.yaml: where the hub lives and how it behaves, each with its default and its meaning.
import { Type, type Static } from 'typebox'
import { WebhookReachSetting } from '../../adapters/channels/webhook/settings.js'
import { SignerSettings } from '../../adapters/trust/signer.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import type { AgencySettings } from '../agencies/settings.js'
import { PartnerSecretsSetting } from '../operate/partner-secrets.js'
import { TimeStampSettings } from '../../adapters/trust/time-stamp/authority.js'
import { RetentionSetting } from '../operate/retention-rules.js'
import { EncryptionSettings } from './encryption.js'
import { leastBytesPerSecond } from '../../messages/partner.js'
import { OperatorsSetting } from '../operate/operators-setting.js'
import { TlsSettings } from './tls-settings.js'

/** Whether it is one, `worldFaults` says: 10.0.0.0/99 has the form. */
const AddressRange = Type.String({ pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$' })

/** hub.yaml with its defaults in place; the table of docs/configuration.md is printed from it. */
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
    tls: Type.Optional(TlsSettings),
    http: Type.Object(
      {
        plain: Type.Boolean({
          default: false,
          description:
            'Plain HTTP on other addresses than loopback: a load balancer in front speaks TLS. Without it and ' +
            'without `tls` the hub does not start there',
          zh: '允许在非本机地址使用明文 HTTP',
        }),
        trustedProxies: Type.Array(AddressRange, {
          default: [],
          description:
            'Addresses and ranges of the proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`. None: ' +
            'the caller is who connects. Needed behind a load balancer where partners have `addresses`',
          zh: '可信代理的地址',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    sftp: Type.Object(
      {
        trustedProxies: Type.Array(AddressRange, {
          default: [],
          description:
            'Addresses and ranges of the load balancers whose SFTP connections begin with who calls, by the PROXY ' +
            'protocol, version 1 or 2 (HAProxy: `send-proxy-v2`). A connection of theirs without it is ended. None: ' +
            'the caller is who connects. Needed behind a load balancer, or all callers share its limits and ' +
            '`addresses`',
          zh: 'SFTP 可信负载均衡的地址（PROXY 协议）',
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
          'Redis of your own: `redis://user:password@host:6379`, `rediss://` with TLS, behind sentinels ' +
          '`redis+sentinel://user:password@host:26379,host:26379/name` (`rediss+sentinel://`; `?sentinelPassword=` ' +
          'where theirs is another), or a cluster `redis+cluster://user:password@host:6379,host:6379` ' +
          '(`rediss+cluster://`), [of which some nodes are enough](scaling.md#kinds-of-redis). Absent: a private ' +
          '`redis-server` is started below `dataDir`',
        zh: 'Redis 地址（单机、哨兵或集群）',
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
        "Megabytes on disk of one partner's refused messages that are kept a day, by the clock in China. Beyond " +
        'it the record and the receipt are kept, the bytes are not, and the receipt says so. As much again is kept ' +
        'a day of files in FailBox, and of files in SentBox that were taken before',
      zh: '每家企业每日（北京时间）保存的退单报文上限（MB）',
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
    retention: Type.Optional(RetentionSetting),
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

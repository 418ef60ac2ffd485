// partner — the company system that sends messages and owns a mailbox: its rights and how it wants its receipts.
import { Type, type Static } from 'typebox'
import { CompaniesSetting } from './companies.js'
import { EdifactSetting } from './edifact/settings.js'
import type { ReturnChannel } from './inbound.js'
import type { Receipt } from './receipt.js'
import { mostSigningCertificates, SigningCertificateSetting } from './signing-certificates.js'

/** `same`: the way the message came. `http`: the mailbox. */
const Return = Type.Enum(['same', 'http', 'sftp', 'sftp-poll', 'webhook'])

/**
 * What stands in the file as `{}` and holds nothing else: a word nobody knows is a slip of the pen, and must not open
 * anything.
 */
const closed = { additionalProperties: false } as const

/** With less, one large message would keep its partner out for many minutes. */
export const leastBytesPerSecond = 64 * 1024

/** What an operator sets of a partner. */
export const PartnerSettings = Type.Object(
  {
    rights: Type.Array(
      Type.String({
        pattern: '^(\\*|\\d+(\\.\\d+){0,4})$',
        description: 'A catalogue code such as 10.1.2.1.1, the beginning of one such as 10.1, or * for all',
      }),
      {
        default: [],
        description:
          'What the partner may send: catalogue codes or their beginnings, `*` for all. ' +
          '`10.1` allows every operation below 10.1. A new partner may do nothing',
        zh: '可以办理的业务',
      },
    ),
    receipts: Type.Union([Type.Literal('hub'), Type.Literal('native')], {
      default: 'hub',
      description: "Form of business receipts. `hub`: the hub's own; `native`: as the agency sent them",
      zh: '回执格式：统一格式或部门原文',
    }),
    defaults: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: 'Document type → catalogue code of the operation to assume where a document fits several',
      zh: '报文类型 → 默认业务',
    }),
    /** How this partner's EDIFACT is read, where it is not what its envelope says. */
    edifact: Type.Optional(EdifactSetting),
    /** The companies this partner may file as, and for. Absent: any, as before there was this setting. */
    companies: Type.Optional(CompaniesSetting),
    subscriptions: Type.Optional(
      Type.Enum(['ask', 'granted'], {
        description:
          "`ask`, as when absent: what the partner subscribes to by itself waits for an [operator's " +
          'grant](operations.md#subscriptions-订阅). `granted`: it is trusted with any number',
        zh: '自行订阅是否需要运维批准',
      }),
    ),
    /**
     * How much this partner may send in a second. What is absent is as for all: `ratePerSecond`, `rateBytesPerSecond`.
     */
    rate: Type.Optional(
      Type.Object(
        {
          callsPerSecond: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000_000,
              description: 'HTTP calls this partner may make each second. Absent: `ratePerSecond`, as for all',
              zh: '每秒最多 HTTP 请求数',
            }),
          ),
          bytesPerSecond: Type.Optional(
            Type.Integer({
              minimum: leastBytesPerSecond,
              description:
                'Bytes it may send each second, after decompression, over all doors together. Absent: ' +
                '`rateBytesPerSecond`, as for all',
              zh: '每秒最多字节数（解压后）',
            }),
          ),
        },
        closed,
      ),
    ),
    signatures: Type.Optional(
      Type.Enum(['off', 'warn', 'require'], {
        description:
          'Whether the signatures of its messages are [verified](signatures.md#verification-验签). ' +
          '`off`, as when absent: no. `require`: a message that is not signed, or whose signature does not ' +
          'hold, is refused. `warn`: it is taken, and its receipt says so',
        zh: '是否验签',
      }),
    ),
    signingCertificates: Type.Optional(
      Type.Array(SigningCertificateSetting, {
        maxItems: mostSigningCertificates,
        description: 'The certificates it signs with. Set by `hub partner certificate` or `/ops/partners`, not by hand',
        zh: '验签证书',
      }),
    ),
    addresses: Type.Optional(
      Type.Array(Type.String({ maxLength: 64, pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$' }), {
        maxItems: 100,
        description:
          'Addresses and ranges it may call from, at the HTTP and the SFTP door: `192.0.2.0/24`, ' +
          '`2001:db8::/32`. None: from anywhere',
        zh: '允许访问的地址段',
      }),
    ),
    certificate: Type.Optional(
      Type.Enum(['optional', 'require'], {
        description:
          '`require`: at the HTTP door a key alone does not do, the connection must show one of its certificates',
        zh: '是否必须出示客户端证书',
      }),
    ),
    /**
     * Which way receipts of a stage go. A technical one is always the answer of the door too; a way named here gets it
     * as well.
     */
    returns: Type.Optional(
      Type.Object(
        { technical: Type.Optional(Return), business: Type.Optional(Return), notice: Type.Optional(Return) },
        {
          ...closed,
          description:
            'Which way receipts of a stage go: `{ technical, business, notice }`, each `same` (the way the ' +
            'message came), `http` (the mailbox), `sftp`, `sftp-poll` or `webhook`. ' +
            'A technical one is always the answer of the door too; a way named here gets it as well',
          zh: '各类回执的返回方式',
        },
      ),
    ),
    /**
     * Where the hub posts receipts, signed. The secret is never stored: it is made from the hub's own key and
     * `generation`.
     */
    webhook: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: '^https?://', maxLength: 2000 }),
          generation: Type.Integer({ minimum: 1, default: 1, description: 'A new one makes a new secret' }),
          previous: Type.Optional(
            Type.Object(
              { generation: Type.Integer({ minimum: 1 }), until: Type.String() },
              { ...closed, description: 'The secret of before: calls are signed with it too until then' },
            ),
          ),
          /** Set when three days of trying were in vain, or it answered 410. Receipts then wait in the mailbox. */
          disabled: Type.Optional(Type.Object({ at: Type.String(), why: Type.String() }, closed)),
        },
        {
          ...closed,
          description:
            'Where the hub posts receipts, signed. Set by `hub partner webhook` or `/ops/partners`, not by hand',
          zh: '回执推送地址',
        },
      ),
    ),
    /** The partner's own SFTP server to fetch from and return to (channel sftp-poll). */
    poll: Type.Optional(
      Type.Object(
        {
          host: Type.String({
            description: "The partner's own SFTP server (channel `sftp-poll`)",
            zh: '企业 SFTP 服务器',
          }),
          port: Type.Integer({ default: 22, description: 'Its port', zh: '端口' }),
          username: Type.String({ description: 'Who the hub logs in as', zh: '登录用户名' }),
          /** Secrets are never stored in the ledger. */
          keyFile: Type.Optional(
            Type.String({
              description:
                "File with the private key, on the hub's machine. Which may be named is set by " +
                '`partnerSecrets`; another is refused when it is set, and again whenever the hub connects',
              zh: '私钥文件',
            }),
          ),
          passwordEnv: Type.Optional(
            Type.String({
              description: 'Environment variable with the password; the same holds',
              zh: '存放密码的环境变量',
            }),
          ),
          hostKey: Type.String({
            description: "SHA256:… of the server's host key; another key is refused",
            zh: '服务器主机公钥指纹',
          }),
          directory: Type.String({
            default: '.',
            description: 'Holds OutBox, SentBox, InBox, FailBox',
            zh: '四个信箱所在目录',
          }),
          everySeconds: Type.Integer({
            default: 10,
            minimum: 1,
            description: 'Seconds between two looks',
            zh: '查看间隔（秒）',
          }),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type PartnerSettings = Static<typeof PartnerSettings>

/** A partner, as the ledger keeps it. */
export interface Partner {
  partnerId: string
  name: string
  settings: PartnerSettings
  /** OpenSSH public keys that may log in to the SFTP door as `partnerId`. */
  sshKeys: string[]
  disabled: boolean
}

/** May this partner use this operation? A right is a code or a dotted prefix of it. */
export function mayUse(settings: PartnerSettings, operation: string): boolean {
  return (settings.rights ?? []).some(
    (right) => right === '*' || operation === right || operation.startsWith(`${right}.`),
  )
}

/**
 * The way a receipt of this stage goes back; undefined for a technical one that the door's own answer carries.
 * A webhook that is gone or disabled hides nothing: its receipts wait in the mailbox.
 */
export function returnChannel(
  settings: Pick<PartnerSettings, 'returns' | 'webhook'> | undefined,
  stage: Receipt['stage'],
  came: ReturnChannel,
): ReturnChannel | undefined {
  const wanted = settings?.returns?.[stage] ?? 'same'
  if (wanted === 'same') return stage === 'technical' ? undefined : came
  if (wanted !== 'webhook') return wanted
  return settings?.webhook && !settings.webhook.disabled ? 'webhook' : 'http'
}

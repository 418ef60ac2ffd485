// partner — the company system that sends messages and owns a mailbox: its rights and how it wants its receipts.
import { Type, type Static } from 'typebox'
import { CompaniesSetting } from './companies.js'
import { EdifactSetting } from './edifact/settings.js'
import type { ReturnChannel } from './inbound.js'
import type { Receipt } from './receipt.js'

/** `same`: the way the message came. `http`: the mailbox. */
const Return = Type.Enum(['same', 'http', 'sftp', 'sftp-poll', 'webhook'])

/** What stands in the file as `{}` and holds nothing else: a word nobody knows is a slip of the pen, and must not open anything. */
const closed = { additionalProperties: false } as const

/** With less, one large message would keep its partner out for many minutes. */
export const leastBytesPerSecond = 64 * 1024

export const PartnerSettings = Type.Object(
  {
    /** Catalogue codes or prefixes this partner may use; `*` for all. `10.1` allows every operation below 10.1. None: nothing. */
    rights: Type.Array(
      Type.String({
        pattern: '^(\\*|\\d+(\\.\\d+){0,4})$',
        description: 'A catalogue code such as 10.1.2.1.1, the beginning of one such as 10.1, or * for all',
      }),
      { default: [] },
    ),
    /** `hub`: our Receipt form. `native`: business receipts as the agency sent them. */
    receipts: Type.Union([Type.Literal('hub'), Type.Literal('native')], { default: 'hub' }),
    /** Operation to assume when a document fits several: document type → catalogue code. */
    defaults: Type.Record(Type.String(), Type.String(), { default: {} }),
    /** How this partner's EDIFACT is read, where it is not what its envelope says. */
    edifact: Type.Optional(EdifactSetting),
    /** The companies this partner may file as, and for. Absent: any, as before there was this setting. */
    companies: Type.Optional(CompaniesSetting),
    /** `ask` (as when absent): what it subscribes to by itself waits for an operator's grant. `granted`: an operator trusts it with any number. */
    subscriptions: Type.Optional(Type.Enum(['ask', 'granted'])),
    /** How much this partner may send in a second. What is absent is as for all: `ratePerSecond`, `rateBytesPerSecond`. */
    rate: Type.Optional(
      Type.Object(
        {
          callsPerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
          /** After inflation, over all doors together. */
          bytesPerSecond: Type.Optional(Type.Integer({ minimum: leastBytesPerSecond })),
        },
        closed,
      ),
    ),
    /** Addresses and ranges it may call from, at every door: 192.0.2.0/24, 2001:db8::/32. None: from anywhere. */
    addresses: Type.Optional(
      Type.Array(Type.String({ maxLength: 64, pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$' }), { maxItems: 100 }),
    ),
    /** `require`: at the HTTP door a key alone does not do; the connection must show one of its certificates. */
    certificate: Type.Optional(Type.Enum(['optional', 'require'])),
    /** Which way receipts of a stage go. A technical one is always the answer of the door too; a way named here gets it as well. */
    returns: Type.Optional(
      Type.Object(
        { technical: Type.Optional(Return), business: Type.Optional(Return), notice: Type.Optional(Return) },
        closed,
      ),
    ),
    /** Where the hub posts receipts, signed. The secret is never stored: it is made from the hub's own key and `generation`. */
    webhook: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: '^https?://', maxLength: 2000 }),
          generation: Type.Integer({ minimum: 1, default: 1, description: 'A new one makes a new secret' }),
          /** Set when three days of trying were in vain, or it answered 410. Receipts then wait in the mailbox. */
          disabled: Type.Optional(Type.Object({ at: Type.String(), why: Type.String() }, closed)),
        },
        closed,
      ),
    ),
    /** The partner's own SFTP server to fetch from and return to (channel sftp-poll). */
    poll: Type.Optional(
      Type.Object(
        {
          host: Type.String(),
          port: Type.Integer({ default: 22 }),
          username: Type.String(),
          /** File that holds the private key, on the hub's machine. Secrets are never stored in the ledger. */
          keyFile: Type.Optional(Type.String()),
          /** Environment variable that holds the password. */
          passwordEnv: Type.Optional(Type.String()),
          /** SHA256:… of the server's host key; anything else is refused. */
          hostKey: Type.String(),
          directory: Type.String({ default: '.', description: 'Holds OutBox, SentBox, InBox, FailBox' }),
          everySeconds: Type.Integer({ default: 10, minimum: 1 }),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type PartnerSettings = Static<typeof PartnerSettings>

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

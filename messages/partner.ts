// partner — the company system that sends messages and owns a mailbox: its rights and how it wants its receipts.
import { Type, type Static } from 'typebox'

export const PartnerSettings = Type.Object({
  /** Catalogue codes or prefixes this partner may use; `*` for all. `10.1` allows every operation below 10.1. */
  rights: Type.Array(Type.String(), { default: ['*'] }),
  /** `hub`: our Receipt form. `native`: business receipts as the agency sent them. */
  receipts: Type.Union([Type.Literal('hub'), Type.Literal('native')], { default: 'hub' }),
  /** Operation to assume when a document fits several: document type → catalogue code. */
  defaults: Type.Record(Type.String(), Type.String(), { default: {} }),
  /** The partner's own SFTP server to fetch from and return to (channel sftp-poll). */
  poll: Type.Optional(
    Type.Object({
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
    }),
  ),
})
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
  return settings.rights.some((right) => right === '*' || operation === right || operation.startsWith(`${right}.`))
}

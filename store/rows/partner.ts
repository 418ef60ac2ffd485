// partner — a partner and its keys, as both engines keep them.
import type { Partner, PartnerSettings } from '../../messages/partner.js'
import type { KeyOwner, NewPartner, SecretKind, SecretView } from '../ledger.js'

/** `settings` and `ssh_keys` are JSON; `disabled` is 0 or 1. */
export interface PartnerRow {
  partner_id: string
  name: string
  settings: string
  ssh_keys: string
  disabled: number
}

/** The values of a partner’s row, by the names of the statement’s parameters. */
export const partnerValues = ({ partnerId, name, settings, sshKeys, disabled = false }: NewPartner) => ({
  partnerId,
  name,
  settings: JSON.stringify(settings),
  sshKeys: JSON.stringify(sshKeys),
  disabled: disabled ? 1 : 0,
})

/** A row as a partner; undefined stays undefined. */
export function toPartner(row: PartnerRow | undefined): Partner | undefined {
  return (
    row && {
      partnerId: row.partner_id,
      name: row.name,
      settings: JSON.parse(row.settings) as PartnerSettings,
      sshKeys: JSON.parse(row.ssh_keys) as string[],
      disabled: row.disabled === 1,
    }
  )
}

/** A key or a password, without what is secret of it. Times are milliseconds since 1970. */
export interface SecretRow {
  secret_id: string
  kind: SecretKind
  label: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

/** A key as it may be shown: never the key, nor its digest. */
export const toSecret = (row: SecretRow): SecretView => ({
  secretId: row.secret_id,
  kind: row.kind,
  label: row.label,
  createdAt: new Date(row.created_at),
  ...(row.last_used_at === null ? {} : { lastUsedAt: new Date(row.last_used_at) }),
  ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
})

/** A partner, found by a key of its own. */
export type KeyOwnerRow = PartnerRow & Pick<SecretRow, 'secret_id' | 'expires_at' | 'last_used_at'>

/** The partner that a key belongs to, and until when the key holds. */
export const toKeyOwner = (row: KeyOwnerRow): KeyOwner => ({
  ...toPartner(row)!,
  secretId: row.secret_id,
  ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
})

/** How exactly the last use is known: a write for every call would cost more than the call. */
const lastUsedToMs = 60_000

/** Whether the last use is noted again: not at every call, since each is a write. */
export const isUseToNote = (row: KeyOwnerRow, now: Date): boolean =>
  now.getTime() - (row.last_used_at ?? 0) > lastUsedToMs

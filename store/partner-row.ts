// partner-row — a partner as both engines keep it.
import type { Partner, PartnerSettings } from '../messages/partner.js'

export interface PartnerRow {
  partner_id: string
  name: string
  settings: string
  ssh_keys: string
  disabled: number
}

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

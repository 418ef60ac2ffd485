// partners — who may send, and the digests of their secrets.
import type Database from 'better-sqlite3'
import type { Partner, PartnerSettings } from '../../messages/partner.js'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

interface Row {
  partner_id: string
  name: string
  settings: string
  ssh_keys: string
  disabled: number
}

export function createPartners({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'putPartner' | 'getPartner' | 'listPartners' | 'putSecret' | 'findBySecret' | 'revokeSecrets'> {
  const put = db.prepare(`insert into partner values (?, ?, ?, ?, ?)
    on conflict do update set name = excluded.name, settings = excluded.settings, ssh_keys = excluded.ssh_keys, disabled = excluded.disabled`)
  const get = db.prepare<[string], Row>('select * from partner where partner_id = ?')
  const all = db.prepare<[], Row>('select * from partner order by partner_id')
  const putOne = db.prepare('insert into secret values (?, ?, ?, ?, ?) on conflict do nothing')
  const bySecret = db.prepare<[string, string], Row>(
    'select p.* from secret s join partner p using (partner_id) where s.kind = ? and s.sha256 = ? and p.disabled = 0',
  )
  const revoke = db.prepare('delete from secret where partner_id = ? and kind = ?')
  return {
    async putPartner({ partnerId, name, settings, sshKeys, disabled = false }) {
      await commit(() => put.run(partnerId, name, JSON.stringify(settings), JSON.stringify(sshKeys), disabled ? 1 : 0))
    },
    getPartner: async (partnerId) => toPartner(get.get(partnerId)),
    listPartners: async () => all.all().map((row) => toPartner(row)!),
    async putSecret(partnerId, kind, sha256, label) {
      await commit(() => putOne.run(kind, sha256, partnerId, label, Date.now()))
    },
    findBySecret: async (kind, sha256) => toPartner(bySecret.get(kind, sha256)),
    revokeSecrets: (partnerId, kind) => commit(() => revoke.run(partnerId, kind).changes),
  }
}

function toPartner(row: Row | undefined): Partner | undefined {
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

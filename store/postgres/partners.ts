// partners — who may send, and the digests of their secrets.
import { newId } from '../../messages/ids.js'
import type { NewPartner, Partners } from '../ledger/partners.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'
import type { Write } from './write/transaction.js'
import {
  isUseToNote,
  partnerValues,
  toKeyOwner,
  toPartner,
  toSecret,
  type KeyOwnerRow,
  type PartnerRow,
  type SecretRow,
} from '../rows/partner.js'

/** Every statement by its name. */
export const partnersSql = {
  put: `insert into partner (partner_id, name, settings, ssh_keys, disabled)
    values (@partnerId, @name, @settings, @sshKeys, @disabled)
    on conflict (partner_id) do update set name = excluded.name, settings = excluded.settings,
    ssh_keys = excluded.ssh_keys, disabled = excluded.disabled`,
  get: 'select * from partner where partner_id = @partnerId',
  all: 'select * from partner order by partner_id',
  putOne: `insert into secret (kind, sha256, partner_id, label, created_at, secret_id, expires_at)
    values (@kind, @sha256, @partnerId, @label, @now, @secretId, @expiresAt) on conflict do nothing`,
  bySecret: `select p.*, s.secret_id, s.expires_at, s.last_used_at from secret s
    join partner p on p.partner_id = s.partner_id
    where s.kind = @kind and s.sha256 = @sha256 and p.disabled = 0 and (s.expires_at is null or s.expires_at > @now)`,
  used: 'update secret set last_used_at = @now where kind = @kind and sha256 = @sha256',
  secretsOf: `select secret_id, kind, label, created_at, expires_at, last_used_at from secret
    where partner_id = @partnerId order by created_at, secret_id`,
  revokeOne: 'delete from secret where partner_id = @partnerId and secret_id = @secretId',
  revoke: 'delete from secret where partner_id = @partnerId and kind = @kind',
}
const sql = partnersSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Partners](../ledger/partners.ts). */
export function createPartners({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Omit<Partners, 'partnerFacts'> {
  const put = (tx: Write, partner: NewPartner) => {
    tx.announce('partners')
    return tx.run(sql.put, partnerValues(partner))
  }
  /** Of its secrets: other hubs know them for a while. */
  const change = (work: (tx: Write) => Promise<number>) =>
    commit((tx) => {
      tx.announce('partners')
      return work(tx)
    })
  return {
    async putPartner(partner) {
      await commit((tx) => put(tx, partner))
    },
    changePartner: (partnerId, change) =>
      commit(async (tx) => {
        const after = change(toPartner(await tx.get<PartnerRow>(sql.get, { partnerId })))
        await put(tx, { ...after, partnerId })
        return after
      }),
    getPartner: async (partnerId) => toPartner(await reading.get<PartnerRow>(sql.get, { partnerId })),
    listPartners: async () => (await reading.all<PartnerRow>(sql.all)).map((row) => toPartner(row)!),
    async putSecret({ partnerId, kind, sha256, label, secretId = newId('key'), expiresAt }) {
      const row = { kind, sha256, partnerId, label, secretId, now: Date.now(), expiresAt: expiresAt?.getTime() ?? null }
      await change((tx) => tx.run(sql.putOne, row))
    },
    async findBySecret(kind, sha256, now = new Date()) {
      const row = await reading.get<KeyOwnerRow>(sql.bySecret, {
        kind,
        sha256,
        now: now.getTime(),
      })
      if (!row) return undefined
      // Nobody waits for it, and a disk that is full keeps nobody out.
      if (isUseToNote(row, now)) commit((tx) => tx.run(sql.used, { now: now.getTime(), kind, sha256 })).catch(() => {})
      return toKeyOwner(row)
    },
    secrets: async (partnerId) => (await reading.all<SecretRow>(sql.secretsOf, { partnerId })).map(toSecret),
    // False: nothing was there, and an audited act keeps no entry of it.
    revokeSecret: (partnerId, secretId) =>
      commit(async (tx) => {
        tx.announce('partners')
        return (await tx.run(sql.revokeOne, { partnerId, secretId })) > 0
      }),
    revokeSecrets: (partnerId, kind) => change((tx) => tx.run(sql.revoke, { partnerId, kind })),
  }
}

// partners — who may send, and the digests of their secrets.
import type Database from 'better-sqlite3'
import { newId } from '../../messages/ids.js'
import type { Partners } from '../ledger/partners.js'
import type { GroupCommit } from './group-commit.js'
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

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const partnersSql = {
  put: `insert into partner (partner_id, name, settings, ssh_keys, disabled)
    values (@partnerId, @name, @settings, @sshKeys, @disabled)
    on conflict do update set name = excluded.name, settings = excluded.settings, ssh_keys = excluded.ssh_keys,
    disabled = excluded.disabled`,
  get: 'select * from partner where partner_id = ?',
  all: 'select * from partner order by partner_id',
  putOne: `insert into secret (kind, sha256, partner_id, label, created_at, secret_id, expires_at)
    values (@kind, @sha256, @partnerId, @label, @now, @secretId, @expiresAt) on conflict do nothing`,
  bySecret: `select p.*, s.secret_id, s.expires_at, s.last_used_at from secret s join partner p using (partner_id)
    where s.kind = @kind and s.sha256 = @sha256 and p.disabled = 0 and (s.expires_at is null or s.expires_at > @now)`,
  used: 'update secret set last_used_at = @lastUsedAt where kind = @kind and sha256 = @sha256',
  secretsOf: `select secret_id, kind, label, created_at, expires_at, last_used_at from secret where partner_id = ?
    order by created_at, secret_id`,
  revokeOne: 'delete from secret where partner_id = @partnerId and secret_id = @secretId',
  revoke: 'delete from secret where partner_id = @partnerId and kind = @kind',
}
const sql = partnersSql

/** This chapter of the ledger on SQLite; what it promises: [Partners](../ledger/partners.ts). */
export function createPartners({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Omit<Partners, 'partnerFacts'> {
  const put = db.prepare(sql.put)
  const get = db.prepare<[string], PartnerRow>(sql.get)
  const all = db.prepare<[], PartnerRow>(sql.all)
  const putOne = db.prepare(sql.putOne)
  const bySecret = db.prepare<[{ kind: string; sha256: string; now: number }], KeyOwnerRow>(sql.bySecret)
  const used = db.prepare(sql.used)
  const secretsOf = db.prepare<[string], SecretRow>(sql.secretsOf)
  const revokeOne = db.prepare(sql.revokeOne)
  const revoke = db.prepare(sql.revoke)
  return {
    async putPartner(partner) {
      await commit(() => put.run(partnerValues(partner)))
    },
    changePartner: (partnerId, change) =>
      commit(() => {
        const after = change(toPartner(get.get(partnerId)))
        put.run(partnerValues({ ...after, partnerId }))
        return after
      }),
    getPartner: async (partnerId) => toPartner(get.get(partnerId)),
    listPartners: async () => all.all().map((row) => toPartner(row)!),
    async putSecret({ partnerId, kind, sha256, label, secretId = newId('key'), expiresAt }) {
      await commit(() =>
        putOne.run({
          kind,
          sha256,
          partnerId,
          label,
          now: Date.now(),
          secretId,
          expiresAt: expiresAt?.getTime() ?? null,
        }),
      )
    },
    async findBySecret(kind, sha256, now = new Date()) {
      const row = bySecret.get({ kind, sha256, now: now.getTime() })
      if (!row) return undefined
      // Nobody waits for it, and a disk that is full keeps nobody out.
      if (isUseToNote(row, now)) commit(() => used.run({ lastUsedAt: now.getTime(), kind, sha256 })).catch(() => {})
      return toKeyOwner(row)
    },
    secrets: async (partnerId) => secretsOf.all(partnerId).map(toSecret),
    revokeSecret: (partnerId, secretId) => commit(() => revokeOne.run({ partnerId, secretId }).changes > 0),
    revokeSecrets: (partnerId, kind) => commit(() => revoke.run({ partnerId, kind }).changes),
  }
}

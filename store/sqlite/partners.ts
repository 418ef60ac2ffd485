// partners — who may send, and the digests of their secrets.
import type Database from 'better-sqlite3'
import { newId } from '../../messages/ids.js'
import type { Ledger, SecretKind } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'
import { toPartner, type PartnerRow } from '../partner-row.js'

interface SecretRow {
  secret_id: string
  kind: SecretKind
  label: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

type Partners = Pick<
  Ledger,
  | 'putPartner'
  | 'changePartner'
  | 'getPartner'
  | 'listPartners'
  | 'putSecret'
  | 'findBySecret'
  | 'secrets'
  | 'revokeSecret'
  | 'revokeSecrets'
>

/** How exactly the last use is known: a write for every call would cost more than the call. */
const lastUsedToMs = 60_000

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const partnersSql = {
  put: `insert into partner values (?, ?, ?, ?, ?)
    on conflict do update set name = excluded.name, settings = excluded.settings, ssh_keys = excluded.ssh_keys,
    disabled = excluded.disabled`,
  get: 'select * from partner where partner_id = ?',
  all: 'select * from partner order by partner_id',
  putOne: `insert into secret (kind, sha256, partner_id, label, created_at, secret_id, expires_at)
    values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  bySecret: `select p.*, s.secret_id, s.expires_at, s.last_used_at from secret s join partner p using (partner_id)
    where s.kind = ? and s.sha256 = ? and p.disabled = 0 and (s.expires_at is null or s.expires_at > ?)`,
  used: 'update secret set last_used_at = ? where kind = ? and sha256 = ?',
  secretsOf: `select secret_id, kind, label, created_at, expires_at, last_used_at from secret where partner_id = ?
    order by created_at, secret_id`,
  revokeOne: 'delete from secret where partner_id = ? and secret_id = ?',
  revoke: 'delete from secret where partner_id = ? and kind = ?',
}
const sql = partnersSql

export function createPartners({ db, commit }: { db: Database.Database; commit: GroupCommit }): Partners {
  const put = db.prepare(sql.put)
  const get = db.prepare<[string], PartnerRow>(sql.get)
  const all = db.prepare<[], PartnerRow>(sql.all)
  const putOne = db.prepare(sql.putOne)
  const bySecret = db.prepare<
    [string, string, number],
    PartnerRow & Pick<SecretRow, 'secret_id' | 'expires_at' | 'last_used_at'>
  >(sql.bySecret)
  const used = db.prepare(sql.used)
  const secretsOf = db.prepare<[string], SecretRow>(sql.secretsOf)
  const revokeOne = db.prepare(sql.revokeOne)
  const revoke = db.prepare(sql.revoke)
  return {
    async putPartner({ partnerId, name, settings, sshKeys, disabled = false }) {
      await commit(() => put.run(partnerId, name, JSON.stringify(settings), JSON.stringify(sshKeys), disabled ? 1 : 0))
    },
    changePartner: (partnerId, change) =>
      commit(() => {
        const after = change(toPartner(get.get(partnerId)))
        const { name, settings, sshKeys, disabled } = after
        put.run(partnerId, name, JSON.stringify(settings), JSON.stringify(sshKeys), disabled ? 1 : 0)
        return after
      }),
    getPartner: async (partnerId) => toPartner(get.get(partnerId)),
    listPartners: async () => all.all().map((row) => toPartner(row)!),
    async putSecret({ partnerId, kind, sha256, label, secretId = newId('key'), expiresAt }) {
      await commit(() => putOne.run(kind, sha256, partnerId, label, Date.now(), secretId, expiresAt?.getTime() ?? null))
    },
    async findBySecret(kind, sha256, now = new Date()) {
      const row = bySecret.get(kind, sha256, now.getTime())
      if (!row) return undefined
      // Nobody waits for it, and a disk that is full keeps nobody out.
      if (now.getTime() - (row.last_used_at ?? 0) > lastUsedToMs)
        commit(() => used.run(now.getTime(), kind, sha256)).catch(() => {})
      return {
        ...toPartner(row)!,
        secretId: row.secret_id,
        ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
      }
    },
    secrets: async (partnerId) =>
      secretsOf.all(partnerId).map((row) => ({
        secretId: row.secret_id,
        kind: row.kind,
        label: row.label,
        createdAt: new Date(row.created_at),
        ...(row.last_used_at === null ? {} : { lastUsedAt: new Date(row.last_used_at) }),
        ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
      })),
    revokeSecret: (partnerId, secretId) => commit(() => revokeOne.run(partnerId, secretId).changes > 0),
    revokeSecrets: (partnerId, kind) => commit(() => revoke.run(partnerId, kind).changes),
  }
}

// audit — what people did: who, when, what, why. Never changed, never deleted.
import type Database from 'better-sqlite3'
import type { AuditEntry, Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

interface Row {
  at: number
  who: string
  action: string
  target: string
  why: string
  detail: string
}

export function createAudit({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'audit' | 'audits'> {
  const put = db.prepare('insert into audit (at, who, action, target, why, detail) values (?, ?, ?, ?, ?, ?)')
  const newest = db.prepare<[number], Row>(
    'select at, who, action, target, why, detail from audit order by n desc limit ?',
  )
  const ofTarget = db.prepare<[string, number], Row>(
    'select at, who, action, target, why, detail from audit where target = ? order by n desc limit ?',
  )
  return {
    async audit({ at, who, action, target, why, detail = {} }) {
      await commit(() => put.run(at.getTime(), who, action, target, why.slice(0, 500), JSON.stringify(detail)))
    },
    audits: async (limit, target) =>
      (target === undefined ? newest.all(limit) : ofTarget.all(target, limit)).map(
        ({ at, detail, ...row }): AuditEntry => ({
          ...row,
          at: new Date(at),
          detail: JSON.parse(detail) as Record<string, unknown>,
        }),
      ),
  }
}

// audit — what people did: who, when, what, why. Never changed, never deleted.
import type Database from 'better-sqlite3'
import { createScope } from '../../messages/scope.js'
import type { AuditEntry, Ledger } from '../ledger.js'
import { auditColumns, fromAuditEntry, toAuditEntry, type AuditRow } from '../rows/audit.js'
import type { GroupCommit } from './group-commit.js'

const fits = '(@who is null or who = @who) and (@action is null or action = @action or action glob @beginning)'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const auditSql = {
  put: 'insert into audit (at, who, action, target, why, detail) values (@at, @who, @action, @target, @why, @detail)',
  newest: `select ${auditColumns} from audit where n < @before and ${fits} order by n desc limit @limit`,
  ofTarget: `select ${auditColumns} from audit where target = @target and n < @before and ${fits} order by n desc
    limit @limit`,
}
const sql = auditSql

/** Adds an entry, inside a write that is under way. */
function keepsAudit(db: Database.Database): (entry: AuditEntry) => void {
  const put = db.prepare(sql.put)
  return (entry) => void put.run(fromAuditEntry(entry))
}

/** Writes as `commit` does, and makes the first write of an audited act keep its entry too. */
export function createAudited({ db, commit }: { db: Database.Database; commit: GroupCommit }): {
  commit: GroupCommit
  audited: Ledger['audited']
} {
  const acting = createScope<{ entry: AuditEntry | undefined }>()
  const keep = keepsAudit(db)
  const withEntry = <T>(write: () => T, bytes?: number): Promise<T> => {
    const act = acting.current()
    const entry = act?.entry
    if (!entry) return commit(write, bytes)
    act.entry = undefined
    return commit(() => {
      const value = write()
      if (value !== false && value !== undefined) keep(entry)
      return value
    }, bytes)
  }
  return {
    commit: Object.assign(withEntry, { drained: commit.drained }),
    audited: (entry, change) => acting.run({ entry }, change),
  }
}

/** This chapter of the ledger on SQLite; what it promises: [Audit](../ledger/audit.ts). */
export function createAudit({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'audit' | 'audits'> {
  const keep = keepsAudit(db)
  interface Asked {
    before: number
    who: string | null
    action: string | null
    beginning: string
    limit: number
  }
  const newest = db.prepare<[Asked], AuditRow>(sql.newest)
  const ofTarget = db.prepare<[Asked & { target: string }], AuditRow>(sql.ofTarget)
  return {
    async audit(entry) {
      await commit(() => keep(entry))
    },
    async audits(limit, target, { who, action, before } = {}) {
      const asked = {
        before: before ?? Number.MAX_SAFE_INTEGER,
        who: who ?? null,
        action: action ?? null,
        // An action's name holds letters, dots and dashes: nothing that glob would read as more.
        beginning: `${(action ?? '').replace(/[^\w.-]/g, '')}.*`,
        limit,
      }
      const rows = target === undefined ? newest.all(asked) : ofTarget.all({ ...asked, target })
      return rows.map(toAuditEntry)
    },
  }
}

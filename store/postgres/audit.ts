// audit — what people did: who, when, what, why. Never changed, never deleted.
import { createScope } from '../../messages/scope.js'
import type { AuditEntry, Ledger } from '../ledger.js'
import { auditColumns, fromAuditEntry, toAuditEntry, type AuditRow } from '../rows/audit.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'
import type { Needs } from './write/needs.js'
import type { Write } from './write/transaction.js'

const fits =
  '(@who::text is null or who = @who) and (@action::text is null or action = @action or starts_with(action, ' +
  '@beginning))'

/** Every statement by its name. */
export const auditSql = {
  put: 'insert into audit (at, who, action, target, why, detail) values (@at, @who, @action, @target, @why, @detail)',
  newest: `select ${auditColumns} from audit where n < @before and ${fits} order by n desc limit @limit`,
  ofTarget: `select ${auditColumns} from audit where target = @target and n < @before and ${fits} order by n desc
    limit @limit`,
}
const sql = auditSql

/** Adds an entry, inside a write that is under way. */
async function keep(tx: Write, entry: AuditEntry): Promise<void> {
  await tx.run(sql.put, { ...fromAuditEntry(entry) })
}

/** Writes as `commit` does, and makes the first write of an audited act keep its entry too. */
export function createAudited(commit: GroupCommit): { commit: GroupCommit; audited: Ledger['audited'] } {
  const acting = createScope<{ entry: AuditEntry | undefined }>()
  const withEntry = <T>(write: (tx: Write) => Promise<T> | T, needs?: Needs): Promise<T> => {
    const act = acting.current()
    const entry = act?.entry
    if (!entry) return commit(write, needs)
    act.entry = undefined
    return commit(async (tx) => {
      const value = await write(tx)
      if (value !== false && value !== undefined) await keep(tx, entry)
      return value
    }, needs)
  }
  return {
    commit: Object.assign(withEntry, { drained: commit.drained }),
    audited: (entry, change) => acting.run({ entry }, change),
  }
}

/** This chapter of the ledger on PostgreSQL; what it promises: [Audit](../ledger/audit.ts). */
export function createAudit({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'audit' | 'audits'> {
  return {
    async audit(entry) {
      await commit((tx) => keep(tx, entry))
    },
    async audits(limit, target, { who, action, before } = {}) {
      const asked = {
        before: before ?? Number.MAX_SAFE_INTEGER,
        who: who ?? null,
        action: action ?? null,
        // An action's name holds letters, dots and dashes.
        beginning: `${(action ?? '').replace(/[^\w.-]/g, '')}.`,
        limit,
      }
      const rows =
        target === undefined
          ? await reading.all<AuditRow>(sql.newest, asked)
          : await reading.all<AuditRow>(sql.ofTarget, { ...asked, target })
      return rows.map(toAuditEntry)
    },
  }
}

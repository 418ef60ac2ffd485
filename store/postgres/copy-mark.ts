// copy-mark — what is said of a ledger that is being copied into, or of which a copy has taken the place: a table that
// is there only then. No hub starts on a ledger that has it.
import type pg from 'pg'
import { LedgerCopyError } from '../ledger-errors.js'

/** `unfinished`: a copy of `other` that is not whole. `moved`: `other` is the ledger now. */
export interface CopyMark {
  state: 'unfinished' | 'moved'
  other: string
  at: Date
}

const sql = {
  there: `select to_regclass('hub_copy') is not null as there`,
  read: 'select state, other, at from hub_copy',
  make: `create table hub_copy (state text not null, other text not null, at timestamptz not null default now())`,
  put: 'insert into hub_copy (state, other) values ($1, $2)',
  drop: 'drop table if exists hub_copy',
}

/** Undefined: it is a ledger like any other. */
export async function readMark(client: pg.ClientBase): Promise<CopyMark | undefined> {
  const { rows } = await client.query<{ there: boolean }>(sql.there)
  return rows[0]!.there ? (await client.query<CopyMark>(sql.read)).rows[0] : undefined
}

/** Puts the mark in the place of one that was there. */
export async function mark(client: pg.ClientBase, { state, other }: Omit<CopyMark, 'at'>): Promise<void> {
  await client.query(`begin; ${sql.drop}; ${sql.make}`)
  await client.query(sql.put, [state, other])
  await client.query('commit')
}

/** Takes the mark away; nothing happens where there is none. */
export const unmark = async (client: pg.ClientBase): Promise<void> => void (await client.query(sql.drop))

/** Why no hub may work by it. */
export function markedError({ state, other, at }: CopyMark): LedgerCopyError {
  const when = at.toISOString()
  return new LedgerCopyError(
    state === 'unfinished'
      ? `the ledger is an unfinished copy of ${other}, begun ${when}. Run \`hub ledger copy\` again until it ` +
          `says that all is there. 账本复制未完成，请重新执行 hub ledger copy。`
      : `the ledger was copied to ${other} on ${when}, and the hub works by that one now: ` +
          `with both at work everything would be filed twice. If no hub has worked by the copy, ` +
          `\`hub ledger reopen\` lets one start here again. 账本已迁移，请使用新账本；若新账本从未启用，可用 hub ledger reopen 恢复本账本。`,
  )
}

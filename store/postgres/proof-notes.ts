// proof-notes — changes that triggers report (migration 007), as facts of the chain of hashes.
import type pg from 'pg'
import { gone, type Fact } from '../rules/proof-chain.js'
import { columnsText, provenId, provenRows, type RowValues } from '../rules/proven-rows.js'
import type { PgSealing } from './sealing.js'

/** SQLSTATE of a note among the notices of a connection. */
const noteState = 'HUBPF'
const byTable = new Map(provenRows.map((row) => [row.table, row]))

/** Notes of a transaction, in the order in which they came. */
export interface Notes {
  /** What `undo` goes back to. */
  mark(): number
  /** What was told since is taken back: a savepoint was. */
  undo(mark: number): void
  take(): string[]
}

/** From now on the connection is told of what it changes. */
export async function tellNotes(client: pg.Client): Promise<Notes> {
  let notes: string[] = []
  client.on('notice', ({ code, message }) => {
    if (code === noteState && message !== undefined) notes.push(message)
  })
  await client.query(`set hub.proof = 'told'`)
  return {
    mark: () => notes.length,
    undo: (mark) => void (notes.length = mark),
    take() {
      const taken = notes
      notes = []
      return taken
    },
  }
}

/** The facts of notes, in their order; `of` may be a submission of the message. */
export async function factsOf(notes: readonly string[], sealing: PgSealing | undefined): Promise<Fact[]> {
  const facts: Fact[] = []
  for (const note of notes) {
    const [table = '', what = ''] = note.split(' ', 2)
    const proven = byTable.get(table)
    if (!proven) continue
    const rows = JSON.parse(note.slice(table.length + what.length + 2)) as RowValues[]
    // The chain is over what was written, not over how it is sealed.
    for (const row of (await sealing?.opened(rows)) ?? rows)
      facts.push({
        kind: proven.kind,
        id: provenId(proven, row),
        of: String((proven.of !== undefined && row[proven.of]) || ''),
        fixed: columnsText(proven.fixed, row),
        now: what === 'gone' ? gone : columnsText(proven.now, row),
      })
  }
  return facts
}

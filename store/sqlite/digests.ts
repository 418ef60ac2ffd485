// digests — bytes are compared with what they were before anybody gets them: a flipped byte on a disk must not be filed
// with customs.
import type Database from 'better-sqlite3'
import type { NewMessage } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'
import { createDamage, filesAreWhole } from '../damage.js'
import { sha256, sumsOfMessage, type Piece, type Sums } from '../sums.js'

export type Digests = ReturnType<typeof createDigests>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const digestsSql = {
  put: 'insert into digest (id, sums) values (@id, @sums) on conflict do nothing',
  replace: 'insert into digest (id, sums) values (@id, @sums) on conflict do update set sums = excluded.sums',
  get: 'select sums from digest where id = ?',
  foundRow: 'insert into damaged (id, piece, found_at) values (@id, @piece, @foundAt) on conflict do nothing',
  forget: 'delete from damaged where id = @id and piece = @piece',
  known: 'select id, piece from damaged',
}
const sql = digestsSql

/** Sums are written in the transaction that writes the bytes, and compared at each reading. */
export function createDigests({
  db,
  commit,
  log,
}: {
  db: Database.Database
  commit: GroupCommit
  log: { error(ids: object, event: string): void }
}) {
  const put = db.prepare(sql.put)
  const replace = db.prepare(sql.replace)
  const get = db.prepare<[string], { sums: string }>(sql.get)
  const foundRow = db.prepare(sql.foundRow)
  const forget = db.prepare(sql.forget)
  const known = db.prepare<[], { id: string; piece: string }>(sql.known)
  const damage = createDamage({
    log,
    write: (id, piece) => commit(() => foundRow.run({ id, piece, foundAt: Date.now() })),
  })
  damage.know(known.all())

  const sumsOf = (id: string): Sums => JSON.parse(get.get(id)?.sums ?? '{}') as Sums

  return {
    ...damage,
    /** In the transaction that writes it again. */
    healed(id: string, piece: string): void {
      forget.run({ id, piece })
      damage.healed({ id, piece })
    },
    /** In the transaction that writes what is sent to an agency in place of the message. */
    noteSent(submissionId: string, sum: string): void {
      put.run({ id: submissionId, sums: JSON.stringify({ sent: sum } satisfies Sums) })
    },
    /** In the transaction that writes the bytes. */
    note(message: NewMessage, known?: Sums): void {
      put.run({ id: message.messageId, sums: JSON.stringify(sumsOfMessage(message, known)) })
      for (const { submissionId, sent } of message.submissions)
        if (sent) put.run({ id: submissionId, sums: JSON.stringify({ sent: sha256(sent.bytes) } satisfies Sums) })
    },
    /** What an interchange was answered as a whole. In the transaction that writes it. */
    noteAcknowledgement(interchangeId: string, bytes: Buffer): void {
      replace.run({ id: interchangeId, sums: JSON.stringify({ acknowledgement: sha256(bytes) } satisfies Sums) })
    },
    /**
     * @param id of the message; of the submission where the piece is its own form; of the interchange for its
     * acknowledgement
     */
    isWhole: (id: string, piece: Piece, bytes: Buffer) => damage.isWhole(bytes, sumsOf(id)[piece], { id, piece }),
    attachmentsAreWhole: (messageId: string, files: readonly { name: string; bytes: Buffer }[]) =>
      filesAreWhole(damage, { messageId, files, sums: sumsOf(messageId).attachments }),
  }
}

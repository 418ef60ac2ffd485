// digests — bytes are compared with what they were before anybody gets them: a flipped byte on a disk must not be filed
// with customs.
import type { NewMessage } from '../ledger.js'
import { plain, type LedgerLog } from './server.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'
import type { Write } from './write/transaction.js'
import { createDamage, filesAreWhole, type PieceOf } from '../damage.js'
import { sha256, sumsOfMessage, type Piece, type Sums } from '../sums.js'

export type Digests = ReturnType<typeof createDigests>

/** Every statement by its name. */
export const digestsSql = {
  replace: 'insert into digest (id, sums) values (@id, @sums) on conflict (id) do update set sums = excluded.sums',
  get: 'select sums from digest where id = @id',
  found: 'insert into damaged (id, piece, found_at) values (@id, @piece, @now) on conflict do nothing',
  forget: 'delete from damaged where id = @id and piece = @piece',
  known: 'select id, piece from damaged',
}
const sql = digestsSql

/** Sums are written in the transaction that writes the bytes, and compared at each reading. */
export function createDigests({ reading, commit, log }: { reading: Queries; commit: GroupCommit; log: LedgerLog }) {
  const damage = createDamage({
    log,
    plain,
    write: (id, piece) => commit(async (tx) => void (await tx.run(sql.found, { id, piece, now: Date.now() }))),
  })

  const sumsOf = async (id: string): Promise<Sums> =>
    JSON.parse((await reading.get<{ sums: string }>(sql.get, { id }))?.sums ?? '{}') as Sums

  return {
    ...damage,
    /** What other hubs have found, and healed, since. */
    async look(): Promise<void> {
      damage.know(await reading.all<PieceOf>(sql.known))
    },
    /** In the transaction that writes it again. */
    async healed(tx: Write, id: string, piece: string): Promise<void> {
      await tx.run(sql.forget, { id, piece })
      damage.healed({ id, piece })
    },
    /** In the transaction that writes the bytes. */
    async note(tx: Write, message: NewMessage, known?: Sums): Promise<void> {
      await tx.add('digest', { id: message.messageId, sums: JSON.stringify(sumsOfMessage(message, known)) })
      for (const { submissionId, sent } of message.submissions)
        if (sent)
          await tx.add('digest', {
            id: submissionId,
            sums: JSON.stringify({ sent: sha256(sent.bytes) } satisfies Sums),
          })
    },
    /** What an interchange was answered as a whole. In the transaction that writes it. */
    async noteAcknowledgement(tx: Write, interchangeId: string, bytes: Buffer): Promise<void> {
      const sums = JSON.stringify({ acknowledgement: sha256(bytes) } satisfies Sums)
      await tx.run(sql.replace, { id: interchangeId, sums })
    },
    /**
     * @param id of the message; of the submission where the piece is its own form; of the interchange for its
     * acknowledgement
     * @param known its sums, where whoever asks has read them already
     */
    isWhole: async (id: string, piece: Piece, bytes: Buffer, known?: Sums) =>
      damage.isWhole(bytes, (known ?? (await sumsOf(id)))[piece], { id, piece }),
    attachmentsAreWhole: async (messageId: string, files: readonly { name: string; bytes: Buffer }[]) =>
      files.length === 0 || filesAreWhole(damage, { messageId, files, sums: (await sumsOf(messageId)).attachments }),
  }
}

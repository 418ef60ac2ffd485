// digests — bytes are compared with what they were before anybody gets them: a flipped byte on a disk must not be filed
// with customs.
import { HubError } from '../../messages/errors.js'
import { createTurn } from '../../messages/turns.js'
import type { NewMessage } from '../ledger.js'
import { plain, type LedgerLog } from './server.js'
import type { Queries } from './statements.js'
import type { GroupCommit, Write } from './write.js'
import { sha256, sha256InTurns, type Piece, type Sums } from '../sums.js'

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

export function createDigests({ reading, commit, log }: { reading: Queries; commit: GroupCommit; log: LedgerLog }) {
  const place = (id: string, piece: string) => `${id} ${piece}`
  let found = new Set<string>()

  /** Best effort: a disk that is damaged may take no more. Until the next start it is known all the same. */
  function remember(id: string, piece: string): void {
    if (found.has(place(id, piece))) return
    found.add(place(id, piece))
    commit(async (tx) => void (await tx.run(sql.found, { id, piece, now: Date.now() }))).catch((err: unknown) =>
      log.error({ id, piece, err: plain(err) }, 'that bytes are damaged could not be written'),
    )
  }

  const sumsOf = async (id: string): Promise<Sums> =>
    JSON.parse((await reading.get<{ sums: string }>(sql.get, { id }))?.sums ?? '{}') as Sums

  async function compare(bytes: Buffer, sum: string | undefined, ids: { id: string; piece: string }): Promise<boolean> {
    return sum === undefined || (await sha256InTurns(bytes)) === sum || differs(bytes, sum, ids)
  }

  function differs(bytes: Buffer, sum: string, ids: { id: string; piece: string }): false {
    remember(ids.id, ids.piece)
    log.error({ ...ids, size: bytes.length, wanted: sum }, 'bytes in the ledger are damaged: they are not used')
    return false
  }

  function unreadable(id: string, err: unknown): void {
    remember(id, 'message')
    log.error({ id, err: plain(err) }, 'bytes in the ledger are damaged: they cannot be unpacked')
  }

  return {
    /** What other hubs have found, and healed, since. */
    async look(): Promise<void> {
      found = new Set(
        (await reading.all<{ id: string; piece: string }>(sql.known)).map((row) => place(row.id, row.piece)),
      )
    },
    /** How many pieces were ever found damaged in this ledger. */
    damaged: () => found.size,
    /** In the transaction that writes it anew. */
    async healed(tx: Write, id: string, piece: string): Promise<void> {
      await tx.run(sql.forget, { id, piece })
      found.delete(place(id, piece))
    },
    isKnownDamaged: (id: string, piece: string) => found.has(place(id, piece)),
    /** In the transaction that writes the bytes. */
    async note(
      tx: Write,
      { messageId, bytes, bytesSha256, forwarded, attachments, submissions }: NewMessage,
      known?: Sums,
    ): Promise<void> {
      const sums: Sums = known ?? {
        message: bytesSha256 ?? sha256(bytes),
        ...(forwarded ? { forwarded: sha256(forwarded) } : {}),
        ...(attachments.length > 0 ? { attachments: attachments.map((one) => sha256(one.bytes)) } : {}),
      }
      await tx.add('digest', { id: messageId, sums: JSON.stringify(sums) })
      for (const { submissionId, sent } of submissions)
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
    unreadable,
    /** What cannot even be unpacked is damaged. @throws HubError HUB_BYTES_DAMAGED */
    async unpacked(messageId: string, bytes: Buffer | Promise<Buffer>): Promise<Buffer> {
      try {
        return await bytes
      } catch (cause) {
        // Nobody can look at them now: that says nothing of them.
        if (cause instanceof HubError) throw cause
        unreadable(messageId, cause)
        throw new HubError('HUB_BYTES_DAMAGED', { messageId }, { cause })
      }
    },
    /** A file of an agency's answer; undefined when it is not what came, or cannot even be unpacked. */
    async unpackedFile(
      { id, piece, sum }: { id: string; piece: string; sum: string },
      unpacked: () => Buffer | Promise<Buffer>,
    ): Promise<Buffer | undefined> {
      let bytes: Buffer
      try {
        bytes = await unpacked()
      } catch (err) {
        remember(id, piece)
        log.error({ id, piece, err: plain(err) }, 'bytes in the ledger are damaged: they cannot be unpacked')
        return undefined
      }
      const whole = (await sha256InTurns(bytes, createTurn())) === sum || differs(bytes, sum, { id, piece })
      return whole ? bytes : undefined
    },
    /**
     * @param id of the message; of the submission where the piece is its own form; of the interchange for its
     * acknowledgement
     * @param known its sums, where whoever asks has read them already
     */
    isWhole: async (id: string, piece: Piece, bytes: Buffer, known?: Sums) =>
      compare(bytes, (known ?? (await sumsOf(id)))[piece], { id, piece }),
    /** Of an agency's answer, whose SHA-256 stands beside it. What was let go is empty, and whole. */
    replyIsWhole: async (id: string, bytes: Buffer, sum: string) =>
      bytes.length === 0 || compare(bytes, sum, { id, piece: 'reply' }),
    /** The same of many, one after another, with turns for others. */
    async repliesAreWhole(replies: readonly { id: string; bytes: Buffer; sum: string }[]): Promise<boolean[]> {
      const turn = createTurn()
      const whole: boolean[] = []
      for (const { id, bytes, sum } of replies) {
        whole.push(
          bytes.length === 0 ||
            (await sha256InTurns(bytes, turn)) === sum ||
            differs(bytes, sum, { id, piece: 'reply' }),
        )
        await turn()
      }
      return whole
    },
    async attachmentsAreWhole(
      messageId: string,
      attachments: readonly { name: string; bytes: Buffer }[],
    ): Promise<boolean> {
      if (attachments.length === 0) return true
      const sums = (await sumsOf(messageId)).attachments ?? []
      for (const [i, { name, bytes }] of attachments.entries())
        if (!(await compare(bytes, sums[i], { id: messageId, piece: `attachment ${name}` }))) return false
      return true
    },
  }
}

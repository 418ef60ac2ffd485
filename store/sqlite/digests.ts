// digests — bytes are compared with what they were before anybody gets them: a flipped byte on a disk must not be filed
// with customs.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import { createTurn } from '../../messages/turns.js'
import type { NewMessage } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'
import { sha256, sha256InTurns, type Piece, type Sums } from '../sums.js'

export type Digests = ReturnType<typeof createDigests>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const digestsSql = {
  put: 'insert into digest (id, sums) values (?, ?) on conflict do nothing',
  replace: 'insert into digest (id, sums) values (?, ?) on conflict do update set sums = excluded.sums',
  get: 'select sums from digest where id = ?',
  foundRow: 'insert into damaged (id, piece, found_at) values (?, ?, ?) on conflict do nothing',
  forget: 'delete from damaged where id = ? and piece = ?',
  known: 'select id, piece from damaged',
}
const sql = digestsSql

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
  const place = (id: string, piece: string) => `${id} ${piece}`
  const found = new Set(known.all().map(({ id, piece }) => place(id, piece)))

  /** Best effort: a disk that is damaged may take no more. Until the next start it is known all the same. */
  function remember(id: string, piece: string): void {
    if (found.has(place(id, piece))) return
    found.add(place(id, piece))
    commit(() => foundRow.run(id, piece, Date.now())).catch((err: unknown) =>
      log.error({ id, piece, err }, 'that bytes are damaged could not be written'),
    )
  }

  const sumsOf = (id: string): Sums => JSON.parse(get.get(id)?.sums ?? '{}') as Sums

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
    log.error({ id, err }, 'bytes in the ledger are damaged: they cannot be unpacked')
  }

  return {
    /** How many pieces were ever found damaged in this ledger. */
    damaged: () => found.size,
    /** In the transaction that writes it anew. */
    healed(id: string, piece: string): void {
      forget.run(id, piece)
      found.delete(place(id, piece))
    },
    isKnownDamaged: (id: string, piece: string) => found.has(place(id, piece)),
    /** In the transaction that writes what is sent to an agency in place of the message. */
    noteSent(submissionId: string, sum: string): void {
      put.run(submissionId, JSON.stringify({ sent: sum } satisfies Sums))
    },
    /** In the transaction that writes the bytes. */
    note({ messageId, bytes, bytesSha256, forwarded, attachments, submissions }: NewMessage, known?: Sums): void {
      const sums: Sums = known ?? {
        message: bytesSha256 ?? sha256(bytes),
        ...(forwarded ? { forwarded: sha256(forwarded) } : {}),
        ...(attachments.length > 0 ? { attachments: attachments.map((one) => sha256(one.bytes)) } : {}),
      }
      put.run(messageId, JSON.stringify(sums))
      for (const { submissionId, sent } of submissions)
        if (sent) put.run(submissionId, JSON.stringify({ sent: sha256(sent.bytes) } satisfies Sums))
    },
    /** What an interchange was answered as a whole. In the transaction that writes it. */
    noteAcknowledgement(interchangeId: string, bytes: Buffer): void {
      replace.run(interchangeId, JSON.stringify({ acknowledgement: sha256(bytes) } satisfies Sums))
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
        log.error({ id, piece, err }, 'bytes in the ledger are damaged: they cannot be unpacked')
        return undefined
      }
      const whole = (await sha256InTurns(bytes, createTurn())) === sum || differs(bytes, sum, { id, piece })
      return whole ? bytes : undefined
    },
    /**
     * @param id of the message; of the submission where the piece is its own form; of the interchange for its
     * acknowledgement
     */
    isWhole: (id: string, piece: Piece, bytes: Buffer) => compare(bytes, sumsOf(id)[piece], { id, piece }),
    /** Of an agency's answer, whose SHA-256 stands beside it. What was let go is empty, and whole. */
    replyIsWhole: async (id: string, bytes: Buffer, sum: string) =>
      bytes.length === 0 || compare(bytes, sum, { id, piece: 'reply' }),
    /** The same of what is small, at once. */
    smallReplyIsWhole: (id: string, bytes: Buffer, sum: string) =>
      bytes.length === 0 || sha256(bytes) === sum || differs(bytes, sum, { id, piece: 'reply' }),
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
      const sums = sumsOf(messageId).attachments ?? []
      for (const [i, { name, bytes }] of attachments.entries())
        if (!(await compare(bytes, sums[i], { id: messageId, piece: `attachment ${name}` }))) return false
      return true
    },
  }
}

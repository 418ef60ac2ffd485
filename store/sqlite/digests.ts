// digests — bytes are compared with what they were before anybody gets them: a flipped byte on a disk must not be filed with customs.
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import type { NewMessage } from '../ledger.js'

interface Sums {
  message?: string
  forwarded?: string
  attachments?: string[]
  sent?: string
}
type Piece = 'message' | 'forwarded' | 'sent'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

export type Digests = ReturnType<typeof createDigests>

export function createDigests(db: Database.Database, log?: { error(ids: object, event: string): void }) {
  const put = db.prepare('insert into digest values (?, ?) on conflict do nothing')
  const get = db.prepare<[string], { sums: string }>('select sums from digest where id = ?')
  let found = 0

  const sumsOf = (id: string): Sums => JSON.parse(get.get(id)?.sums ?? '{}') as Sums

  function compare(bytes: Buffer, sum: string | undefined, ids: { id: string; piece: string }): boolean {
    if (sum === undefined || sha256(bytes) === sum) return true
    found++
    log?.error({ ...ids, size: bytes.length, wanted: sum }, 'bytes in the ledger are damaged: they are not used')
    return false
  }

  function unreadable(id: string, err: unknown): void {
    found++
    log?.error({ id, err }, 'bytes in the ledger are damaged: they cannot be unpacked')
  }

  return {
    /** How many damaged pieces were come upon since the start. */
    damaged: () => found,
    /** In the transaction that writes the bytes. */
    note({ messageId, bytes, forwarded, attachments, submissions }: NewMessage): void {
      const sums: Sums = {
        message: sha256(bytes),
        ...(forwarded ? { forwarded: sha256(forwarded) } : {}),
        ...(attachments.length > 0 ? { attachments: attachments.map((one) => sha256(one.bytes)) } : {}),
      }
      put.run(messageId, JSON.stringify(sums))
      for (const { submissionId, sent } of submissions)
        if (sent) put.run(submissionId, JSON.stringify({ sent: sha256(sent.bytes) } satisfies Sums))
    },
    unreadable,
    /** What cannot even be unpacked is damaged. @throws HubError HUB_BYTES_DAMAGED */
    async unpacked(messageId: string, bytes: Buffer | Promise<Buffer>): Promise<Buffer> {
      try {
        return await bytes
      } catch (cause) {
        unreadable(messageId, cause)
        throw new HubError('HUB_BYTES_DAMAGED', { messageId }, { cause })
      }
    },
    /** @param id of the message; of the submission where the piece is its own form */
    isWhole: (id: string, piece: Piece, bytes: Buffer) => compare(bytes, sumsOf(id)[piece], { id, piece }),
    attachmentsAreWhole(messageId: string, attachments: readonly { name: string; bytes: Buffer }[]): boolean {
      const sums = sumsOf(messageId).attachments ?? []
      return attachments.every(({ name, bytes }, i) =>
        compare(bytes, sums[i], { id: messageId, piece: `attachment ${name}` }),
      )
    },
  }
}

/** @throws HubError HUB_BYTES_DAMAGED */
export function mustBeWhole(whole: boolean, messageId: string): void {
  if (!whole) throw new HubError('HUB_BYTES_DAMAGED', { messageId })
}

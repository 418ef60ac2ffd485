// damage — what of the ledger's bytes is known to be damaged, and the comparing that finds it. For both engines, which
// keep the list.
import { HubError } from '../messages/errors.js'
import { createTurn } from '../messages/turns.js'
import { sha256, sha256InTurns } from './sums.js'

/** @see [createDigests](./sqlite/digests.ts), [createDigests](./postgres/digests.ts) */
interface DamageParts {
  log: { error(ids: object, event: string): void }
  /** Writes that a piece was found damaged. Best effort: a disk that is damaged may take no more. */
  write: (id: string, piece: string) => Promise<unknown>
  /** What of an error is logged. */
  plain?: (err: unknown) => unknown
}

/** A piece of what stands under an id. */
export interface PieceOf {
  id: string
  piece: string
}

export type DamageNotes = ReturnType<typeof createDamage>

const nameOf = ({ id, piece }: PieceOf) => `${id} ${piece}`

/**
 * The list of damaged pieces as this process knows it; `write` adds one on disk, `plain` makes an error of the engine
 * one a log may show.
 */
export function createDamage({ log, write, plain = (err) => err }: DamageParts) {
  let found = new Set<string>()

  /** Until the next start it is known, even where that could not be written. */
  function remember(of: PieceOf): void {
    if (found.has(nameOf(of))) return
    found.add(nameOf(of))
    write(of.id, of.piece).catch((err: unknown) =>
      log.error({ ...of, err: plain(err) }, 'that bytes are damaged could not be written'),
    )
  }

  function differs(bytes: Buffer, sum: string, of: PieceOf): false {
    remember(of)
    log.error({ ...of, size: bytes.length, wanted: sum }, 'bytes in the ledger are damaged: they are not used')
    return false
  }

  function unreadable(id: string, err: unknown): void {
    remember({ id, piece: 'message' })
    log.error({ id, err: plain(err) }, 'bytes in the ledger are damaged: they cannot be unpacked')
  }

  /** @param sum hexadecimal SHA-256; undefined where none was kept, and nothing can be said against the bytes */
  const isWhole = async (bytes: Buffer, sum: string | undefined, of: PieceOf): Promise<boolean> =>
    sum === undefined || (await sha256InTurns(bytes)) === sum || differs(bytes, sum, of)

  return {
    isWhole,
    unreadable,
    /** The whole list, as it was written. */
    know(pieces: readonly PieceOf[]): void {
      found = new Set(pieces.map(nameOf))
    },
    /** How many pieces were ever found damaged in this ledger. */
    count: () => found.size,
    isKnown: (of: PieceOf) => found.has(nameOf(of)),
    healed: (of: PieceOf) => void found.delete(nameOf(of)),
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
      { sum, ...of }: PieceOf & { sum: string },
      unpacked: () => Buffer | Promise<Buffer>,
    ): Promise<Buffer | undefined> {
      let bytes: Buffer
      try {
        bytes = await unpacked()
      } catch (err) {
        remember(of)
        log.error({ ...of, err: plain(err) }, 'bytes in the ledger are damaged: they cannot be unpacked')
        return undefined
      }
      const whole = (await sha256InTurns(bytes, createTurn())) === sum || differs(bytes, sum, of)
      return whole ? bytes : undefined
    },
    /** Of an agency's answer, whose SHA-256 stands beside it. What was let go is empty, and whole. */
    replyIsWhole: async (id: string, bytes: Buffer, sum: string) =>
      bytes.length === 0 || isWhole(bytes, sum, { id, piece: 'reply' }),
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
  }
}

/** Of the attachments of a message, in their order. @param sums absent: none were kept */
export async function filesAreWhole(
  damage: DamageNotes,
  {
    messageId,
    files,
    sums = [],
  }: {
    messageId: string
    files: readonly { name: string; bytes: Buffer }[]
    sums: string[] | undefined
  },
): Promise<boolean> {
  for (const [i, { name, bytes }] of files.entries())
    if (!(await damage.isWhole(bytes, sums[i], { id: messageId, piece: `attachment ${name}` }))) return false
  return true
}

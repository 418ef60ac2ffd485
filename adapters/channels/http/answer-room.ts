// answer-room — what is read for an answer takes room in memory, as what is sent to the hub does, until the caller has
// it: many who ask for what is large, and read it slowly, wait for each other and fill no memory.
import type { FastifyReply } from 'fastify'
import type { MemoryBudget, Room } from '../../../messages/memory-budget.js'

/** Hands out room in memory for what is read for answers, and takes it back when the caller has it. */
export interface AnswerRoom {
  /**
   * Reads what may have up to `most` bytes, when there is room for that; the room it does not need is given back at
   * once.
   * @throws HubError HUB_MEMORY_BUSY
   */
  reading<T>(who: Reader, read: () => Promise<T>, sizeOf: (found: T) => number): Promise<T>
  /** Takes room for what has been read. */
  holding(who: Reader, bytes: number): Promise<void>
}

interface Reader {
  owner: string
  reply: FastifyReply
}

/**
 * Room for answers, of the memory that all messages share.
 * @param most bytes that one answer may have
 */
export function createAnswerRoom({ memory, most }: { memory: MemoryBudget; most: number }): AnswerRoom {
  /** Given back when the answer is sent, or nobody waits for it any more. */
  async function take({ owner, reply }: Reader, bytes: number): Promise<Room> {
    const room = memory.room(owner)
    reply.raw.once('close', room.release)
    if (reply.raw.destroyed) room.release()
    await room.take(bytes)
    return room
  }

  return {
    async reading(who, read, sizeOf) {
      const room = await take(who, most)
      try {
        const found = await read()
        room.give(Math.max(0, room.held - sizeOf(found)))
        return found
      } catch (error) {
        room.release()
        throw error
      }
    },
    async holding(who, bytes) {
      await take(who, bytes)
    },
  }
}

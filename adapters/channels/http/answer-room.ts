// answer-room — what is read for an answer takes room in memory, as what is sent to the hub does, until the caller has
// it: many who ask for what is large, and read it slowly, wait for each other and fill no memory.
import type { FastifyInstance, FastifyReply } from 'fastify'
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
  /** For all GETs of `app`: what they answer takes room too, where it is long and has none yet. */
  ofAnswers(app: FastifyInstance): void
}

/** Of what is shorter a connection holds a few at the most: one for each request under way. */
const longAnswer = 16 * 1024

interface Reader {
  owner: string
  reply: FastifyReply
}

/**
 * Room for answers, of the memory that all messages share.
 * @param most bytes that one answer may have
 */
export function createAnswerRoom({ memory, most }: { memory: MemoryBudget; most: number }): AnswerRoom {
  /** Those whose very bytes have their room. */
  const roomy = new WeakSet<FastifyReply>()

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
      roomy.add(who.reply)
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
    ofAnswers(app) {
      app.addHook('onSend', async ({ method, partner }, reply, payload: unknown) => {
        // What was sent and taken is answered, room or not.
        if (method !== 'GET' || roomy.has(reply)) return payload
        const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
        if (length >= longAnswer) await take({ owner: partner.partnerId, reply }, length)
        return payload
      })
    },
  }
}

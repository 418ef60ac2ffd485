// state-board — what each process that works the queues says about its gates, in Redis for a few seconds, so that any
// process can show all of them. For people to look at only: nothing is decided by it, and without Redis it is simply
// empty.
import type { GateView } from './gate.js'
import { withDeadline } from './deadline.js'
import { isReady, usualPrefix, type HubRedis } from './connection.js'

/** What one process said last. `at`: ISO 8601, UTC. */
export interface ProcessStates {
  /** Which process: host and number. */
  process: string
  at: string
  agencies: GateView[]
}

/** Who has not said anything for so long is gone. */
const FRESH_MS = 8_000

interface StateBoardParts {
  redis: HubRedis
  process: string
  prefix?: string
  patienceMs?: number
}

/** @param process which process this is: no two may share the name */
export function createStateBoard({ redis, process, prefix = usualPrefix, patienceMs = 1000 }: StateBoardParts) {
  const key = `${prefix}:gates`
  return {
    /** Never rejects. */
    async say(agencies: GateView[]): Promise<void> {
      if (!isReady(redis)) return
      const states: ProcessStates = { process, at: new Date().toISOString(), agencies }
      await withDeadline(
        redis.multi().hset(key, process, JSON.stringify(states)).expire(key, 60).exec(),
        patienceMs,
        'say',
      ).catch(() => {})
    },
    /** Takes it back: this process is ending. Never rejects. */
    async leave(): Promise<void> {
      if (isReady(redis)) await withDeadline(redis.hdel(key, process), patienceMs, 'leave').catch(() => {})
    },
    /** Of every process that has said something lately; none when Redis is away. Never rejects. */
    async read(): Promise<ProcessStates[]> {
      if (!isReady(redis)) return []
      try {
        const all = Object.values(await withDeadline(redis.hgetall(key), patienceMs, 'read')).map(
          (text) => JSON.parse(text) as ProcessStates,
        )
        return all.filter(({ at }) => Date.now() - Date.parse(at) < FRESH_MS)
      } catch {
        return []
      }
    },
  }
}

export type StateBoard = ReturnType<typeof createStateBoard>

// flow — keeps what one connection holds in memory small: a client that sends faster than the disk, or does not read,
// waits.
import type { Socket } from 'node:net'
import type { Brake } from '../../ssh/brake.js'
import { failure } from './refusal.js'

const most = { bytes: 2_097_152, requests: 1024 }
const outgoing = 1_048_576

/** What one connection has under way. What enters must leave, also when it failed. */
export interface Flow {
  /** A request came in: `bytes` of data it carries. Stops reading from the socket when too much is under way. */
  enter(bytes: number): void
  leave(bytes: number): void
  /** Requests under way. */
  readonly pending: number
  /** The client leaves answers unread. `waiting`: some wait for its word that it takes more. */
  clogged(waiting: () => boolean): boolean
  /** Resolves when the client has read enough of its answers; rejects when it does not read at all, or is gone. */
  drained(waiting: () => boolean, deadlineMs: number): Promise<void>
}

/** Holds the connection's brake while too much is under way. */
export function createFlow(socket: Socket, brake: Brake): Flow {
  let bytes = 0
  let pending = 0
  let paused = false
  const steer = (): void => {
    const full = bytes > most.bytes || pending > most.requests
    const free = bytes < most.bytes / 2 && pending < most.requests / 2
    if (!paused && full) {
      paused = true
      brake.hold('flow')
    } else if (paused && free) {
      paused = false
      brake.release('flow')
    }
  }
  const clogged = (waiting: () => boolean): boolean =>
    !socket.destroyed && (waiting() || socket.writableLength > outgoing)
  return {
    clogged,
    get pending() {
      return pending
    },
    enter(size) {
      bytes += size
      pending += 1
      steer()
    },
    leave(size) {
      bytes -= size
      pending -= 1
      steer()
    },
    async drained(waiting, deadlineMs) {
      const deadline = Date.now() + deadlineMs
      while (clogged(waiting)) {
        if (Date.now() > deadline) {
          socket.destroy()
          throw failure('The client does not read its answers')
        }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      if (socket.destroyed) throw failure('The client is gone')
    },
  }
}

// brake — a connection is read on only while nobody has a reason against it. Whatever a client sends, the SSH protocol
// answers most of it by itself (requests nobody serves, unknown messages): who reads no answers is read no further.
import type { Socket } from 'node:net'

/** Stops and goes on reading one connection. */
export interface Brake {
  /** Reads no further, until each who holds has let go. */
  hold(who: string): void
  release(who: string): void
}

/** Bytes that may wait to be read by the other side; a few answers to READ are below. */
const mostUnread = 4_194_304

/** The socket begins to be read with the next turn of the event loop: whoever reads it is there by then. */
export function createBrake(socket: Socket): Brake {
  const holding = new Set<string>()
  const brake: Brake = {
    hold(who) {
      holding.add(who)
      socket.pause()
    },
    release(who) {
      if (holding.delete(who) && holding.size === 0) socket.resume()
    },
  }
  socket.on('data', () => {
    if (socket.writableLength <= mostUnread || holding.has('unread')) return
    brake.hold('unread')
    socket.once('drain', () => brake.release('unread'))
  })
  return brake
}

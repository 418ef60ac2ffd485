// send-by-turns — what is asked of one connection in one turn leaves in one write. The driver writes each statement by
// itself, and a write to a socket wakes the other side: of a hub that sends, a quarter of the main thread.
import type { Socket } from 'node:net'
import type pg from 'pg'

/** @param client connected, with `pipeline`: it does not wait for one answer before it sends the next statement */
export function sendByTurns(client: pg.Client): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const query = client.query.bind(client) as (...asked: unknown[]) => unknown
  let held = false
  client.query = ((...asked: unknown[]) => {
    if (!held) {
      held = true
      stream.cork()
      // Behind all promises that go on in this turn.
      process.nextTick(() => {
        held = false
        stream.uncork()
      })
    }
    return query(...asked)
  }) as typeof client.query
}

// server-time — a hub's clock held against the server's. Hubs judge each other's tries by when they began: one whose
// clock is a minute ahead would take a living try for abandoned. So that moment is kept by the server's clock, which is
// one for all of them. Clocks that differ by no more than a second count as the same.

const sameMs = 1000

/** By how much the server's clock is ahead, in milliseconds; `@clock` is what the hub's own says. */
export const serverAhead = `(
  select case when abs(t.at - @clock::bigint) <= ${sameMs} then 0 else t.at - @clock::bigint end
  from (select (extract(epoch from statement_timestamp()) * 1000)::bigint as at) t)`

/** The server's clock as a column, in milliseconds since 1970. */
export const serverNow = `(extract(epoch from statement_timestamp()) * 1000)::bigint`

/**
 * By how much the server's clock is ahead at the least, in milliseconds: its time was told between a question and its
 * answer, `askedAt` and `answeredAt` by the hub's clock.
 */
export function serverAheadMs(
  server: number,
  { askedAt, answeredAt }: { askedAt: number; answeredAt: number },
): number {
  if (server > answeredAt + sameMs) return server - answeredAt
  if (server < askedAt - sameMs) return server - askedAt
  return 0
}

// load — keeps a number of connections busy with POSTs, each with a body of its own, until the time is over. In a
// process of its own, so that its processor time is not the hub's.
import { openConnection } from './connection.mjs'

/**
 * @typedef {import('./connection.mjs').Headers} Headers
 * @param {{ url: string, headers: Headers | Headers[], connections: number, seconds: number, body: (n: number) =>
 *   Buffer, limit?: number }} options headers: each connection has the next of a list, a partner's key for example
 * @returns {Promise<{ count: number, failed: number, seconds: number, latencies: number[], statuses: Record<string,
 *   number> }>}
 */
export async function load({ url, headers, connections, seconds, body, limit = Infinity }) {
  const latencies = []
  /** @type {Record<string, number>} */
  const statuses = {}
  let sent = 0
  let failed = 0
  const started = performance.now()
  const until = started + seconds * 1000
  const goesOn = () => performance.now() < until && sent < limit

  /** One connection, until the time is over; one that breaks counts as failed, and another takes its place. */
  const drive = async (/** @type {Headers} */ own) => {
    let connection = openConnection(url)
    while (goesOn()) {
      const bytes = body(sent++)
      const begun = performance.now()
      try {
        const { status } = await connection.call({ method: 'POST', headers: own, body: bytes })
        statuses[status] = (statuses[status] ?? 0) + 1
        latencies.push(performance.now() - begun)
      } catch {
        failed++
        connection = openConnection(url)
      }
    }
    connection.close()
  }
  const each = [headers].flat()
  await Promise.all(Array.from({ length: connections }, (_, i) => drive(each[i % each.length])))
  return { count: latencies.length, failed, seconds: (performance.now() - started) / 1000, latencies, statuses }
}

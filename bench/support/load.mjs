// load — keeps a number of connections busy with POSTs, each with a body of its own, until the time is over.
// In a process of its own, so that its processor time is not the hub's.
import { Agent, request } from 'node:http'

/**
 * @param {{ url: string, headers: Record<string, string>, connections: number, seconds: number, body: (n: number) =>
 *   Buffer, limit?: number }} options
 * @returns {Promise<{ count: number, failed: number, seconds: number, latencies: number[], statuses: Record<string,
 *   number> }>}
 */
export async function load({ url, headers, connections, seconds, body, limit = Infinity }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies = []
  /** @type {Record<string, number>} */
  const statuses = {}
  let sent = 0
  let failed = 0
  const started = performance.now()
  const until = started + seconds * 1000
  const one = () =>
    new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const bytes = body(sent++)
      const begun = performance.now()
      const call = request(
        url,
        { method: 'POST', agent, headers: { ...headers, 'content-length': bytes.length } },
        (response) => {
          response.resume()
          response.on('end', () => {
            latencies.push(performance.now() - begun)
            statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1
            resolve()
          })
        },
      )
      call.on('error', () => {
        failed++
        resolve()
      })
      call.end(bytes)
    })
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until && sent < limit) await one()
    }),
  )
  agent.destroy()
  return { count: latencies.length, failed, seconds: (performance.now() - started) / 1000, latencies, statuses }
}

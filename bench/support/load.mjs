// load — keeps a number of connections busy with POSTs, each with a body of its own, until the time is over. In a
// process of its own, so that its processor time is not the hub's; and it speaks HTTP by hand, because it shares the
// machine's cores with what it measures: node's own client costs as much a message as half the hub.
import { connect } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')

/**
 * @typedef {Record<string, string>} Headers
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
  const { hostname, port, pathname, search, host } = new URL(url)
  const heads = [headers].flat().map((own) => {
    const said = Object.entries({ host, ...own }).map(([name, value]) => `${name}: ${value}\r\n`)
    return `POST ${pathname}${search} HTTP/1.1\r\n${said.join('')}content-length: `
  })
  const started = performance.now()
  const until = started + seconds * 1000
  const goesOn = () => performance.now() < until && sent < limit

  /** One connection, until the time is over; one that breaks counts as failed, and another takes its place. */
  const drive = (/** @type {string} */ head) =>
    new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      let begun = 0
      let waits = false
      let over = false
      /** @type {Buffer | undefined} */
      let came
      const send = () => {
        if (!goesOn()) return end()
        const bytes = body(sent++)
        begun = performance.now()
        waits = true
        socket.write(Buffer.concat([Buffer.from(`${head}${bytes.length}\r\n\r\n`), bytes]))
      }
      const end = () => {
        if (over) return
        over = true
        socket.destroy()
        if (waits) failed++
        resolve(waits && goesOn() ? drive(head) : undefined)
      }
      socket.on('connect', send)
      socket.on('data', (chunk) => {
        came = came ? Buffer.concat([came, chunk]) : chunk
        const stop = came.indexOf(headEnd)
        if (stop < 0) return
        const answer = came.toString('latin1', 0, stop)
        const length = /\r\ncontent-length: *(\d+)/i.exec(answer)
        if (!length) return end()
        if (came.length < stop + headEnd.length + Number(length[1])) return
        came = undefined
        waits = false
        const status = answer.slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
        latencies.push(performance.now() - begun)
        send()
      })
      socket.on('error', end)
      socket.on('close', end)
    })
  await Promise.all(Array.from({ length: connections }, (_, i) => drive(heads[i % heads.length])))
  return { count: latencies.length, failed, seconds: (performance.now() - started) / 1000, latencies, statuses }
}

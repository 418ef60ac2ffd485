// connection — HTTP by hand over connections that stay open. The client shares the machine's cores with what it
// measures, and node's own costs as much a message as half the hub.
import { connect } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')

/**
 * @typedef {Record<string, string>} Headers
 * @typedef {{ method?: string, path?: string, headers?: Headers, body?: Buffer | string }} Call path: by default that
 *   of the url
 * @typedef {{ status: number, body: Buffer }} Answer
 * @typedef {{ call: (call: Call) => Promise<Answer>, close: () => void }} Connection `call` fails when the connection
 *   breaks: nothing goes over it any more
 */

/**
 * @param {Buffer} rest
 * @param {number} length
 * @returns {Buffer | undefined} undefined: more is to come
 */
const bodyOf = (rest, length) => (rest.length < length ? undefined : rest.subarray(0, length))

/**
 * The pieces of an answer without a length, RFC 9112 section 7.1.
 *
 * @param {Buffer} rest
 * @returns {Buffer | undefined} undefined: more is to come
 */
function bodyInChunks(rest) {
  const pieces = []
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at)
    if (end < 0) return undefined
    const length = parseInt(rest.toString('latin1', at, end), 16)
    at = end + 2 + length + 2
    if (rest.length < at) return undefined
    if (length === 0) return Buffer.concat(pieces)
    pieces.push(rest.subarray(end + 2, at - 2))
  }
}

/**
 * One call after the other.
 * @param {string} base
 * @returns {Connection}
 */
export function openConnection(base) {
  const url = new URL(base)
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  /** @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | undefined} */
  let waiting
  /** @type {Error | undefined} */
  let broken
  let came = Buffer.alloc(0)

  /** @param {Error} error */
  const end = (error) => {
    broken ??= error
    socket.destroy()
    waiting?.reject(broken)
    waiting = undefined
  }
  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed')))
  socket.on('data', (chunk) => {
    came = came.length === 0 ? chunk : Buffer.concat([came, chunk])
    const stop = came.indexOf(headEnd)
    if (stop < 0) return
    const head = came.toString('latin1', 0, stop)
    const rest = came.subarray(stop + headEnd.length)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    const body = length ? bodyOf(rest, Number(length[1])) : bodyInChunks(rest)
    if (!body || !waiting) return
    const { resolve } = waiting
    waiting = undefined
    came = Buffer.alloc(0)
    resolve({ status: Number(head.slice(9, 12)), body })
  })

  return {
    call({ method = 'GET', path = `${url.pathname}${url.search}`, headers = {}, body = '' }) {
      return new Promise((resolve, reject) => {
        if (broken) return reject(broken)
        waiting = { resolve, reject }
        const bytes = typeof body === 'string' ? Buffer.from(body) : body
        const said = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
        const lines = `${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${said.join('')}`
        socket.write(Buffer.concat([Buffer.from(`${lines}content-length: ${bytes.length}\r\n\r\n`), bytes]))
      })
    },
    close: () => socket.destroy(),
  }
}

/**
 * Calls over as many connections as there are calls at a time.
 * @param {string} base
 * @returns {Connection}
 */
export function createCaller(base) {
  /** @type {Connection[]} */
  const idle = []
  /** @type {Set<Connection>} */
  const all = new Set()
  return {
    async call(call) {
      const connection = idle.pop() ?? openConnection(base)
      all.add(connection)
      try {
        const answer = await connection.call(call)
        idle.push(connection)
        return answer
      } catch (error) {
        all.delete(connection)
        throw error
      }
    },
    close: () => all.forEach((connection) => connection.close()),
  }
}

// exchange — one HTTP request and its answer, told with what a resend needs to know: whether a byte may have left.
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Room } from '../../../messages/memory-budget.js'

interface Exchange {
  method: 'GET' | 'POST'
  url: URL
  headers: Record<string, string>
  body?: Buffer
  /** For everything together: connecting, sending, the whole answer. */
  deadlineMs: number
  /** Largest answer read, in bytes, as its head tells. */
  maxAnswer: (head: AnswerHead) => number
  /**
   * A new room in memory for the answer: while there is none it is not read on, until the deadline. Default: there is
   * always room.
   */
  room?: () => Room
  agent: HttpAgent | HttpsAgent
  /** Ends it while nothing has left. */
  signal: AbortSignal
}

/** Names of headers in small letters; of several of one name, joined by a comma. */
interface AnswerHead {
  status: number
  headers: Record<string, string>
}

/**
 * - `answered`: head and body, whole
 * - `not-sent`: surely no byte left (no address, refused, TLS not agreed, stopped before it was connected)
 * - `cut`: bytes may have left; the connection broke, or the deadline passed, before the answer was whole. `head` when
 *   it had come
 */
export type Exchanged =
  | ({ outcome: 'answered'; body: Buffer } & AnswerHead)
  | { outcome: 'not-sent'; detail: string }
  | { outcome: 'cut'; why: 'deadline' | 'connection' | 'too-large'; detail: string; head?: AnswerHead }

/**
 * Connections that stay open for the next message, but not long: a server closes idle ones too, and a message written
 * just as it does is in doubt. After two idle seconds the hub closes first.
 */
export function keepAliveAgent(url: URL, tls?: () => TlsMaterial): HttpAgent | HttpsAgent {
  const options = { keepAlive: true, maxFreeSockets: 16, timeout: 2000, scheduling: 'lifo' as const }
  if (url.protocol !== 'https:') return new HttpAgent(options)
  return tls ? new FreshTlsAgent(options, tls) : new HttpsAgent(options)
}

/** PEM, and the name expected in the agency's certificate where its address has another. */
export interface TlsMaterial {
  ca?: Buffer | undefined
  cert?: Buffer | undefined
  key?: Buffer | undefined
  passphrase?: string | undefined
  servername?: string | undefined
}

/** Asks for its certificates at every new connection. */
class FreshTlsAgent extends HttpsAgent {
  constructor(
    options: AgentOptions,
    private readonly material: () => TlsMaterial,
  ) {
    super({ ...options, minVersion: 'TLSv1.2' })
  }
  override createConnection(
    options: object,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const given = Object.fromEntries(Object.entries(this.material()).filter(([, value]) => value !== undefined))
    return super.createConnection({ ...options, ...given }, callback)
  }
}

/**
 * Sends one request and reads the answer whole. What the network or the agency does is in the result: it never rejects.
 */
export function exchange({
  method,
  url,
  headers,
  body,
  deadlineMs,
  maxAnswer,
  room,
  agent,
  signal,
}: Exchange): Promise<Exchanged> {
  return new Promise((resolve) => {
    /** From here on bytes may be on their way. On a connection that was kept open that is at once. */
    let connected = false
    let head: AnswerHead | undefined
    let request: ClientRequest | undefined
    let settled = false
    let held: Room | undefined

    const settle = (result: Exchanged) => {
      if (settled) return
      settled = true
      held?.release()
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      // An answer that was not read to its end leaves a connection nobody may use again.
      if (result.outcome !== 'answered') request?.destroy()
      resolve(result)
    }
    const lost = (why: 'deadline' | 'connection' | 'too-large', detail: string) =>
      settle(connected ? { outcome: 'cut', why, detail, ...(head ? { head } : {}) } : { outcome: 'not-sent', detail })
    const late = () => lost('deadline', `no answer within ${deadlineMs} ms`)
    const timer = setTimeout(late, deadlineMs)
    const begun = performance.now()
    /**
     * The first byte leaves now. Not past the deadline: of a process that stood still meanwhile somebody may have asked
     * what became of this, heard that the agency has nothing, and sent it again.
     */
    const go = () => {
      if (settled) return
      if (performance.now() - begun >= deadlineMs) return late()
      connected = true
      request!.end(body)
    }
    const stop = () => {
      if (!connected) lost('connection', 'stopped before it was sent')
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop)

    try {
      const start = url.protocol === 'https:' ? httpsRequest : httpRequest
      request = start(url, {
        method,
        agent,
        headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
      })
    } catch (error) {
      // A header no HTTP allows, from the configuration.
      return lost('connection', messageOf(error))
    }
    request.on('socket', (socket: Socket) => {
      if (!socket.connecting) go()
      // For TLS the first byte of the request leaves after the handshake, certificate checked.
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', go)
    })
    request.on('error', (error) =>
      isTurnedAway(error)
        ? settle({ outcome: 'not-sent', detail: messageOf(error) })
        : lost('connection', messageOf(error)),
    )
    request.on('response', (response) => {
      head = { status: response.statusCode ?? 0, headers: plainHeaders(response) }
      held = room?.()
      readBody(response, { most: maxAnswer(head), room: held }, (result) =>
        Buffer.isBuffer(result)
          ? settle({ outcome: 'answered', ...head!, body: result })
          : lost(result.why, result.detail),
      )
    })
  })
}

type BodyTrouble = { why: 'connection' | 'too-large'; detail: string }

function readBody(
  response: IncomingMessage,
  { most, room }: { most: number; room: Room | undefined },
  done: (result: Buffer | BodyTrouble) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > most) done({ why: 'too-large', detail: `the answer is larger than ${most} bytes` })
    else chunks.push(chunk)
    const waits = room?.take(chunk.length)
    if (waits) {
      response.pause()
      // In vain: then it goes on as if there were room. The deadline ends what takes too long, and what was sent is not
      // to be in doubt for this.
      void waits.catch(() => {}).then(() => response.resume())
    }
  })
  response.on('end', () =>
    done(response.complete ? Buffer.concat(chunks) : { why: 'connection', detail: 'the answer ended early' }),
  )
  response.on('error', (error) => done({ why: 'connection', detail: `the answer was cut: ${messageOf(error)}` }))
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

/**
 * The server does not take our certificate. In TLS 1.3 it says so only after our first bytes may have left, but it
 * reads none of them (RFC 8446, 4.4.2.4 and 6.2: a fatal alert ends the handshake).
 */
function isTurnedAway(error: Error): boolean {
  return /^ERR_SSL_\w*ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)$/.test(
    (error as NodeJS.ErrnoException).code ?? '',
  )
}

const ofCertificate = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Several addresses tried (IPv6, IPv4): the sum has no words of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  // What is wrong with the certificate does not say whose it is.
  return ofCertificate.test((error as NodeJS.ErrnoException).code ?? '')
    ? `the certificate of the agency: ${error.message}`
    : error.message
}

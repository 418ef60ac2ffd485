// credentials — what came with a call to show who makes it: a bearer key or token, the certificate of its connection,
// and the address.
import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { digestsOf } from '../../trust/client-certificate.js'
import { bearer } from './bearer.js'

/** What a call shows. Nothing of it is known to be right yet. */
export interface ShownCredentials {
  key?: string | undefined
  /** What the certificate may be known by; none without one. */
  certificates: readonly string[]
  address: string
}

/** What a client shows at /oauth2/token. */
export interface ShownClient {
  clientId: string
  secret: string
}

/** The authorities whose clients may be known by their name. Asked at each new connection, since they may change. */
export type Authorities = () => readonly X509Certificate[]

/** Reads what a call shows. */
export function createCredentials(authorities: Authorities): (request: FastifyRequest) => ShownCredentials {
  /**
   * Once a connection: its certificate stays what it is, and handshakes are whole (no resumption where certificates are
   * asked for).
   */
  const known = new WeakMap<Socket, { digests: string[]; validTo: number }>()

  function digestsOn(socket: Socket): string[] {
    if (!(socket instanceof TLSSocket)) return []
    let found = known.get(socket)
    if (!found) {
      const leaf = socket.getPeerX509Certificate()
      found = {
        digests: leaf ? digestsOf(leaf, { trusted: socket.authorized, authorities: authorities() }) : [],
        validTo: leaf ? Date.parse(leaf.validTo) : Infinity,
      }
      known.set(socket, found)
    }
    // A connection that stays open outlives its certificate; what it may do does not.
    return found.validTo < Date.now() ? [] : found.digests
  }

  return (request) => ({ key: bearer(request), certificates: digestsOn(request.raw.socket), address: request.ip })
}

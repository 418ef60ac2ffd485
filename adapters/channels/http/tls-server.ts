// tls-server — the HTTP door behind TLS: modern versions and suites only, handshakes begun in turn, and a clear answer
// for whoever speaks plain HTTP.
import { constants } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { addressGroup } from '../strangers.js'
import { HubError } from '../../../messages/errors.js'
import { createHandshakePace } from './handshake-pace.js'
import { rawAnswer } from './problem.js'

/** PEM, as `adapters/trust` reads it. */
export interface ServedCertificate {
  cert: Buffer
  key: Buffer
  passphrase?: string | undefined
}

/** What a TLS server shows, and asks of callers. */
export interface TlsSetting {
  certificate: ServedCertificate
  /**
   * Ask callers for a certificate of their own. One that shows none is served all the same; who it is, is asked
   * elsewhere.
   */
  asksCertificate: boolean
  /** PEM of the authorities that may have issued it, where some are trusted by name. */
  clientAuthorities?: Buffer | undefined
  /** Told of a handshake that failed, with OpenSSL's short reason. */
  failed?: (reason: string) => void
}

/**
 * TLS 1.3 with its three suites, and TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, section 4.2).
 * Nothing a client offers can lower that.
 */
const tlsPolicy = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: 'X25519:P-256:P-384',
  honorCipherOrder: true,
  // A client that renegotiates makes the hub compute again and again on one connection.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const

/** A handshake must be over after this long. */
const handshakeMs = 10_000
/** The first byte of a TLS record that begins a handshake (RFC 8446, section 5.1). */
const handshakeRecord = 0x16
/** How long a caller that speaks plain HTTP has to read why that is no use. */
const plainAnswerMs = 1_000

/** What `setSecureContext` takes, for the first certificate and for every later one. */
const secureContext = (
  { cert, key, passphrase }: ServedCertificate,
  { asksCertificate, clientAuthorities }: Pick<TlsSetting, 'asksCertificate' | 'clientAuthorities'>,
) => ({
  ...tlsPolicy,
  // A resumed session brings the certificate of an earlier handshake. Where certificates say who calls, every handshake
  // is whole.
  ...(asksCertificate ? { secureOptions: tlsPolicy.secureOptions | constants.SSL_OP_NO_TICKET } : {}),
  // Without authorities of its own Node would believe every public one.
  ...(asksCertificate ? { ca: clientAuthorities ?? [] } : {}),
  cert,
  key,
  ...(passphrase === undefined ? {} : { passphrase }),
})

/** An HTTPS server whose certificate can be replaced while it runs. */
export interface TlsServer {
  server: Server
  /** New connections get this one from now on; open ones go on with theirs. */
  renew(certificate: ServedCertificate): void
}

/** Makes the HTTPS server of the door, which does not listen yet. Times in milliseconds. */
export function createTlsServer(
  handler: RequestListener,
  setting: TlsSetting,
  options: { headersTimeout: number; connectionsCheckingInterval: number },
): TlsServer {
  const { certificate, asksCertificate, failed = () => {} } = setting
  const server = createServer(
    {
      ...options,
      ...secureContext(certificate, setting),
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeMs,
      requestCert: asksCertificate,
      // A certificate of an authority nobody knows is looked up by its fingerprint; the handshake alone decides
      // nothing.
      rejectUnauthorized: false,
    },
    handler,
  )
  // Node answers by itself what is no TLS with a closed connection. So the first byte is looked at before TLS gets the
  // socket.
  const [begin] = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeListener('connection', begin!)
  const pace = createHandshakePace()
  server.on('connection', (socket: Socket) => {
    socket.once('error', () => socket.destroy())
    const impatient = setTimeout(() => socket.destroy(), handshakeMs)
    socket.once('close', () => clearTimeout(impatient))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      clearTimeout(impatient)
      if (first[0] !== handshakeRecord) return answerPlain(socket)
      socket.unshift(first)
      pace.begin(addressGroup(socket.remoteAddress ?? ''), () => {
        if (!socket.destroyed) begin!.call(server, socket)
      })
    })
  })
  server.on('tlsClientError', (error: Error & { code?: string; reason?: string }) =>
    failed(error.reason ?? error.code ?? 'unknown'),
  )
  server.once('close', () => pace.stop())
  return {
    server,
    renew: (next) => server.setSecureContext(secureContext(next, setting)),
  }
}

/**
 * Told in plain HTTP, since that is what this caller reads; what it sends meanwhile is thrown away, so that the answer
 * arrives.
 */
function answerPlain(socket: Socket): void {
  socket.resume()
  socket.end(rawAnswer(new HubError('HUB_TLS_ONLY'), 'Bad Request'))
  setTimeout(() => socket.destroy(), plainAnswerMs).unref()
}

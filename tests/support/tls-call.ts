// tls-call — one HTTPS call that trusts a test's own authority, with or without a certificate of the caller's own.
import { Agent, request } from 'node:https'
import { connect, type ConnectionOptions } from 'node:tls'
import { text } from 'node:stream/consumers'

export interface TlsCall extends Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** Kept open between calls; without one each call has a connection of its own. */
  agent?: Agent
  /** The address it comes from: all of 127.0.0.0/8 is this machine. */
  localAddress?: string
}

export interface TlsAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  json: Record<string, unknown>
  /** SHA-256 of the certificate the server showed, in lower-case hexadecimal digits. */
  fingerprint: string
}

export function tlsCall(url: string, { method = 'GET', headers = {}, body, agent, ...more }: TlsCall = {}) {
  return new Promise<TlsAnswer>((resolve, reject) => {
    const own = agent ?? new Agent({ keepAlive: false, maxCachedSessions: 0, ...more })
    const sent = request(url, { method, headers, agent: own, ...more }, (response) => {
      const socket = response.socket as import('node:tls').TLSSocket
      const fingerprint = (socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase()
      text(response).then((said) => {
        const json = (said.startsWith('{') ? JSON.parse(said) : {}) as Record<string, unknown>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: said, json, fingerprint })
      }, reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** Version and suite that were agreed on; the error's code when none was. */
export function handshake(url: string, options: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ...options }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
      socket.destroy()
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

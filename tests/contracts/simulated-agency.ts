// simulated-agency — the simulator as the peer of connectors that speak HTTP, for the contract all connectors keep:
// with and without TLS.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request as overHttp, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer, request as overHttps } from 'node:https'
import { onTestFinished } from 'vitest'
import type { Connector, OutboundMessage } from '../../adapters/connectors/connector.js'
import { readReply } from '../../messages/reply.js'
import { routing } from '../support/data.js'
import { samplePath } from '../support/hub.js'
import type { AgencyUnderTest } from './connector.js'

export interface SimulatedParts {
  url: string
  /** What the test itself shows the agency, where it asks for a certificate. */
  tls?: { ca: Buffer; cert: Buffer; key: Buffer }
  connect: (deadlineMs: number) => Connector
  connectNowhere: () => Connector
  /** A connector to a server of the test's own. */
  connectTo: (url: string) => Connector
  /** What such a server shows, where connectors ask for a certificate. */
  server?: { cert: Buffer; key: Buffer }
}

let count = 0
export function simulatedMessage(documentType: string, over: Partial<OutboundMessage> = {}): OutboundMessage {
  const number = String(++count).padStart(4, '0')
  const bytes = readFileSync(samplePath(`ceb/${documentType}.xml`))
  return {
    submissionId: `sub_${number}`,
    messageId: `msg_${number}`,
    operation: '10.1.3.1.1',
    documentType,
    reference: `R${number}`,
    bytes,
    attachments: [],
    ...over,
  }
}

/** As the hub itself reads receipts. */
export const isReceipt = (() => {
  const { documents } = routing
  const types = documents.flatMap(({ receipts }) => receipts)
  const envelopes = documents.flatMap((family) => family.envelopes ?? [])
  return (bytes: Buffer) => readReply(bytes, types, envelopes) !== undefined
})()

/** A server that reads a request whole, answers with these bytes and closes. Its address. */
async function answering(wire: Buffer, server?: { cert: Buffer; key: Buffer }): Promise<string> {
  const handle = (request: IncomingMessage) => void request.resume().on('end', () => request.socket.end(wire))
  const peer = server ? createTlsServer(server, handle) : createHttpServer(handle)
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void peer.close())
  return `${server ? 'https' : 'http'}://127.0.0.1:${(peer.address() as { port: number }).port}`
}

export async function simulatedAgency({
  url,
  tls,
  connect,
  connectNowhere,
  connectTo,
  server,
}: SimulatedParts): Promise<AgencyUnderTest> {
  const call = (method: string, path: string, body?: object) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = (tls ? overHttps : overHttp)(url + path, { method, agent: false, ...tls }, (response) => {
        const chunks: Buffer[] = []
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }))
      })
      sent.on('error', reject).end(body && JSON.stringify(body))
    })
  const behave = async (behaviour: object) => {
    const { status, text } = await call('POST', '/control', behaviour)
    if (status !== 200) throw new Error(text)
  }
  await call('DELETE', '/control')
  return {
    carriesIds: true,
    findsItsOwn: false,
    connect: ({ deadlineMs = 30_000 } = {}) => connect(deadlineMs),
    connectNowhere,
    async busy() {
      await behave({ fail: 503 })
      return async () => void (await call('DELETE', '/control'))
    },
    cut: (when) => behave({ hangUp: when, times: 1 }),
    slow: (slowMs) => behave({ slowMs, times: 1 }),
    async taken(submissionId) {
      const { status, text } = await call('GET', `/gacc/submissions/${submissionId}`)
      return status === 200 ? (JSON.parse(text) as never) : undefined
    },
    answeredAtOnce: () => simulatedMessage('CEB311Message'),
    answering: async (wire) => connectTo(await answering(wire, server)),
    message: () => simulatedMessage('CEB621Message'),
    async refuse() {
      await behave({ fail: 422, times: 1 })
      return 'simulated 422'
    },
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  }
}

// collector — takes traces by OTLP over HTTP (JSON), as a collector does, and remembers them.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface CollectedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: Record<string, unknown>
  links?: { traceId: string; spanId: string }[]
  status: { code: number; message?: string }
}

interface Value {
  stringValue?: string
  intValue?: string | number
  arrayValue?: { values: Value[] }
}
type Attributes = { key: string; value: Value }[]
interface Export {
  resourceSpans: {
    resource: { attributes: Attributes }
    scopeSpans: { spans: (Omit<CollectedSpan, 'attributes'> & { attributes: Attributes })[] }[]
  }[]
}

const plain = (attributes: Attributes) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? (value.intValue === undefined ? value : Number(value.intValue)),
    ]),
  )

/** On a free port, until the test is over. */
export async function startCollector({ port = 0 }: { port?: number } = {}) {
  const bodies: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      bodies.push(body)
      headers.push(request.headers)
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  const close = () => new Promise<void>((closed) => (server.closeAllConnections(), server.close(() => closed())))
  onTestFinished(close)
  const exports = () => bodies.map((body) => JSON.parse(body) as Export)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    /** What came, to the letter. */
    raw: () => bodies.join('\n'),
    headers: () => headers,
    resources: () =>
      exports().flatMap(({ resourceSpans }) => resourceSpans.map(({ resource }) => plain(resource.attributes))),
    spans: (): CollectedSpan[] =>
      exports().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, attributes: plain(span.attributes) }))),
        ),
      ),
  }
}

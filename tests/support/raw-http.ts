// raw-http — a request exactly as written, for what fetch and FormData would never send.
import { connect } from 'node:net'
import { patienceMs } from './until.js'

export interface RawRequest {
  method?: string
  path?: string
  /** As they are written, names and values. `Host`, `Connection: close` and `Content-Length` are added. */
  headers?: [string, string][]
  body?: Buffer | string
}

export interface RawAnswer {
  status: number
  headers: Map<string, string>
  text: string
}

/** The answer; status 0 when the door closes without one. */
export function rawHttp(url: string, { method = 'POST', path = '/', headers = [], body = '' }: RawRequest) {
  const { hostname, port } = new URL(url)
  const bytes = Buffer.from(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${hostname}`,
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
      ? []
      : [`Content-Length: ${bytes.length}`]),
  ]
  return new Promise<RawAnswer>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => {
      socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'))
      socket.write(bytes)
    })
    socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer to ${head[0]}`)))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(read(Buffer.concat(chunks))) : reject(error),
    )
    socket.once('end', () => resolve(read(Buffer.concat(chunks))))
  })
}

function read(answer: Buffer): RawAnswer {
  const [head = '', ...rest] = answer.toString('utf8').split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^[^:]*: ?/, '')]),
    ),
    text: rest.join('\r\n\r\n'),
  }
}

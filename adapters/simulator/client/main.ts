// main — a simulated Single Window client as a process of its own.
//   node dist/adapters/simulator/client/main.js --root DIR [--folders Deccus001,Acd]  or  --drop DIR --pick-up DIR
//        --families DIR [--every MS] [--port N] [--die-with-parent]
// Says {"ready":true,"url":"…"} on standard output. GET /taken tells what it has, POST /control how to behave, DELETE
// /control forgets.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Value } from 'typebox/value'
import { loadAnswers } from '../answers.js'
import { dropFolders, importFolders } from './boxes.js'
import { ClientBehaviour, createClient } from './client.js'

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const
const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    folders: text(''),
    drop: { type: 'string' },
    'pick-up': { type: 'string' },
    families: text('xsd/families'),
    every: text('500'),
    port: text('0'),
    'die-with-parent': { type: 'boolean', default: false },
  },
})

const { root, drop, 'pick-up': pickUp } = values
const folders = values.folders.split(',').filter(Boolean)
const boxes = () =>
  root !== undefined
    ? importFolders(root, folders)
    : dropFolders({ drop: drop ?? './drop', pickUp: pickUp ?? './pick-up' })
const log = (event: string, ids: object) =>
  void process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...ids })}\n`)
const client = createClient({
  boxes,
  book: loadAnswers(values.families, {
    copy: fileURLToPath(new URL('../../../simulator.json', import.meta.url)),
    formsDir: fileURLToPath(new URL('../../../forms', import.meta.url)),
  }),
  everyMs: Number(values.every),
  log,
})

const server = createServer((request, response) => {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const chunks: Buffer[] = []
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      switch (`${request.method} ${request.url}`) {
        case 'GET /taken':
          return answer(200, { taken: [...client.taken.values()] })
        case 'DELETE /control':
          client.behave({})
          return answer(200, {})
        case 'POST /control':
          return answer(...set(Buffer.concat(chunks).toString('utf8')))
        default:
          return answer(404, { error: 'nothing here' })
      }
    })
})

function set(body: string): [number, object] {
  try {
    const behaviour: unknown = JSON.parse(body)
    if (!Value.Check(ClientBehaviour, behaviour))
      return [
        400,
        {
          error: [...Value.Errors(ClientBehaviour, behaviour)].map((e) => `${e.instancePath} ${e.message}`).join('; '),
        },
      ]
    client.behave(behaviour)
    return [200, behaviour]
  } catch {
    return [400, { error: 'not JSON' }]
  }
}

await boxes()
server.listen(Number(values.port), '127.0.0.1', () => {
  process.stdout.write(
    `${JSON.stringify({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`,
  )
})

function end(): void {
  client.stop()
  server.close()
  server.closeAllConnections()
  process.exit(0)
}
process.on('SIGTERM', end).on('SIGINT', end)
// Whoever started it holds the other end: however that ends, this ends too.
if (values['die-with-parent']) process.stdin.resume().on('end', end).on('error', end)

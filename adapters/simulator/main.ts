// main — the simulated agencies as a process of its own.
//   node dist/adapters/simulator/main.js --port 0 --callback http://127.0.0.1:8080/agency/{agency}/receipts
//        --journal FILE --families DIR [--host ADDRESS] [--idempotent] [--die-with-parent]
//        [--tls-cert FILE --tls-key FILE --tls-client-ca FILE]
// `--callback -`: the address is the first line of standard input; receipts wait for it.
// Says {"ready":true,"url":"…"} on standard output once it listens, and then {"answers":true}, or {"answers":false,
// "faults":"…"} where a file is broken: it answers as the build did, or, where that cannot be, ends. Its log goes to
// standard error.
// SIMULATOR_CALLBACK_TOKEN is the bearer token it shows the hub.
import { readdirSync } from 'node:fs'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { loadAnswers, type AnswerBook } from './answers.js'
import { createControl } from './control.js'
import { createCourier } from './courier.js'
import { openFilings } from './filings-file.js'
import { openJournal } from './journal.js'
import { createSimulatorServer } from './server.js'

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const
const yes = { type: 'boolean', default: false } as const
const { values } = parseArgs({
  options: {
    port: text('0'),
    host: text('127.0.0.1'),
    callback: text('http://127.0.0.1:8080/agency/{agency}/receipts'),
    journal: { type: 'string' },
    families: text('xsd/families'),
    idempotent: yes,
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'tls-client-ca': { type: 'string' },
    'die-with-parent': yes,
  },
})

// A log that cannot be written costs lines.
process.stderr.on('error', () => {})
const log = (event: string, ids: object) =>
  void process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...ids })}\n`)
const journal = openJournal(values.journal)
const filings = openFilings(
  values.journal === undefined ? undefined : values.journal.replace(/(\.jsonl)?$/, '.filed.jsonl'),
)
const courier = createCourier({
  callback: values.callback === '-' ? firstLine() : values.callback,
  token: process.env.SIMULATOR_CALLBACK_TOKEN,
  sent: ({ seq }) => journal.sent(seq),
  log,
})
readdirSync(values.families)
// Read once it listens: whoever starts this need not wait for it, and the first message is some time away.
let read: AnswerBook | undefined
const book = () => (read ??= readBook())
function readBook(): AnswerBook {
  const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  let faults: string | undefined
  const broken = (what: string) => {
    faults = what
    log('a file is broken: the answers are those of the last build', { faults })
  }
  try {
    const made = loadAnswers(values.families, {
      copy: at('../../simulator.json'),
      formsDir: at('../../forms'),
      broken,
    })
    tell(faults === undefined ? { answers: true } : { answers: false, faults })
    return made
  } catch (error) {
    log('no answers: the simulator ends', { faults: error instanceof Error ? error.message : String(error) })
    process.exit(1)
  }
}
function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
const { 'tls-cert': cert, 'tls-key': key, 'tls-client-ca': ca } = values
const tls =
  cert !== undefined && key !== undefined && ca !== undefined
    ? { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) }
    : undefined
const server = createSimulatorServer({
  book: {
    open: (message) => book().open(message),
    identify: (message) => book().identify(message),
    formOf: (message) => book().formOf(message),
    find: (type, message) => book().find(type, message),
    orders: (type, about) => book().orders(type, about),
    print: {
      form: (type) => book().print.form(type),
      request: (type) => book().print.request(type),
      published: (type) => book().print.published(type),
      meanings: () => book().print.meanings(),
      read: (bytes) => book().print.read(bytes),
    },
    query: (type) => book().query(type),
    statusOf: (type, stage, said) => book().statusOf(type, stage, said),
  },
  journal,
  filings,
  courier,
  control: createControl(),
  idempotent: values.idempotent,
  tls,
  log,
})

// What was held back before a restart is not held any more: nobody is left to let go of it.
courier.add([...journal.owed.values()].map((owed) => ({ ...owed, held: false })))

server.on('error', (error) => {
  log('cannot listen', { error: error.message })
  process.exit(1)
})
server.listen(Number(values.port), values.host, () => {
  const { address, port } = server.address() as AddressInfo
  const host = address.includes(':') ? `[${address}]` : address
  const url = `${tls ? 'https' : 'http'}://${host}:${port}`
  tell({ ready: true, url })
  setImmediate(book)
})

function firstLine(): Promise<string> {
  return new Promise((resolve) => createInterface({ input: process.stdin }).once('line', resolve))
}

function end(): void {
  courier.stop()
  server.close()
  server.closeAllConnections()
  journal.close()
  process.exit(0)
}
process.on('SIGTERM', end).on('SIGINT', end)
// The hub holds the other end: however it dies, this ends.
if (values['die-with-parent']) process.stdin.resume().on('end', end).on('error', end)

// edifact — how fast interchanges are read and checked, beside the npm library `edifact` in the same run; and the
// memory of 100 MB streamed. `npm run bench:edifact`, BENCH_SECONDS a figure (under 5: 20 MB only); --json for
// programs. Alone it prints its own table, else bench/run.mjs does.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkMessage, MessageChecker } from '../dist/messages/edifact/check-message.js'
import { openDirectories } from '../dist/messages/edifact/directory/directories.js'
import { InterchangeReader, readInterchanges } from '../dist/messages/edifact/reader.js'
import { messageToXml } from '../dist/messages/edifact/to-xml.js'
import { Tokenizer } from '../dist/messages/edifact/tokenizer.js'
import { peakMemoryMb } from './support/cpu.mjs'
import { bayPlan, bayPlanStream, manifests, manifestStream } from './support/interchange.mjs'

const here = fileURLToPath(import.meta.url)
const require = createRequire(import.meta.url)
const table = (name) =>
  JSON.parse(readFileSync(new URL(`../messages/edifact/directory/tables/${name}.json`, import.meta.url), 'utf8'))
const open = () => openDirectories(table('directories'), table('codes'))

export async function edifact(seconds) {
  const directories = open()
  /** @type {Record<string, [Buffer, number]>} */
  const inputs = { 'a BAPLIE of 1,000 containers': [bayPlan(1000), 1], '500 CUSCAR messages': [manifests(500), 500] }
  const rows = []
  for (const [name, [bytes, messages]] of Object.entries(inputs)) {
    for (const [what, work] of Object.entries(works(directories)))
      rows.push({ name, what, bytes: bytes.length, messages, ...timed(work, bytes, seconds) })
  }
  const streamed = {}
  for (const kind of ['messages', 'message'])
    streamed[kind] = JSON.parse(
      (await promisify(execFile)(process.execPath, [here, '--stream', kind, seconds < 5 ? '20' : '100'])).stdout,
    )
  return { rows, streamed }
}

function works(directories) {
  const { Parser } = require('edifact')
  const Validator = require('edifact/validator.js')
  const formats = Object.fromEntries(
    ['BAPLIE', 'CUSCAR'].map((type) => [type, definitions(directories.message(type, 'D95B'))]),
  )
  return {
    'edifact 1.2.12: parse': (bytes) => theirs(new Parser(), bytes),
    'edifact 1.2.12: parse + element formats': (bytes, type) => {
      const validator = new Validator()
      validator.define(formats[type])
      return theirs(new Parser(validator), bytes)
    },
    'hub: segments': (bytes) => {
      let count = 0
      const tokenizer = new Tokenizer()
      for (const segment of tokenizer.push(bytes)) count += segment.elements.length > 0 ? 1 : 0
      for (const segment of tokenizer.end()) count += segment.elements.length > 0 ? 1 : 0
      return count
    },
    'hub: read + structure, elements, codes': (bytes) => clean(bytes, (message) => checkMessage(message, directories)),
    'hub: the same + XML': (bytes) => clean(bytes, (message) => messageToXml(message, directories)),
  }
}

/** Their events, collected the way their README does. */
function theirs(parser, bytes) {
  const result = []
  let elements
  let components
  parser.onopensegment = (name) => result.push({ name, elements: (elements = []) })
  parser.onelement = () => elements.push((components = []))
  parser.oncomponent = (value) => components.push(value)
  parser.onclosesegment = () => {}
  parser.encoding('UNOA')
  parser.write(bytes.toString('latin1'))
  parser.end()
  return result.length
}

/** The directory's formats in their form: every element, composite and segment of a message. */
function definitions(spec) {
  const found = {}
  const leading = (list) => (list.findIndex((one) => !one.mandatory) + list.length + 1) % (list.length + 1)
  const walk = (nodes) => {
    for (const node of nodes) {
      if (node.kind === 'group') walk(node.children)
      else {
        const { items } = spec.segment(node.tag)
        found[node.tag] = { requires: leading(items), elements: items.map((item) => item.id) }
        for (const item of items)
          found[item.id] = {
            requires: item.components[0].mandatory && item.mandatory ? 1 : 0,
            components: item.components.map(
              ({ type, min, max }) => `${type}${min === max && max > 1 ? '' : '..'}${max}`,
            ),
          }
      }
    }
  }
  walk(spec.structure)
  delete found.UNH
  delete found.UNT
  return found
}

function clean(bytes, check) {
  let count = 0
  for (const { messages, end } of readInterchanges(bytes)) {
    if (end.faults.length > 0) throw new Error(end.faults[0].text.en)
    for (const message of messages) {
      const { faults } = check(message)
      if (faults.length > 0) throw new Error(faults[0].text.en)
      count += message.count
    }
  }
  return count
}

/** Warm, then as often as it goes in the time; by processor time, since the machine may be busy. */
function timed(work, bytes, seconds) {
  const type = bytes.includes('BAPLIE') ? 'BAPLIE' : 'CUSCAR'
  for (const until = performance.now() + 400 * Math.min(1, seconds); performance.now() < until;) work(bytes, type)
  let times = 0
  const before = process.cpuUsage()
  const began = performance.now()
  while (performance.now() - began < seconds * 1000) {
    work(bytes, type)
    times++
  }
  const { user, system } = process.cpuUsage(before)
  const cpuMs = (user + system) / 1000 / times
  return { times, cpuMs, wallMs: (performance.now() - began) / times }
}

/** In a process of its own: so many megabytes pass through and are checked on the way, as many messages or as one. */
function stream(kind, megabytes) {
  const directories = open()
  const reader = new InterchangeReader(kind === 'message' ? { stream: true } : {})
  let bytes = 0
  let messages = 0
  let segments = 0
  let checker
  const faults = []
  const take = (event) => {
    if (event.kind === 'segment') {
      segments++
      checker ??= new MessageChecker(directories.message('BAPLIE', 'D95B'), directories)
      checker.segment(event.segment)
    } else if (event.kind === 'message') {
      messages++
      if (kind === 'message') checker.end()
      else {
        segments += event.message.count
        faults.push(...checkMessage(event.message, directories).faults)
      }
      faults.push(...event.message.faults)
    } else if (event.kind === 'end') faults.push(...event.faults)
  }
  for (const chunk of kind === 'message' ? bayPlanStream(megabytes * 1e6) : manifestStream(megabytes * 1e6)) {
    bytes += chunk.length
    for (const event of reader.push(chunk)) take(event)
  }
  for (const event of reader.end()) take(event)
  if (faults.length > 0) throw new Error(faults[0].text.en)
  const { user, system } = process.cpuUsage()
  process.stdout.write(
    JSON.stringify({ bytes, messages, segments, cpuSeconds: (user + system) / 1e6, peakMb: peakMemoryMb(process.pid) }),
  )
}

/** The lines of docs/performance.md. */
export function edifactTable({ rows, streamed }) {
  const lines = ['| | CPU ms | MB/s | messages/s |', '|---|---:|---:|---:|']
  for (const { name, what, bytes, messages, cpuMs } of rows)
    lines.push(
      `| ${name} (${Math.round(bytes / 1000)} KB), ${what} | ${cpuMs.toFixed(1)} ` +
        `| ${(bytes / 1e3 / cpuMs).toFixed(1)} | ${Math.round((messages * 1000) / cpuMs).toLocaleString('en')} |`,
    )
  for (const [kind, { bytes, messages, segments, cpuSeconds, peakMb }] of Object.entries(streamed)) {
    lines.push(
      '',
      `${Math.round(bytes / 1e6)} MB ` +
        `as ${kind === 'message' ? 'one message' : `${messages.toLocaleString('en')} messages`} ` +
        `(${segments.toLocaleString('en')} segments), read and checked as it ` +
        `streams: ${cpuSeconds.toFixed(1)} s CPU (making it included), peak memory of the ` +
        `process ${Math.round(peakMb)} MB`,
    )
  }
  return lines
}

if (process.argv[1] === here) {
  if (process.argv.includes('--stream')) {
    const [kind, megabytes] = process.argv.slice(process.argv.indexOf('--stream') + 1)
    stream(kind, Number(megabytes))
  } else {
    const result = await edifact(Number(process.env.BENCH_SECONDS ?? 5))
    process.stdout.write(
      process.argv.includes('--json') ? `${JSON.stringify(result, null, 2)}\n` : `${edifactTable(result).join('\n')}\n`,
    )
  }
}

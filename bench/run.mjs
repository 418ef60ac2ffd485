// Runs every measurement and prints the table of docs/performance.md; --help says what there is.
import { cpus } from 'node:os'
import { acceptance } from './acceptance.mjs'
import { beside, besideTable } from './beside.mjs'
import { depth } from './depth.mjs'
import { doubling, doublingTable } from './doubling.mjs'
import { edifact, edifactTable } from './edifact.mjs'
import { floors } from './floors/run.mjs'
import { journey } from './journey.mjs'
import { schemas } from './schemas.mjs'
import { ledger, ledgerTable } from './ledger.mjs'
import { questions, questionsTable } from './questions.mjs'
import { sftp, sftpTable } from './sftp.mjs'
import { sizes } from './sizes.mjs'
import { help, readArguments } from './support/arguments.mjs'

const seconds = Number(process.env.BENCH_SECONDS ?? 5)
/**
 * In the order in which they are measured.
 *
 * @type {Record<import('./support/arguments.mjs').Name, (seconds: number) => Promise<any>>}
 */
const all = { floors, edifact, acceptance, journey, schemas, depth, sizes, questions, beside, sftp, ledger, doubling }
const asked = readArguments(process.argv.slice(2))
if ('fault' in asked) {
  process.stderr.write(`bench: ${asked.fault}\n`)
  process.exit(2)
}
if (asked.help) {
  process.stdout.write(help())
  process.exit(0)
}
const say = (line) => process.stderr.write(`bench: ${line}\n`)
/** @type {any} */
const results = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model, seconds }
for (const [name, measure] of Object.entries(all)) {
  if (!asked.only.includes(name)) continue
  say(`${name} …`)
  results[name] = await measure(seconds)
}

if (asked.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
else process.stdout.write(table(results))

function table(measured) {
  const {
    floors: f,
    edifact: e,
    acceptance: a,
    journey: j,
    schemas: c,
    depth: d,
    sizes: s,
    ledger: l,
    questions: q,
    beside: b,
    sftp: p,
    doubling: o,
  } = measured
  const ms = (value) => (value === undefined ? '' : value < 1 ? value.toFixed(3) : value.toFixed(1))
  const rows = [['', 'CPU ms a message', 'messages/s', 'p50 ms', 'p99 ms']]
  const row = (name, r) =>
    r &&
    rows.push([
      name,
      ms(r.cpuMs),
      r.perSecond ? String(Math.round(r.perSecond)) : String(Math.round(r.count / seconds)),
      ms(r.p50),
      ms(r.p99),
    ])
  if (f) {
    row('floor: bare Fastify POST', f.fastify)
    row('floor: libxml2 parse + validate', f.libxml2)
    row('floor: batched SQLite append', f.sqlite)
    row('floor: BullMQ add', f.add)
    row('floor: BullMQ add + process', f.addAndProcess)
  }
  row('acceptance over HTTP, durable', a)
  row('message in → last receipt acknowledged', j)
  const lines = [`node ${results.node}, ${results.cpus} × ${results.cpu}, ${seconds} s each`]
  if (rows.length > 1) lines.push('', ...markdown(rows))
  if (f && a) {
    const sum = f.fastify.cpuMs + f.libxml2.cpuMs + f.sqlite.cpuMs + f.add.cpuMs
    lines.push(
      '',
      `acceptance ÷ (Fastify + libxml2 + SQLite + BullMQ add) = ${a.cpuMs.toFixed(3)} ÷ ${sum.toFixed(3)} ` +
        `= ${(a.cpuMs / sum).toFixed(2)}`,
    )
    if (j) {
      const whole = sum - f.add.cpuMs + f.addAndProcess.cpuMs
      lines.push(
        `journey ÷ (the same with add + process) = ${j.cpuMs.toFixed(3)} ÷ ${whole.toFixed(3)} ` +
          `= ${(j.cpuMs / whole).toFixed(2)} (${(j.receipts / j.count).toFixed(1)} business receipts a message)`,
      )
    }
  }
  if (c)
    lines.push(
      '',
      `acceptance with every schema compiled (${c.documentTypes} document types) ÷ with ` +
        `one: ${c.all.cpuMs.toFixed(3)} ÷ ${c.few.cpuMs.toFixed(3)} = ${c.ratio.toFixed(2)}; ` +
        `all of them take ${Math.round(c.mbPerThread)} MB a checking thread (${c.threads})`,
    )
  if (d)
    lines.push(
      '',
      `a message sent with ${d.most} waiting ÷ with ${d.few}: ${d.deep.wallMs.toFixed(2)} ` +
        `÷ ${d.shallow.wallMs.toFixed(2)} ms = ${d.wallRatio.toFixed(2)}; ` +
        `processor time ${d.deep.cpuMs.toFixed(2)} ÷ ${d.shallow.cpuMs.toFixed(2)} ms = ${d.cpuRatio.toFixed(2)}`,
    )
  if (e) lines.push('', ...edifactTable(e))
  if (q) lines.push('', ...questionsTable(q))
  if (b) lines.push('', ...besideTable(b))
  if ('sftp' in measured) lines.push('', ...sftpTable(p))
  if (l) lines.push('', ...ledgerTable(l))
  if (o) lines.push('', ...doublingTable(o))
  if (s) {
    lines.push(
      '',
      `start-up ${Math.round(s.startMs)} ms; memory at rest ${Math.round(s.restMb)} MB, ` +
        `at its peak ${Math.round(s.peakMb)} MB`,
    )
    for (const [name, c] of Object.entries(s.costs))
      lines.push(`a ${name} message (${c.bytes} bytes): ${ms(c.cpuMs)} ms CPU, ${ms(c.p50)} ms`)
  }
  return `${lines.join('\n')}\n`
}

function markdown(rows) {
  const [head, ...body] = rows
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
    ...body.map((r) => `| ${r.join(' | ')} |`),
  ]
}

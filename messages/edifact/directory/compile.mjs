// compile — fact tables of the UN/EDIFACT directories become the two compact files this folder ships. Run by hand when
// the tables change:
//   node messages/edifact/directory/compile.mjs <folder of the tables>
// Each release is a folder with messages.tsv (type, branching diagram), segments.tsv (tag, name, position, item) and
// codes.tsv (element, codes). What releases share is stored once: names, elements, composites, segments, structures. No
// part of build or test; the result is committed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { correct } from './correct.mjs'
import { mendComposites } from './mend.mjs'

const [source] = process.argv.slice(2)
if (!source) throw new Error('usage: compile.mjs <folder of the tables>')
const out = join(dirname(fileURLToPath(import.meta.url)), 'tables')

/** D94B … D24A in the order of time, then the service directories of CONTRL. */
const year = (release) => Number(release.slice(1, 3)) + (Number(release.slice(1, 3)) > 80 ? 1900 : 2000)
const releases = readdirSync(source)
  .filter((name) => /^D\d\d[A-C]$/.test(name))
  .sort((a, b) => year(a) - year(b) || a.localeCompare(b))
const services = ['V1', 'V2', 'V3', 'V4']
/** CONTRL apart, its segments and AUTACK's are of the syntax, not of a release. */
const serviceMessages = new Set(['CONTRL'])

const rows = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(1)
        .filter((line) => line !== '')
        .map((line) => line.split('\t'))
    : []

function pool() {
  const places = new Map()
  return {
    put(text) {
      if (!places.has(text)) places.set(text, places.size)
      return places.get(text)
    },
    all: () => [...places.keys()],
  }
}

const names = pool()
const elements = pool() // `id format name`
const composites = pool() // `id name M3 C17 …`
const segments = pool() // `tag name Me12 Cc4x3 …`
const structures = pool()

const element = (id, format, name) => elements.put(`${id} ${format} ${names.put(name)}`)

/** `C002 C name ( 1001 C an..3 name; … )` in parts; a simple element has no `lines`. */
function parse(line) {
  const composite = /^(\w+) ([MC]) (\S*) ?\( (.*) \)$/.exec(line)
  if (!composite) return { line }
  const [, id, status, name, inside] = composite
  return {
    id,
    status,
    name,
    lines: inside
      .split('; ')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  }
}

/** An item as `Cc12` or `Ce7`; `Cc12x3` where it stands up to three times. */
function item({ line, id, status, name, times }, compositeTable) {
  if (line !== undefined) {
    const [tag, must, format, label] = line.split(' ')
    return `${must}e${element(tag, format, label)}`
  }
  const parts = compositeTable.get(id).map((part) => {
    const [component, must, format, label] = part.split(' ')
    return `${must}${element(component, format, label)}`
  })
  return (
    `${status}c${composites.put(`${id} ${names.put(name)} ${parts.join(' ')}`)}` +
    `${times === undefined ? '' : `x${times}`}`
  )
}

function readTables(folder) {
  const segmentTable = new Map()
  const compositeTable = new Map()
  for (const [tag, name, , line] of rows(join(folder, 'segments.tsv'))) {
    if (/^UN[A-Z]$/.test(tag)) continue // envelopes are in service-segments.ts
    if (!segmentTable.has(tag)) segmentTable.set(tag, { name, items: [] })
    const parsed = parse(line)
    segmentTable.get(tag).items.push(parsed)
    if (parsed.lines) compositeTable.set(parsed.id, parsed.lines)
  }
  return { folder, segmentTable, compositeTable }
}

/**
 * BAPLIE since D.13A and MOVINS since D.19A show their control total as a mandatory segment at the end of every LOC
 * group; it is a total of the message (SMDG guidelines). Both places are taken and neither is demanded: no sender's
 * reading is refused.
 */
function amend(type, structure) {
  if (type !== 'BAPLIE' && type !== 'MOVINS') return structure
  return structure.replace(/CNT M1 ((?:\) ?)*\)); UNT M1$/, 'CNT C1 $1; CNT C1; UNT M1')
}

function directory({ folder, segmentTable, compositeTable }, wanted) {
  const messages = {}
  const used = new Set()
  for (const [type, structure] of rows(join(folder, 'messages.tsv'))) {
    if (!wanted(type)) continue
    messages[type] = structures.put(amend(type, structure))
    for (const [, tag] of structure.matchAll(/\b([A-Z]{3}) [MC]\d/g)) used.add(tag)
  }
  const kept = [...segmentTable].filter(([tag]) => used.has(tag))
  return {
    segments: kept.map(([tag, { name, items }]) =>
      segments.put(`${tag} ${names.put(name)} ${items.map((one) => item(one, compositeTable)).join(' ')}`),
    ),
    messages,
  }
}

const compiled = { releases: {}, services: {} }
const tables = releases.map((release) => readTables(join(source, release)))
for (const line of mendComposites(
  releases,
  tables.map((table) => table.compositeTable),
))
  process.stdout.write(`put back: ${line}\n`)
for (const line of correct(releases, tables)) process.stdout.write(`corrected: ${line}\n`)
for (const [at, release] of releases.entries()) compiled.releases[release] = directory(tables[at], () => true)
for (const version of services)
  compiled.services[version] = directory(readTables(join(source, `Service_${version}`)), (type) =>
    serviceMessages.has(type),
  )

// Codes: of each element, which codes stood in which releases. Consecutive releases are one range; codes of the same
// ranges are one entry.
const usedElements = new Set(elements.all().map((text) => text.split(' ')[0]))
const seen = new Map()
for (const [at, release] of releases.entries())
  for (const [id, list] of rows(join(source, release, 'codes.tsv'))) {
    if (!usedElements.has(id)) continue
    if (!seen.has(id)) seen.set(id, new Map())
    for (const code of list.split(' ')) {
      if (!seen.get(id).has(code)) seen.get(id).set(code, new Set())
      seen.get(id).get(code).add(at)
    }
  }
const ranges = (places) => {
  const sorted = [...places].sort((a, b) => a - b)
  const parts = []
  for (const place of sorted) {
    const last = parts.at(-1)
    if (last && last[1] === place - 1) last[1] = place
    else parts.push([place, place])
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}
const codes = {}
for (const [id, byCode] of [...seen].sort(([a], [b]) => a.localeCompare(b))) {
  const groups = {}
  for (const [code, places] of byCode) (groups[ranges(places)] ??= []).push(code)
  codes[id] = Object.fromEntries(Object.entries(groups).map(([range, list]) => [range, list.join(' ')]))
}

// One entry a line: a later change of the tables is then a change of a few lines.
const lines = (list) => `[\n${list.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`
const object = (entries) =>
  `{\n${Object.entries(entries)
    .map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`)
    .join(',\n')}\n}`
mkdirSync(out, { recursive: true })
writeFileSync(
  join(out, 'directories.json'),
  `{"names":${lines(names.all())},\n"elements":${lines(elements.all())},\n"composites":${lines(composites.all())},\n` +
    `"segments":${lines(segments.all())},\n"structures":${lines(structures.all())},\n` +
    `"releases":${object(compiled.releases)},\n"services":${object(compiled.services)}}\n`,
)
writeFileSync(join(out, 'codes.json'), `{"releases":${JSON.stringify(releases)},\n"codes":${object(codes)}}\n`)

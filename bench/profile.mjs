// profile — what a measurement with BENCH_PROFILE has left, as two lists a thread: functions by their own time, and by
// all that they called. `node bench/profile.mjs <folder> [rows]`; places are those of the source. The first part of
// each run, in which the hub starts and its code is compiled, is left out.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [folder = '.', rows = '25'] = process.argv.slice(2)
/** The part of a run that is left out. */
const leftOut = 0.4
/** @type {Map<string, SourceMap | undefined>} */
const maps = new Map()

function mapOf(file) {
  const beside = `${file}.map`
  if (!maps.has(file))
    maps.set(file, existsSync(beside) ? new SourceMap(JSON.parse(readFileSync(beside, 'utf8'))) : undefined)
  return maps.get(file)
}

const short = (file) => file.replace(/.*node_modules\//, '').replace(/^(\.\.\/)+/, '')

function placeOf({ functionName, url, lineNumber, columnNumber }) {
  const name = functionName || '(anonymous)'
  if (!url.startsWith('file:')) return url === '' ? name : `${name} ${url}:${lineNumber + 1}`
  const file = fileURLToPath(url)
  const entry = /** @type {{ originalSource?: string, originalLine?: number }} */ (
    mapOf(file)?.findEntry(lineNumber, columnNumber) ?? {}
  )
  return entry.originalSource === undefined
    ? `${name} ${short(file)}:${lineNumber + 1}`
    : `${name} ${short(entry.originalSource)}:${(entry.originalLine ?? 0) + 1}`
}

/** Microseconds by place, of their own and with what they called, without idle time. */
function times({ nodes, samples, timeDeltas }) {
  const known = new Map(nodes.map((node) => [node.id, { place: placeOf(node.callFrame), own: 0, parent: 0 }]))
  for (const { id, children = [] } of nodes) for (const child of children) known.get(child).parent = id
  const from = leftOut * timeDeltas.reduce((sum, one) => sum + one, 0)
  let at = 0
  for (const [i, id] of samples.entries()) if ((at += timeDeltas[i]) > from) known.get(id).own += timeDeltas[i]
  const [own, whole] = [new Map(), new Map()]
  let busy = 0
  for (const node of known.values()) {
    if (node.own === 0 || node.place === '(idle)') continue
    busy += node.own
    own.set(node.place, (own.get(node.place) ?? 0) + node.own)
    const places = new Set()
    for (let one = node; one; one = known.get(one.parent)) places.add(one.place)
    for (const place of places) whole.set(place, (whole.get(place) ?? 0) + node.own)
  }
  return { own, whole, busy }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
  const { own, whole, busy } = times(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  process.stdout.write(`\n${file}: ${(busy / 1e6).toFixed(1)} s\n`)
  for (const [title, list] of /** @type {[string, Map<string, number>][]} */ ([
    ['own time', own],
    ['with what they called', whole],
  ])) {
    const first = [...list].sort((a, b) => b[1] - a[1]).slice(0, Number(rows))
    const lines = first.map(([place, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${place}\n`)
    process.stdout.write(`${title}\n${lines.join('')}`)
  }
}

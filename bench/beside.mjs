// beside — what a team would build first, on the same message and the same schema: a parser from npm with an XSD check
// beside it, and the tools of the system that have one. Processor time a message, children's included, in one run
// (`npm run bench -- --only beside`). What is not on the machine (Java, xmllint) is left out, and said.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { XMLParser } from 'fast-xml-parser'
import { formIndex } from '../dist/xsd/form-store/store.js'
import { createEngine } from '../dist/xsd/engine.js'
import { readSchemaFiles } from '../dist/xsd/schema-files.js'
import { loadRules } from '../dist/xsd/rules/load.js'
import { loadRouting } from '../dist/routing/load.js'
import { dataFolders } from '../dist/hub/config/folders.js'
import { freshSample } from './support/sample.mjs'

const run = promisify(execFile)
const schema = fileURLToPath(new URL('../xsd/families/ceb/schemas/202205/CEB621Message.xsd', import.meta.url))
/** Files that xmllint is given at once. */
const together = 500

/** @returns {Promise<{ rows: { what: string, cpuMs: number, count: number }[], missing: string[] }>} */
export async function beside(seconds) {
  const missing = ['java', 'xmllint'].filter((name) => !isThere(name))
  const folder = mkdtempSync(join(tmpdir(), 'bench-beside-'))
  try {
    const files = Array.from({ length: together }, (_, i) => join(folder, `${i}.xml`))
    for (const file of files) writeFileSync(file, freshSample())
    const parser = new XMLParser({ ignoreAttributes: false })
    const { default: validator } = await import('xsd-schema-validator')
    const engine = readEngine()
    /** @type {[string, string | undefined, number, (n: number) => unknown][]} */
    const works = [
      [
        'fast-xml-parser and xsd-schema-validator (a JVM each)',
        'java',
        1,
        async (n) => {
          const bytes = readFileSync(files[n % together])
          parser.parse(bytes)
          await validator.validateXML(bytes, schema)
        },
      ],
      [
        'fast-xml-parser and xmllint --schema (a process each)',
        'xmllint',
        1,
        async (n) => {
          const file = files[n % together]
          parser.parse(readFileSync(file))
          await run('xmllint', ['--noout', '--nonet', '--schema', schema, file])
        },
      ],
      [
        `xmllint --schema, ${together} files a process`,
        'xmllint',
        together,
        () => run('xmllint', ['--noout', '--nonet', '--schema', schema, ...files], { maxBuffer: 1 << 24 }),
      ],
      [
        'the hub’s inspection: identify, parse, XSD, facts, keys, rules',
        undefined,
        1,
        (n) => {
          const { faults } = engine.inspect(bodies[n % bodies.length])
          if (faults.length > 0) throw new Error(JSON.stringify(faults))
        },
      ],
    ]
    const bodies = Array.from({ length: 64 }, freshSample)
    const rows = []
    for (const [what, needs, messages, work] of works)
      if (needs === undefined || !missing.includes(needs))
        rows.push({ what, ...(await timed(work, messages, seconds)) })
    return { rows, missing }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function besideTable({ rows, missing }) {
  const least = rows.at(-1).cpuMs
  return [
    '| one CEB621 of 12 KB against its XSD | CPU ms | ÷ the hub’s |',
    '|---|---:|---:|',
    ...rows.map(({ what, cpuMs }) => `| ${what} | ${cpuMs.toFixed(2)} | ${(cpuMs / least).toFixed(2)} |`),
    ...(missing.length > 0 ? ['', `Left out, for it is not on this machine: ${missing.join(', ')}.`] : []),
  ]
}

async function timed(work, messages, seconds) {
  // Warm: what is compiled once is not counted, what is started anew each time is.
  const warm = performance.now() + Math.min(1, seconds) * 1000
  for (let n = 0; n === 0 || performance.now() < warm; n++) await work(n)
  const before = cpuOfFamily()
  const until = performance.now() + seconds * 1000
  let count = 0
  for (; count === 0 || performance.now() < until; count++) await work(count)
  return { count: count * messages, cpuMs: ((cpuOfFamily() - before) * 1000) / (count * messages) }
}

/** User + system seconds of this process and of all children it has seen end (proc(5), fields 14 to 17). */
function cpuOfFamily() {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}

function isThere(program) {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT'
  }
}

function readEngine() {
  const places = dataFolders({})
  const routing = loadRouting(places, undefined, formIndex())
  return createEngine({
    documents: routing.documents,
    mappings: routing.mappings,
    rules: loadRules(places.families, routing.documents),
    schemas: readSchemaFiles(places.families),
    faultLimit: 100,
  })
}

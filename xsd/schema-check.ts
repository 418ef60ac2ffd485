// schema-check — does each schema compile, and does each rule reach what it names?
import { join } from 'node:path'
import type { DocumentFamily } from '../messages/document-type.js'
import { createEngine } from './engine.js'
import { checkSamples, type SampleCheck } from './pack-samples.js'
import { loadRules, RuleDataError } from './rules/load.js'
import { unreachable } from './rules/reach.js'
import { readSchemaFiles } from './schema-files.js'

/** How compiling one schema went; `error` in libxml2's words. */
interface SchemaCheck {
  file: string
  ok: boolean
  error?: string
  ms: number
}

/**
 * Compiles every schema with libxml2. Files that are only ever included (no element of their own) are compiled too.
 * @param family those of this pack alone
 */
export async function checkSchemas(dir: string, family?: string): Promise<SchemaCheck[]> {
  const schemas = readSchemaFiles(dir)
  const engine = createEngine({ documents: [], rules: [], schemas, faultLimit: 1 })
  const list = schemas.list.filter((file) => family === undefined || file.startsWith(`${family}/`))
  return list.map((file) => {
    const begun = performance.now()
    try {
      engine.compile(file)
      return { file, ok: true, ms: performance.now() - begun }
    } catch (error) {
      return {
        file,
        ok: false,
        error: error instanceof Error ? error.message.trim() : String(error),
        ms: performance.now() - begun,
      }
    }
  })
}

/**
 * Reads every rule of the packs below `dir` and follows each of its paths through the schemas. @returns how many there
 * are, and a sentence for each fault
 */
export function checkRules(dir: string, documents: readonly DocumentFamily[]): { rules: number; faults: string[] } {
  try {
    const families = loadRules(dir, documents)
    return {
      rules: families.reduce((count, { rules }) => count + rules.length, 0),
      faults: unreachable(families, documents, readSchemaFiles(dir)),
    }
  } catch (error) {
    if (error instanceof RuleDataError) return { rules: 0, faults: error.faults }
    throw error
  }
}

/** Has the samples of a pack judged as messages are. The rules of all packs must be sound. */
export function checkPackSamples(
  dir: string,
  documents: readonly DocumentFamily[],
  family: DocumentFamily,
): SampleCheck {
  const schemas = readSchemaFiles(dir)
  const engine = createEngine({
    documents: [...documents],
    rules: loadRules(dir, documents),
    schemas,
    faultLimit: 100,
  })
  return checkSamples(join(dir, family.family), family, engine.inspect)
}

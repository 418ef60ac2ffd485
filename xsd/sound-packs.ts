// sound-packs — the packs whose schemas compile and whose rules reach what they name, remembered by the hash of all
// they are made of: to compile and to follow them takes seconds, to look whether they changed a tenth of one. The build
// forgets it (hub/boot/bundle.mjs).
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DocumentFamily } from '../messages/document-type.js'
import { checkRules, checkSchemas } from './schema-check.js'

/** How many schemas and rules were found sound. */
interface SoundPacks {
  schemas: number
  rules: number
}

/**
 * @param dir the packs, xsd/families
 * @param record where it is remembered, if it can be
 * @throws Error that names every schema and rule at fault
 */
export async function soundPacks(
  dir: string,
  record: string,
  documents: () => readonly DocumentFamily[],
): Promise<SoundPacks> {
  const hash = hashOf(dir)
  const known = remembered(record)
  if (known?.hash === hash) return { schemas: known.schemas, rules: known.rules }
  const schemas = await checkSchemas(dir)
  const bad = schemas.filter(({ ok }) => !ok)
  if (bad.length > 0) throw new Error(bad.map(({ file, error }) => `${file}: ${error}`).join('; '))
  const { rules, faults } = checkRules(dir, documents())
  if (faults.length > 0) throw new Error(faults.join('; '))
  const found: SoundPacks = { schemas: schemas.length, rules }
  remember(record, { hash, ...found })
  return found
}

/** Of every file but samples, which nothing is checked by. */
function hashOf(dir: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/[\\/]samples([\\/]|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('base64url')
}

function remembered(record: string): (SoundPacks & { hash: string }) | undefined {
  try {
    return JSON.parse(readFileSync(record, 'utf8')) as SoundPacks & { hash: string }
  } catch {
    return undefined
  }
}

/** Where it cannot be written (an image is read only), it is found again the next time. */
function remember(record: string, found: SoundPacks & { hash: string }): void {
  const part = `${record}.${process.pid}.part`
  try {
    writeFileSync(part, JSON.stringify(found))
  } catch {
    return
  }
  try {
    renameSync(part, record)
  } catch {
    rmSync(part, { force: true })
  }
}

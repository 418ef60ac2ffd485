// yaml-files — YAML read once and remembered. Parsing the whole catalogue takes most of a second; a copy of what came out, kept by the
// hash of each file's bytes, takes none. A file that changed is parsed again, so the copy can be stale but never wrong.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface YamlFiles {
  /** The file's content as values. @throws what the parser says of it */
  read(file: string): unknown
  /** Keeps what was parsed for the next start; where that cannot be written, the next start parses again. */
  keep(): void
}

/** Without `copy` every file is parsed. */
export function createYamlFiles(copy?: string): YamlFiles {
  const known = copy === undefined ? {} : readCopy(copy)
  const used: Record<string, unknown> = {}
  let parsed = 0
  return {
    read(file) {
      const text = readFileSync(file, 'utf8')
      const hash = createHash('sha256').update(text).digest('base64url')
      if (!Object.hasOwn(known, hash)) {
        // `<<` takes over what several entries share.
        known[hash] = parse(text, { merge: true })
        parsed++
      }
      return (used[hash] = known[hash])
    },
    keep() {
      if (copy === undefined || parsed === 0) return
      // Written beside and renamed: another hub that starts now reads the old copy or the new one.
      const part = `${copy}.${process.pid}.part`
      try {
        writeFileSync(part, JSON.stringify(used))
        renameSync(part, copy)
      } catch {
        rmSync(part, { force: true })
      }
    },
  }
}

function readCopy(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

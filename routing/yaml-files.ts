// yaml-files — YAML read and checked once and remembered. Parsing the whole catalogue takes most of a second and
// checking it a fifth; a copy of what came out, kept by the hash of each file's bytes and of the shape it was found to
// have, takes none. A file or a shape that changed is read again, so the copy can be stale but never wrong.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { parse } from 'yaml'

/** @see [loadRouting](./load.ts) */
export interface YamlFiles {
  /** The file's content as values. @throws what the parser says of it */
  read(file: string): unknown
  /** The same; `sound` when it is known from before, and so has this shape. */
  readAs(shape: TSchema, file: string): { value: unknown; sound: boolean }
  /**
   * Keeps what was read for the next start, once all of it was found sound; where that cannot be written, the next
   * start reads again.
   */
  keep(): void
}

/** Without `copy` every file is parsed. */
export function createYamlFiles(copy?: string): YamlFiles {
  const known = copy === undefined ? {} : readCopy(copy)
  const used: Record<string, unknown> = {}
  let parsed = 0
  function look(file: string, shape = ''): { value: unknown; sound: boolean } {
    const text = readFileSync(file, 'utf8')
    const hash = createHash('sha256').update(shape).update(text).digest('base64url')
    const sound = Object.hasOwn(known, hash)
    if (!sound) parsed++
    // `<<` takes over what several entries share.
    used[hash] ??= sound ? known[hash] : parse(text, { merge: true })
    return { value: used[hash], sound }
  }
  return {
    read: (file) => look(file).value,
    readAs: (shape, file) => look(file, JSON.stringify(shape)),
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

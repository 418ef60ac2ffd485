// flat-tables — the record tables of the port flat files, opened when the first such file comes, once a thread.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { FlatTableFile, openFlatTables, type FlatTables } from '../messages/flatfile/table.js'

/**
 * Every table in a folder; where there is no such folder, those of the repository. @throws Error naming the file that
 * does not have its form
 */
export function readFlatTables(folder?: string): FlatTables {
  const dir = folder !== undefined && existsSync(folder) ? folder : besideSources()
  const files = readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
  return openFlatTables(
    files.map((file) => {
      const value: unknown = parse(readFileSync(join(dir, file), 'utf8'))
      if (Value.Check(FlatTableFile, value)) return value
      const [first] = Value.Errors(FlatTableFile, value)
      throw new Error(`${file}: ${first?.instancePath ?? ''} ${first?.message ?? ''}`)
    }),
  )
}

/** Beside the sources, whether this runs from them or from the build. */
function besideSources(): string {
  const here = fileURLToPath(new URL('./families/flatfile/tables', import.meta.url))
  return existsSync(here) ? here : fileURLToPath(new URL('../../xsd/families/flatfile/tables', import.meta.url))
}

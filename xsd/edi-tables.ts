// edi-tables — the UN/EDIFACT directories, opened when the first EDIFACT message comes, once a thread; and the XSD of
// any of their messages.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CodeTables } from '../messages/edifact/directory/codes.js'
import { openDirectories, type Directories, type DirectoryTables } from '../messages/edifact/directory/directories.js'
import { messageSchema, type SchemaSettings } from '../messages/edifact/to-xsd.js'

let opened: Directories | undefined

/**
 * All directories, D.94B to D.24A. The first call in a thread reads them from disk, all others give back the same.
 */
export function edifactDirectories(): Directories {
  return (opened ??= openDirectories(table('directories.json') as DirectoryTables, table('codes.json') as CodeTables))
}

/**
 * The name under which the schema of a message is asked for: `edifact/CUSCAR-D95B.xsd`. No such file exists; it is made
 * from the tables.
 */
export const edifactSchemaFile = (type: string, release: string) => `edifact/${type}-${release}.xsd`

/** The schema of that name; undefined when no directory has the message. */
export function edifactSchema(file: string, settings: SchemaSettings = {}): Buffer | undefined {
  const [, type, release] = /^edifact\/([A-Z]{6})-([A-Z0-9]+)\.xsd$/.exec(file) ?? []
  if (type === undefined || release === undefined) return undefined
  const directories = edifactDirectories()
  const spec = directories.message(type, release)
  return spec && Buffer.from(messageSchema(spec, directories.codes, settings))
}

/** Beside the sources, whether this runs from them or from the build. */
function table(name: string): unknown {
  const here = fileURLToPath(new URL('../messages/edifact/directory/tables', import.meta.url))
  const dir = existsSync(here)
    ? here
    : fileURLToPath(new URL('../../messages/edifact/directory/tables', import.meta.url))
  return JSON.parse(readFileSync(join(dir, name), 'utf8'))
}

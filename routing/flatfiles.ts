// flatfiles — reads the record tables of the port flat files (routing/flatfiles/<TYPE>.yaml) once at start.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { FlatTableFile, openFlatTables, type FlatTables } from '../messages/flatfile/table.js'
import { createYamlFiles, type YamlFiles } from './yaml-files.js'

/** @throws Error naming the file and what is wrong with it */
export function loadFlatTables(dir: string, files: YamlFiles = createYamlFiles()): FlatTables {
  const read = readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const value = files.read(join(dir, file))
      if (Value.Check(FlatTableFile, value)) return value
      const [first] = Value.Errors(FlatTableFile, value)
      throw new Error(`${file}: ${first?.instancePath ?? ''} ${first?.message ?? ''}`)
    })
  return openFlatTables(read)
}

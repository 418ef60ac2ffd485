// mappings — the mappings of routing/mappings, read when the first message comes that may have one, once a thread.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { Mapping } from '../messages/mapping/mapping.js'

/** Every mapping in a folder; where there is no such folder, those of the repository. @throws Error naming the file that does not have its form */
export function readMappings(folder?: string): Mapping[] {
  const dir = folder !== undefined && existsSync(folder) ? folder : besideSources()
  return readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const value: unknown = parse(readFileSync(join(dir, file), 'utf8'))
      if (Value.Check(Mapping, value)) return value
      const [first] = Value.Errors(Mapping, value)
      throw new Error(`${file}: ${first?.instancePath ?? ''} ${first?.message ?? ''}`)
    })
}

/** Beside the sources, whether this runs from them or from the build. */
function besideSources(): string {
  const here = fileURLToPath(new URL('../routing/mappings', import.meta.url))
  return existsSync(here) ? here : fileURLToPath(new URL('../../routing/mappings', import.meta.url))
}

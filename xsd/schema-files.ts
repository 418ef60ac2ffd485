// schema-files — the schemas as a closed world: libxml2 may open what lies in the schemas/ of the packs and nothing
// else, ever.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The address schemas have inside the engine; no such host is ever asked. */
const base = 'schema:///'

/** All schemas there are, and nothing else on the disk. */
export interface SchemaFiles {
  /** Names, `<family>/<path below its schemas/>`, sorted. */
  list: string[]
  url(file: string): string
  bytes(file: string): Buffer
  /** The file and everything it includes or imports, the file first. */
  closure(file: string): string[]
}

/** @param dir xsd/families */
export function readSchemaFiles(dir: string): SchemaFiles {
  const files = new Map<string, Buffer>()
  for (const family of readdirSync(dir)) {
    const schemas = join(dir, family, 'schemas')
    for (const entry of existsSync(schemas) ? readdirSync(schemas, { recursive: true, encoding: 'utf8' }) : [])
      if (entry.endsWith('.xsd'))
        files.set(`${family}/${entry.replaceAll('\\', '/')}`, asNamed(readFileSync(join(schemas, entry))))
  }
  const bytes = (file: string) => {
    const found = files.get(file)
    if (!found) throw new Error(`no schema ${file} below ${dir}`)
    return found
  }
  return {
    list: [...files.keys()].sort(),
    url: (file) => base + file,
    bytes,
    closure(file) {
      const seen = new Set<string>()
      const visit = (one: string) => {
        if (seen.has(one)) return
        seen.add(one)
        for (const [, location] of bytes(one)
          .toString()
          .matchAll(/schemaLocation\s*=\s*"([^"]+)"/g))
          visit(posix.join(posix.dirname(one), location!))
      }
      visit(file)
      return [...seen]
    },
  }
}

/**
 * On disk `../../common/schemas/xml.xsd` leads from one pack to another; a name leaves `schemas/` out, and so does the
 * way there.
 */
function asNamed(bytes: Buffer): Buffer {
  const text = bytes.toString()
  const named = text.replace(/(schemaLocation\s*=\s*"(?:\.\.\/)+)\.\.\/([^/"]+)\/schemas\//g, '$1$2/')
  return named === text ? bytes : Buffer.from(named)
}

// validators — compiled schemas, each made when it is first needed and kept in its thread: compiling takes longer than
// many messages take to check.
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import type { SchemaFiles } from './schema-files.js'

/**
 * Compiled schemas that are made when needed and kept in a thread: of EDIFACT messages, some 2 MB each, and of forms, a
 * tenth of that.
 */
const schemasKept = [
  ['edifact/', 40],
  ['forms/', 100],
] as const

/**
 * A schema is compiled when it is first asked for; of forms, which are many, the oldest ones make room for new ones.
 */
export function createValidators({
  made,
  schemas,
}: {
  /** A schema that no file holds. */
  made: (file: string) => Buffer | undefined
  schemas: SchemaFiles
}) {
  const validators = new Map<string, XsdValidator>()
  /** @throws what libxml2 says of a schema that does not compile */
  return function validator(file: string): XsdValidator {
    let found = validators.get(file)
    if (!found) {
      // They are many: the ones that were made longest ago make room.
      for (const [folder, most] of schemasKept) {
        const kept = file.startsWith(folder) ? [...validators.keys()].filter((name) => name.startsWith(folder)) : []
        if (kept.length >= most) {
          validators.get(kept[0]!)!.dispose()
          validators.delete(kept[0]!)
        }
      }
      const schema = XmlDocument.fromBuffer(made(file) ?? schemas.bytes(file), {
        url: schemas.url(file),
      })
      try {
        validators.set(file, (found = XsdValidator.fromDoc(schema)))
      } finally {
        schema.dispose()
      }
    }
    return found
  }
}

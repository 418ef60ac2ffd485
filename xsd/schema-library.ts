// schema-library — the schemas for people: which there are, and one with everything it needs. Without libxml2: the main
// thread serves them, and compiles none.
import { edifactSchema } from './edi-tables.js'
import { formSchema } from './form-store/files.js'
import { readSchemaFiles } from './schema-files.js'

/** Names as `schemaClosure` takes them, sorted; those that are made (EDIFACT, forms) are not among them. */
export function listSchemas(dir: string): string[] {
  return readSchemaFiles(dir).list
}

/**
 * A schema and all it includes or imports, as text; the schema itself first; that of an EDIFACT message is made from
 * its directory, that of a form from the form. Undefined when there is none.
 */
export function schemaClosure(dir: string, file: string): { file: string; content: string }[] | undefined {
  const made = edifactSchema(file) ?? formSchema(file)
  if (made) return [{ file, content: made.toString() }]
  const files = readSchemaFiles(dir)
  return files.list.includes(file)
    ? files.closure(file).map((one) => ({ file: one, content: files.bytes(one).toString() }))
    : undefined
}

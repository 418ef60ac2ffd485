// key-fields — which fields a key of a schema asks for. A key over "." says that its element holds every field, in whatever order they
// stand: what libxml2 then tells is the key's name only, and a sender must hear the field's. Read when a message lacks one, once a key.
import { XmlDocument } from 'libxml2-wasm'
import type { SchemaFiles } from './schema-files.js'

const xs = { xs: 'http://www.w3.org/2001/XMLSchema' }

export function createKeyFields(schemas: SchemaFiles) {
  const known = new Map<string, string[] | undefined>()

  /** Local names of the fields, in the order of the schema; undefined for a key that asks for anything else. */
  function fields(file: string, key: string): string[] | undefined {
    const name = `${file}#${key}`
    if (!known.has(name)) known.set(name, read(file, key))
    return known.get(name)
  }

  function read(file: string, key: string): string[] | undefined {
    const schema = XmlDocument.fromBuffer(schemas.bytes(file))
    try {
      const paths = schema
        .find(`//xs:key[@name="${key}"][xs:selector/@xpath="."]/xs:field/@xpath`, xs)
        .map((path) => path.content.replace(/^[^:/]+:/, ''))
      return paths.length > 0 && paths.every((path) => /^[\w.-]+$/.test(path)) ? paths : undefined
    } finally {
      schema.dispose()
    }
  }

  return { fields }
}

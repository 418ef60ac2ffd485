// registered-schemas — what libxml2 may open: the schemas of the packs, and nothing else.
import { XmlBufferInputProvider, xmlRegisterInputProvider } from 'libxml2-wasm'
import type { SchemaFiles } from './schema-files.js'

/** Makes the files the only thing libxml2 can open. Once a thread. */
export function registerSchemaFiles(files: SchemaFiles): void {
  xmlRegisterInputProvider(
    new XmlBufferInputProvider(Object.fromEntries(files.list.map((file) => [files.url(file), files.bytes(file)]))),
  )
}

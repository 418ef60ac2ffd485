// libxml2 — the first engine asked by itself: one schema, one message, nothing of the hub around it.
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm'
import type { SchemaFiles } from '../../../xsd/schema-files.js'
import type { Verdict } from './xerces.js'

/** The schemas must be registered: an engine of the hub has done that. */
export function openLibxml2(schemas: SchemaFiles) {
  const validators = new Map<string, XsdValidator>()
  /** @throws what the parser says of a message that is not well-formed */
  return function check(schema: string, message: Uint8Array): Verdict {
    let validator = validators.get(schema)
    if (!validator) {
      using doc = XmlDocument.fromBuffer(schemas.bytes(schema), { url: schemas.url(schema) })
      validators.set(schema, (validator = XsdValidator.fromDoc(doc)))
    }
    using doc = XmlDocument.fromBuffer(message)
    try {
      validator.validate(doc)
      return { valid: true, detail: '' }
    } catch (error) {
      if (!(error instanceof XmlValidateError)) throw error
      return { valid: false, detail: error.details[0]?.message.trim() ?? error.message }
    }
  }
}

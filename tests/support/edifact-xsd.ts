// edifact-xsd — XML of a message against the schema of its own release, by libxml2 itself: a compiled schema a release,
// kept.
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm'
import { messageSchema } from '../../messages/edifact/to-xsd.js'
import { type MessageSpec } from '../../messages/edifact/directory/spec.js'
import { directories } from './edifact.js'

const compiled = new Map<string, XsdValidator>()

function validatorOf(spec: MessageSpec): XsdValidator {
  const key = `${spec.type} ${spec.release}`
  let validator = compiled.get(key)
  if (!validator) {
    const schema = XmlDocument.fromString(messageSchema(spec, directories().codes))
    compiled.set(key, (validator = XsdValidator.fromDoc(schema)))
    schema.dispose()
  }
  return validator
}

/** What libxml2 says of it; empty when it is valid. */
export function schemaFaults(xml: string, spec: MessageSpec): string[] {
  const document = XmlDocument.fromString(xml)
  try {
    validatorOf(spec).validate(document)
    return []
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map((one) => `line ${one.line}: ${one.message.trim()}`)
    throw error
  } finally {
    document.dispose()
  }
}

// pack — one folder a published family, xsd/families/<family>/: family.yaml, schemas/, rules.yaml, answers.yaml,
// mappings/, tables/, samples/, README.md. family.yaml names files as they stand in the pack's own schemas/ and
// samples/; everywhere else `<family>/<name>` names them.
import type { DocumentFamily } from './document-type.js'

/**
 * The family with the files it names seen from outside its pack: `DecMessage-declare.xsd` becomes
 * `dec/DecMessage-declare.xsd`.
 */
export function inPack(family: DocumentFamily): DocumentFamily {
  const named = (file: string) => `${family.family}/${file}`
  const placed = <T extends { schema?: string }>(one: T): T =>
    one.schema === undefined ? one : { ...one, schema: named(one.schema) }
  return {
    ...family,
    documents: family.documents.map((type) => ({
      ...type,
      schemas: type.schemas.map((choice) => ({ ...choice, file: named(choice.file) })),
      samples: type.samples.map(named),
    })),
    receipts: family.receipts.map(placed),
    ...(family.envelopes && { envelopes: family.envelopes.map(placed) }),
  }
}

/** Where a file so named lies below xsd/families: `dec/DecMessage.xml` is `dec/samples/DecMessage.xml`. */
export const placeInPack = (part: 'schemas' | 'samples', name: string): string => name.replace('/', `/${part}/`)

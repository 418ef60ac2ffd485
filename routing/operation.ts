// operation — the catalogue and the agencies as data: what can be sent, what tells it from its siblings, to whom it is
// owed.
import { Type, type Static } from 'typebox'
import { Bilingual } from '../messages/text.js'
import { Condition, type DocumentFamily } from '../messages/document-type.js'
import { operationKinds, type CatalogueEntry, type CataloguePlace } from '../messages/views/index.js'
import type { Facts } from '../messages/condition.js'

export { operationKinds }

/**
 * One operation as routing/catalogue/NN-*.yaml writes it; its category, system, service and function are where it
 * stands.
 */
export const Operation = Type.Object({
  code: Type.String({ pattern: '^\\d+(\\.\\d+){4}$' }),
  title: Bilingual,
  kind: Type.Enum(operationKinds),
  agencies: Type.Array(Type.String(), { minItems: 1 }),
  /** Documents that carry it, with the condition on their facts. Empty: planned, its format is not taken yet. */
  documents: Type.Array(Type.Object({ type: Type.String(), when: Type.Optional(Condition) })),
})
export type Operation = Static<typeof Operation>
export type { CatalogueEntry, CataloguePlace }

/** One authority of routing/agencies.yaml. */
export const Agency = Type.Object({
  code: Type.String({ pattern: '^[a-z][a-z0-9-]*$', description: 'Also the name of its queue' }),
  title: Bilingual,
  /** The usual rules for it (docs/configuration.md); read by the hub, which knows what they mean. */
  policy: Type.Optional(Type.Unknown()),
})
export type Agency = Static<typeof Agency>

/** An operation a document fits, and by how many conditions. */
export interface Candidate {
  entry: CatalogueEntry
  specificity: number
}

/** Everything routing knows, loaded and checked once at start. */
export interface Routing {
  agencies: ReadonlyMap<string, Agency>
  operations: ReadonlyMap<string, CatalogueEntry>
  /** The operations a document may be, narrowed by its facts, most specific first. */
  candidates(documentType: string, facts: Facts): Candidate[]
}

/** What the forms bring (xsd/form): their documents, and which operations these carry. */
export interface FormDocuments {
  families: DocumentFamily[]
  /** Operation → the documents that carry it. */
  links: Readonly<Record<string, { type: string; when: Condition }[]>>
}

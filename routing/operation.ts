// operation — the catalogue and the agencies as data: what can be sent, what tells it from its siblings, to whom it is owed.
import { Type, type Static } from 'typebox'
import { Bilingual } from '../messages/text.js'
import { Condition } from '../messages/document-type.js'

export const operationKinds = ['filing', 'query', 'document', 'notice'] as const

/** One operation as routing/catalogue/NN-*.yaml writes it (codes of category, system, service and function come from where it stands). */
export const Operation = Type.Object({
  code: Type.String({ pattern: '^\\d+(\\.\\d+){4}$' }),
  title: Bilingual,
  kind: Type.Union(operationKinds.map((k) => Type.Literal(k))),
  agencies: Type.Array(Type.String(), { minItems: 1 }),
  /** Documents that carry it, with the condition on their facts. Empty: planned, no published schema yet. */
  documents: Type.Array(Type.Object({ type: Type.String(), when: Type.Optional(Condition) })),
})
export type Operation = Static<typeof Operation>

export interface CatalogueEntry extends Operation {
  category: { code: string; title: Bilingual }
  system: { code: string; title: Bilingual }
  service: { code: string; title: Bilingual }
  function: { code: string; title: Bilingual }
}

export const Agency = Type.Object({
  code: Type.String({ pattern: '^[a-z][a-z0-9-]*$', description: 'Also the name of its queue' }),
  title: Bilingual,
})
export type Agency = Static<typeof Agency>

/** Everything routing knows, loaded and checked once at start. */
export interface Routing {
  agencies: ReadonlyMap<string, Agency>
  operations: ReadonlyMap<string, CatalogueEntry>
  /** The operations a document may be, narrowed by its facts, most specific first. */
  candidates(documentType: string, facts: Readonly<Record<string, string | undefined>>): CatalogueEntry[]
}

/** How the operation of a message was decided, or why it could not be. */
export type Resolution =
  | { outcome: 'resolved'; operation: CatalogueEntry }
  | { outcome: 'unknown'; operation: string }
  | { outcome: 'planned'; operation: string }
  | { outcome: 'mismatch'; operation: string; candidates: string[] }
  | { outcome: 'ambiguous'; candidates: string[] }
  | { outcome: 'none' }

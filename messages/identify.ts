// identify — which document is it? Root and namespace first, then the facts that tell a type from its siblings.
import type { DocumentFamily, DocumentType, SchemaChoice } from './document-type.js'
import { meets, type Facts } from './condition.js'
import { fault } from './errors.js'
import type { Fault } from './fault.js'

export interface Known {
  family: string
  type: DocumentType
}

/** Document types by the local name of their root. */
export function indexByRoot(families: readonly DocumentFamily[]): Map<string, Known[]> {
  const index = new Map<string, Known[]>()
  for (const { family, documents } of families)
    for (const type of documents) index.set(type.root, [...(index.get(type.root) ?? []), { family, type }])
  return index
}

export type Identified = { known: Known; facts: Facts; schema: SchemaChoice } | { fault: Fault; known?: Known }

/**
 * @param read gives the facts of the message, read as this document type would
 * @param today ISO date by which an edition in force is chosen
 */
export function identify(index: Map<string, Known[]>, root: { name: string; namespace: string }, read: (type: DocumentType) => Facts, today: string): Identified {
  const named = index.get(root.name)
  if (!named) return { fault: fault('HUB_DOCUMENT_UNKNOWN', { root: root.name, namespace: root.namespace || '""' }, { path: `/${root.name}` }) }
  const candidates = named.filter(({ type }) => type.namespace === root.namespace)
  if (candidates.length === 0) {
    const expected = [...new Set(named.map(({ type }) => type.namespace || '""'))].join(' | ')
    return { fault: fault('HUB_DOCUMENT_NAMESPACE', { root: root.name, expected, namespace: root.namespace || '""' }, { path: `/${root.name}` }) }
  }
  for (const known of candidates) {
    const facts = read(known.type)
    if (!meets(known.type.match, facts)) continue
    const schema = known.type.schemas.find((s) => meets(s.when, facts) && (s.from ?? '') <= today && today <= (s.until ?? '9999'))
    if (schema) return { known, facts, schema }
    return { known, fault: variantFault(root.name, facts, known.type.schemas.flatMap((s) => Object.keys(s.when ?? {}))) }
  }
  const facts = read(candidates[0]!.type)
  return { fault: variantFault(root.name, facts, candidates.flatMap(({ type }) => Object.keys(type.match ?? {}))) }
}

function variantFault(root: string, facts: Facts, asked: string[]): Fault {
  const said = [...new Set(asked)].map((name) => `${name}=${facts[name] ?? ''}`)
  return fault('HUB_DOCUMENT_VARIANT', { root, facts: said.join(' ') }, { path: `/${root}` })
}

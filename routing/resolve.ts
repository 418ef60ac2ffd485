// resolve — which operation a message is: its content narrows, the name the partner gave chooses, then the partner's
// default. Operations that look alike on the wire are decided the same way every time, or refused with the list of
// candidates.
import type { Facts } from '../messages/condition.js'
import { subscriptionDocument } from '../messages/subscription.js'
import type { CatalogueEntry, Routing } from './operation.js'

/**
 * Which operation a message is, or why that cannot be said. Candidates are catalogue codes, the most specific first.
 */
export type Resolution =
  | { outcome: 'resolved'; operation: CatalogueEntry }
  /** The partner named an operation the catalogue does not have. */
  | { outcome: 'unknown'; operation: string }
  /** The partner named an operation no document type carries yet. */
  | { outcome: 'planned'; operation: string }
  /** The partner named an operation the content does not fit. */
  | { outcome: 'mismatch'; operation: string; candidates: string[] }
  | { outcome: 'ambiguous'; candidates: string[] }
  /** Only agencies send it: partners subscribe. */
  | { outcome: 'notice'; candidates: string[] }
  /** The document is known, but no operation takes it in this form. */
  | { outcome: 'none' }

/** What its sender says of it besides its content. */
interface Wished {
  /**
   * The operation from X-Operation or the file name, if any. It must fit the content: a message is never filed as
   * something it does not say it is.
   */
  named?: string | undefined
  /** The partner's configured default for this document type, if any; used only among what the content permits. */
  preferred?: string | undefined
}

/** Its content narrows, its sender chooses. */
export function resolve(
  routing: Routing,
  { type: documentType, facts }: { type: string; facts: Facts },
  { named, preferred }: Wished = {},
): Resolution {
  const fitting = routing.candidates(documentType, facts)
  const subscribes = documentType === subscriptionDocument
  const candidates = fitting.filter((c) => subscribes || c.entry.kind !== 'notice')
  if (candidates.length === 0 && fitting.length > 0)
    return { outcome: 'notice', candidates: fitting.map((c) => c.entry.code) }
  const codes = candidates.map((c) => c.entry.code)
  if (named !== undefined) {
    const entry = routing.operations.get(named)
    if (!entry) return { outcome: 'unknown', operation: named }
    if (codes.includes(named)) return { outcome: 'resolved', operation: entry }
    return entry.documents.length === 0
      ? { outcome: 'planned', operation: named }
      : { outcome: 'mismatch', operation: named, candidates: codes }
  }
  const [first, second] = candidates
  if (!first) return { outcome: 'none' }
  const chosen = preferred === undefined ? undefined : candidates.find((c) => c.entry.code === preferred)
  if (chosen) return { outcome: 'resolved', operation: chosen.entry }
  if (!second || first.specificity > second.specificity) return { outcome: 'resolved', operation: first.entry }
  return {
    outcome: 'ambiguous',
    candidates: candidates.filter((c) => c.specificity === first.specificity).map((c) => c.entry.code),
  }
}

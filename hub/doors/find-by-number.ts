// find-by-number — a message by any number somebody may know of it: ours, the partner's, a bill of lading, the agency's
// own.
import type { DocumentFamily } from '../../messages/document-type.js'
import type { Ledger, MessageSummary } from '../../store/ledger.js'

interface FindByNumberParts {
  ledger: Pick<Ledger, 'findByNumber'>
  documents: DocumentFamily[]
  agencies: string[]
}

/** Looks under every name that documents and receipts give a number. */
export function createFindByNumber({ ledger, documents, agencies }: FindByNumberParts) {
  const names = [
    ...new Set(
      documents.flatMap((family) => [
        ...family.documents.flatMap(({ keys }) => Object.keys(keys)),
        ...family.receipts.flatMap(({ keys, learn }) => [...keys.map(({ key }) => key), ...Object.keys(learn ?? {})]),
      ]),
    ),
  ]
  return (text: string, limit: number): Promise<MessageSummary[]> =>
    ledger.findByNumber(text, { agencies, names }, limit)
}

// find-by-number — a message by any number somebody may know of it: ours, the partner's, a bill of lading, the agency's own.
import type { DocumentFamily } from '../messages/document-type.js'
import type { Ledger, MessageSummary } from '../store/ledger.js'

export interface FindByNumberParts {
  ledger: Pick<Ledger, 'findByNumber' | 'getMessage'>
  documents: DocumentFamily[]
  agencies: string[]
}

export function createFindByNumber({ ledger, documents, agencies }: FindByNumberParts) {
  const names = [...new Set(documents.flatMap((family) => [...family.documents.flatMap(({ keys }) => Object.keys(keys)), ...family.receipts.flatMap(({ keys, learn }) => [...keys.map(({ key }) => key), ...Object.keys(learn ?? {})])]))]
  return async function findByNumber(text: string, limit: number): Promise<MessageSummary[]> {
    const ids = await ledger.findByNumber(text, { agencies, names }, limit)
    const views = await Promise.all(ids.map((id) => ledger.getMessage(id)))
    return views.flatMap((view) => (view ? [summary(view)] : []))
  }
}

function summary({ messageId, partnerId, reference, documentType, operation, state, receivedAt, channel, filename }: MessageSummary): MessageSummary {
  return { messageId, partnerId, reference, state, receivedAt, channel, ...(documentType === undefined ? {} : { documentType }), ...(operation === undefined ? {} : { operation }), ...(filename === undefined ? {} : { filename }) }
}

// learnable — which numbers receipts teach about a kind of document, and by which numbers receipts find it first.
// Worked out from the descriptions when a document is first asked for: one whose receipts teach nothing is never waited
// for.
import type { DocumentFamily, DocumentType, ReceiptType } from './document-type.js'

/** Which numbers receipts teach the hub about submissions. */
export interface Learnable {
  /** Names of the keys that some receipt teaches about a document type; empty: none. */
  names: (documentType: string) => ReadonlySet<string>
  /** Document types a kind of receipt may speak of: those it names, else all of its family. */
  answeredBy: (receiptType: string) => readonly string[]
  /** Keys by which a receipt is looked up first: two partners must not have the same under way. */
  first: ReadonlySet<string>
}

/** @param families the descriptions of all documents and receipts */
export function learnable(families: readonly DocumentFamily[]): Learnable {
  const receipts = families.flatMap((family) => family.receipts)
  const teachers = receipts.filter(({ learn }) => Object.keys(learn ?? {}).length > 0)
  const documents = new Map(families.flatMap((family) => family.documents.map((document) => [document.id, document])))
  const names = new Map<string, ReadonlySet<string>>()
  const answeredBy = new Map(
    families.flatMap((family) =>
      family.receipts.map((receipt) => [receipt.id, receipt.answers ?? family.documents.map(({ id }) => id)]),
    ),
  )
  return {
    names(documentType) {
      const document = documents.get(documentType)
      if (!document) return none
      const known = names.get(documentType) ?? taught(document, teachers)
      names.set(documentType, known)
      return known
    },
    answeredBy: (receiptType) => answeredBy.get(receiptType) ?? [],
    first: new Set(receipts.flatMap(({ keys }) => keys.slice(0, 1).map(({ key }) => key))),
  }
}

const none: ReadonlySet<string> = new Set()

/** Receipts that find it by what it has, or has been taught, teach it more. */
function taught({ id, keys }: DocumentType, teachers: readonly ReceiptType[]): ReadonlySet<string> {
  const receipts = teachers.filter(({ answers }) => answers?.includes(id) ?? true)
  const known = new Set(Object.keys(keys))
  const learnt = new Set<string>()
  for (let before = -1; before < learnt.size;) {
    before = learnt.size
    for (const { keys: cited, learn = {} } of receipts)
      if (cited.some(({ key }) => known.has(key)))
        for (const name of Object.keys(learn)) {
          known.add(name)
          learnt.add(name)
        }
  }
  return learnt
}

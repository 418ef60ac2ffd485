// keys-of — under which names the ledger finds a number that a query asks by: those of the keys of its documents, and
// of what answers teach.
import type { DocumentFamily } from '../../messages/document-type.js'

/** Worked out once for each column. */
export function createKeysOf(families: readonly DocumentFamily[]) {
  const byDocument = new Map<string, [name: string, path: string][]>()
  for (const { documents, receipts } of families)
    for (const { id, keys } of documents) {
      const learnt = receipts
        .filter(({ answers }) => answers?.includes(id))
        .flatMap(({ learn }) => Object.entries(learn ?? {}))
      byDocument.set(
        id,
        [...Object.entries(keys), ...learnt].filter(([, path]) => !path.includes('+')),
      )
    }

  /** Undefined where not every one of the documents has the number as a key: then one must look into them. */
  return function keysOf(documents: readonly string[], paths: readonly string[]): string[] | undefined {
    const ends = paths.map((path) => `/${path.toLowerCase().replace(/^\//, '')}`)
    const names = documents.map((document) =>
      (byDocument.get(document) ?? [])
        .filter(([, path]) => ends.some((end) => `/${path.toLowerCase()}`.endsWith(end)))
        .map(([name]) => name),
    )
    return names.length > 0 && names.every((some) => some.length > 0) ? [...new Set(names.flat())] : undefined
  }
}

// document-keys — the keys by which the answers to a document will find it; and how much of a document is kept as its
// facts and keys, whatever its syntax.
import type { DocumentType } from '../messages/document-type.js'
import type { Key } from '../messages/inspection.js'
import { keyValues } from '../messages/xml-reading.js'

/** Most characters of a fact; what is longer is cut off. */
export const longestFact = 500
/** Most values of one key. */
export const mostValuesOfKey = 200
/** Most characters of a key's value; a longer one is no key. */
export const longestKeyValue = 200

/** @param valuesAt every value a path of the document leads to */
export const keysOf = ({ keys }: Pick<DocumentType, 'keys'>, valuesAt: (path: string) => string[]): Key[] =>
  Object.entries(keys).flatMap(([name, path]) =>
    [...new Set(keyValues(path, valuesAt))]
      .filter((value) => value !== '' && value.length <= longestKeyValue)
      .slice(0, mostValuesOfKey)
      .map((value) => ({ name, value })),
  )

// flat-tree — a flat file as a plain tree by tags and field numbers: `10/5` is field 5 of record 10. Needs no table and
// checks nothing: for facts and keys (xsd/families/flatfile/family.yaml), for reading what agencies answer, and for the
// simulator.
import type { XmlDocument, XmlElement } from '../xml-reading.js'
import { flatNamespace } from './names.js'
import { readFlat } from './reader.js'
import { fieldText } from './record.js'

/** The root of a file that answers another: its second record is a 90 (see answer.ts). */
export const answerRoot = 'RECEIPT'

/** @throws TypeError for what does not begin with a 00 record that names its type */
export function readFlatTree(bytes: Uint8Array): XmlDocument {
  const tree = Object.create(null) as XmlElement
  let type: string | undefined
  let answer = false
  let count = 0
  for (const { record } of readFlat(bytes)) {
    if (!record) continue
    count++
    if (count === 1)
      type = record.tag === '00' && /^[A-Z]{3,6}$/.test(fieldText(record, 2)) ? fieldText(record, 2) : undefined
    if (type === undefined) break
    if (count === 2) answer = record.tag === '90'
    const node = Object.create(null) as XmlElement
    for (let n = 2; n <= record.fields.length; n++) {
      const text = fieldText(record, n)
      if (text !== '') node[String(n)] = text
    }
    const there = tree[record.tag]
    if (there === undefined) tree[record.tag] = node
    else if (Array.isArray(there)) there.push(node)
    else tree[record.tag] = [there, node]
  }
  if (type === undefined) throw new TypeError('there is no flat file in it')
  return { root: answer ? answerRoot : type, namespace: flatNamespace(type), tree }
}

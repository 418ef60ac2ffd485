// Which document is it: the same answer whichever way it is found, and no dearer among three hundred types than among
// three.
import { expect, test } from 'vitest'
import type { DocumentFamily, DocumentType } from '../../messages/document-type.js'
import { identify, indexDocuments, type MessageReader } from '../../messages/identify.js'

const title = { zh: '测试', en: 'test' }
const type = (id: string, match: DocumentType['match'], more: Partial<DocumentType> = {}): DocumentType => ({
  id,
  title,
  source: 's',
  root: 'Signature',
  namespace: 'urn:s',
  ...(match ? { match } : {}),
  facts: { kind: 'Head/Kind', code: 'Head/Code', mode: 'Body/Mode' },
  keys: {},
  schemas: [{ file: 'a.xsd', version: '1' }],
  samples: ['a.xml'],
  ...more,
})
const family = (documents: DocumentType[]): DocumentFamily[] => [{ family: 'f', title, documents, receipts: [] }]

/** A message that counts how often it is asked. */
function message(values: Record<string, string>) {
  const asked: string[] = []
  const read: MessageReader = {
    value(_, path) {
      asked.push(path)
      return values[path] ?? ''
    },
    facts({ id, facts }) {
      asked.push(id)
      return Object.fromEntries(Object.entries(facts).map(([name, path]) => [name, values[path] ?? '']))
    },
  }
  return { asked, read }
}
const found = (
  families: DocumentFamily[],
  values: Record<string, string>,
  root = { name: 'Signature', namespace: 'urn:s' },
) => {
  const { asked, read } = message(values)
  const answer = identify(indexDocuments(families), root, read, '2026-01-01')
  return { answer: 'schema' in answer ? answer.known.type.id : answer.fault.code, asked }
}

test('among three hundred types of one root a message is asked twice, and read as one type', () => {
  const many = family(
    Array.from({ length: 300 }, (_, i) => type(`T${i}`, { kind: `K${Math.floor(i / 10)}`, code: String(i % 10) })),
  )
  expect(found(many, { 'Head/Kind': 'K27', 'Head/Code': '3' })).toEqual({
    answer: 'T273',
    asked: ['Head/Kind', 'Head/Code', 'T273'],
  })
  expect(found(many, { 'Head/Kind': 'K99' }).answer).toBe('HUB_DOCUMENT_VARIANT')
  expect(found(many, { 'Head/Kind': 'K99' }).asked.length).toBeLessThan(4)
})

test('lists, expressions and types without any condition keep their order', () => {
  const few = family([
    type('A', { kind: ['1', '2'], mode: '/x.*/' }),
    type('B', { kind: '2' }),
    type('C', { code: '/9+/' }),
    type('D', undefined),
  ])
  expect(found(few, { 'Head/Kind': '2', 'Body/Mode': 'xy' }).answer).toBe('A')
  expect(found(few, { 'Head/Kind': '2', 'Body/Mode': 'y' }).answer).toBe('B')
  expect(found(few, { 'Head/Kind': '3', 'Head/Code': '99' }).answer).toBe('C')
  expect(found(few, { 'Head/Kind': '3', 'Head/Code': '98' }).answer).toBe('D')
})

test('the empty value is a value: a type may ask for a missing element', () => {
  const two = family([type('none', { kind: '' }), type('some', { kind: '1' })])
  expect(found(two, {}).answer).toBe('none')
  expect(found(two, { 'Head/Kind': '2' }).answer).toBe('HUB_DOCUMENT_VARIANT')
})

test('another namespace of a known root is told with the one expected; an unknown root as such', () => {
  const one = family([type('A', undefined)])
  expect(found(one, {}, { name: 'Signature', namespace: 'urn:x' }).answer).toBe('HUB_DOCUMENT_NAMESPACE')
  expect(found(one, {}, { name: 'Seal', namespace: 'urn:s' }).answer).toBe('HUB_DOCUMENT_UNKNOWN')
})

test('a type written in several namespaces is known in each, with the schema of that namespace', () => {
  const schemas = [
    { file: 'plain.xsd', version: '1', namespace: '' },
    { file: 'a.xsd', version: '1' },
  ]
  const one = family([type('A', undefined, { alsoIn: [''], schemas })])
  const schemaIn = (namespace: string) => {
    const answer = identify(indexDocuments(one), { name: 'Signature', namespace }, message({}).read, '2026-01-01')
    return 'schema' in answer ? answer.schema.file : answer.fault.code
  }
  expect(schemaIn('urn:s')).toBe('a.xsd')
  expect(schemaIn('')).toBe('plain.xsd')
  expect(schemaIn('urn:x')).toBe('HUB_DOCUMENT_NAMESPACE')
})

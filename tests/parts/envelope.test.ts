// Envelopes: the message inside is checked as if it had come alone, and its faults are told at their place in the
// whole.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import type { DocumentFamily } from '../../messages/document-type.js'
import { readReply } from '../../messages/reply.js'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'

const dir = mkdtempSync(join(tmpdir(), 'hub-envelope-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
mkdirSync(join(dir, 'x/schemas'), { recursive: true })
const xs = (namespace: string, body: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${namespace}" ` +
  `elementFormDefault="qualified">${body}</xs:schema>`
writeFileSync(
  join(dir, 'x/schemas/paper.xsd'),
  xs(
    'urn:paper',
    '<xs:element name="Paper"><xs:complexType><xs:sequence><xs:element ' +
      'name="No"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength ' +
      'value="4"/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>',
  ),
)
writeFileSync(
  join(dir, 'x/schemas/letter.xsd'),
  xs(
    'urn:letter',
    '<xs:element name="Letter"><xs:complexType><xs:sequence><xs:element name="Id" ' +
      'type="xs:string"/><xs:element name="Data" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element>',
  ),
)
writeFileSync(
  join(dir, 'x/schemas/folder.xsd'),
  xs(
    'urn:folder',
    '<xs:element name="Folder"><xs:complexType><xs:sequence><xs:element ' +
      'name="Held"><xs:complexType><xs:sequence><xs:any namespace="##other" ' +
      'processContents="skip"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>' +
      '</xs:element>',
  ),
)

const title = { zh: '测试', en: 'test' }
const family: DocumentFamily = {
  family: 'x',
  title,
  documents: [
    {
      id: 'Paper',
      title,
      source: 'this test',
      root: 'Paper',
      namespace: 'urn:paper',
      facts: { no: 'No' },
      reference: 'no',
      keys: { no: 'No' },
      schemas: [{ file: 'x/paper.xsd', version: '1' }],
      samples: ['none'],
    },
  ],
  receipts: [
    {
      id: 'Answer',
      title,
      source: 'this test',
      root: 'Answer',
      keys: [{ key: 'no', path: 'No' }],
      code: 'Code',
      status: { '1': 'approved' },
      otherwise: 'processing',
    },
  ],
  envelopes: [
    {
      id: 'Letter',
      title,
      source: 'this test',
      root: 'Letter',
      namespace: 'urn:letter',
      schema: 'x/letter.xsd',
      inner: 'Data',
      holds: 'base64',
      keys: { letter: 'Id' },
    },
    {
      id: 'Folder',
      title,
      source: 'this test',
      root: 'Folder',
      namespace: 'urn:folder',
      schema: 'x/folder.xsd',
      inner: 'Held/Paper',
      holds: 'element',
    },
  ],
}
const { inspect } = createEngine({ documents: [family], rules: [], schemas: readSchemaFiles(dir), faultLimit: 100 })
const paper = (no: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Paper xmlns="urn:paper">\n<No>${no}</No></Paper>`
const letter = (inside: string) =>
  Buffer.from(
    `<l:Letter xmlns:l="urn:letter"><l:Id>L1</l:Id><l:Data>${Buffer.from(inside).toString('base64')}</l:Data>` +
      '</l:Letter>',
  )
const folder = (no: string) =>
  Buffer.from(
    `<f:Folder xmlns:f="urn:folder" ` +
      `xmlns:p="urn:paper">\n<f:Held>\n<p:Paper>\n<p:No>${no}</p:No></p:Paper></f:Held></f:Folder>`,
  )

test('a message as base64 is known and checked inside; what the envelope is called is a key too', () => {
  expect(inspect(letter(paper('P1')))).toMatchObject({
    envelope: 'Letter',
    root: { name: 'Letter' },
    faults: [],
    document: {
      type: 'Paper',
      reference: 'P1',
      keys: [
        { name: 'letter', value: 'L1' },
        { name: 'no', value: 'P1' },
      ],
    },
  })
  expect(inspect(letter(paper('P1234'))).faults).toMatchObject([
    { code: 'HUB_XSD_LENGTH', path: '/Letter/Data/Paper/No', line: 3 },
  ])
})

test('a message as an element keeps the namespaces declared around it, and its faults their line in the whole', () => {
  expect(inspect(folder('P2'))).toMatchObject({
    envelope: 'Folder',
    faults: [],
    document: { type: 'Paper', reference: 'P2' },
  })
  expect(inspect(folder('P2345')).faults).toMatchObject([
    { code: 'HUB_XSD_LENGTH', path: '/Folder/Held/Paper/No', line: 4 },
  ])
})

test('an envelope that is broken, empty or holds an envelope is refused for what it is', () => {
  expect(inspect(Buffer.from('<l:Letter xmlns:l="urn:letter"><l:Data>AA==</l:Data></l:Letter>')).faults).toMatchObject([
    { code: 'HUB_XSD_ELEMENT_MISSING', path: '/Letter' },
  ])
  expect(inspect(letter('')).faults).toMatchObject([{ code: 'HUB_EMPTY', path: '/Letter/Data' }])
  expect(inspect(letter('nothing of ours')).faults).toMatchObject([{ code: 'HUB_SYNTAX_UNKNOWN' }])
  expect(inspect(letter('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).faults).toMatchObject([
    { code: 'HUB_XML_DOCTYPE' },
  ])
  expect(inspect(letter(letter(paper('P1')).toString())).faults).toMatchObject([
    { code: 'HUB_DOCUMENT_UNKNOWN', path: '/Letter/Data/Letter' },
  ])
})

/** What `zip` makes of these files, by the zip format's own rules. */
function zip(files: Record<string, string>, { stored = false, flags = 0 } = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const [file, called] = [Buffer.from(text), Buffer.from(name)]
    const packed = stored ? file : deflateRawSync(file)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(flags, 2)
    head.writeUInt16LE(stored ? 0 : 8, 4)
    head.writeUInt32LE(crc32(file), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(file.length, 18)
    head.writeUInt16LE(called.length, 22)
    const entry = Buffer.alloc(46)
    entry.write('PK\x01\x02\x14\x00', 'latin1')
    head.copy(entry, 6, 0, 24)
    entry.writeUInt32LE(at, 42)
    directory.push(entry, called)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, called, packed])
    locals.push(local)
    at += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(locals.length, 8)
  end.writeUInt16LE(locals.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, ...directory, end])
}
const zipped = (bytes: Buffer) =>
  Buffer.from(`<l:Letter xmlns:l="urn:letter"><l:Id>L1</l:Id><l:Data>${bytes.toString('base64')}</l:Data></l:Letter>`)

test('a message zipped before it was put in is taken out, checked and answered as any other', () => {
  for (const bytes of [zip({ 'P1.xml': paper('P1') }), zip({ 'P1.xml': paper('P1') }, { stored: true })])
    expect(inspect(zipped(bytes))).toMatchObject({
      envelope: 'Letter',
      faults: [],
      document: { type: 'Paper', reference: 'P1' },
    })
  expect(inspect(zipped(zip({ 'P1.xml': paper('P1234') }))).faults).toMatchObject([
    { code: 'HUB_XSD_LENGTH', path: '/Letter/Data/Paper/No', line: 3 },
  ])
  expect(
    readReply(
      zipped(zip({ 'a.xml': '<Answer><No>P1</No><Code>1</Code></Answer>' })),
      family.receipts,
      family.envelopes,
    ),
  ).toMatchObject({ receiptType: { id: 'Answer' }, entries: [{ status: 'approved' }] })
})

test('a zip of several files, enciphered, cut short or larger than declared is refused', () => {
  const good = zip({ 'P1.xml': paper('P1') })
  const lying = zip({ 'P1.xml': paper('P1') + ' '.repeat(100_000) })
  const declared = lying.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')) + 24
  lying.writeUInt32LE(100, declared)
  const flipped = Buffer.from(good)
  flipped[40]! ^= 0xff
  const unlike: [string, Buffer][] = [
    ['two files', zip({ 'a.xml': paper('P1'), 'b.xml': paper('P2') })],
    ['enciphered', zip({ 'a.xml': paper('P1') }, { flags: 1 })],
    ['cut short', good.subarray(0, -10)],
    ['lying', lying],
    ['damaged', flipped],
  ]
  for (const [what, bytes] of unlike)
    expect(inspect(zipped(bytes)).faults[0], what).toMatchObject({ code: 'HUB_SYNTAX_UNKNOWN' })
})

test('a receipt in an envelope is read as if it had come alone', () => {
  const answer = '<Answer><No>P1</No><Code>1</Code></Answer>'
  const inEnvelope = readReply(letter(answer), family.receipts, family.envelopes)
  expect(inEnvelope).toMatchObject({
    receiptType: { id: 'Answer' },
    entries: [{ keys: [{ name: 'no', value: 'P1' }], status: 'approved' }],
  })
  expect(inEnvelope).toEqual(readReply(Buffer.from(answer), family.receipts, family.envelopes))
})

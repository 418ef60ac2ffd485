// Envelopes: the message inside is checked as if it had come alone, and its faults are told at their place in the whole.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { DocumentFamily } from '../../messages/document-type.js'
import { readReply } from '../../messages/reply.js'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'

const dir = mkdtempSync(join(tmpdir(), 'hub-envelope-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
mkdirSync(join(dir, 'x'))
const xs = (namespace: string, body: string) => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${namespace}" elementFormDefault="qualified">${body}</xs:schema>`
writeFileSync(join(dir, 'x/paper.xsd'), xs('urn:paper', '<xs:element name="Paper"><xs:complexType><xs:sequence><xs:element name="No"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="4"/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>'))
writeFileSync(join(dir, 'x/letter.xsd'), xs('urn:letter', '<xs:element name="Letter"><xs:complexType><xs:sequence><xs:element name="Id" type="xs:string"/><xs:element name="Data" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element>'))
writeFileSync(join(dir, 'x/folder.xsd'), xs('urn:folder', '<xs:element name="Folder"><xs:complexType><xs:sequence><xs:element name="Held"><xs:complexType><xs:sequence><xs:any namespace="##other" processContents="skip"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>'))

const title = { zh: '测试', en: 'test' }
const family: DocumentFamily = {
  family: 'x', title,
  documents: [{ id: 'Paper', title, source: 'this test', root: 'Paper', namespace: 'urn:paper', facts: { no: 'No' }, reference: 'no', keys: { no: 'No' }, schemas: [{ file: 'x/paper.xsd', version: '1' }], samples: ['none'] }],
  receipts: [{ id: 'Answer', title, source: 'this test', root: 'Answer', keys: [{ key: 'no', path: 'No' }], code: 'Code', status: { '1': 'approved' }, otherwise: 'processing' }],
  envelopes: [
    { id: 'Letter', title, source: 'this test', root: 'Letter', namespace: 'urn:letter', schema: 'x/letter.xsd', inner: 'Data', holds: 'base64', keys: { letter: 'Id' } },
    { id: 'Folder', title, source: 'this test', root: 'Folder', namespace: 'urn:folder', schema: 'x/folder.xsd', inner: 'Held/Paper', holds: 'element' },
  ],
}
const { inspect } = createEngine({ documents: [family], rules: [], schemas: readSchemaFiles(dir), faultLimit: 100 })
const paper = (no: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<Paper xmlns="urn:paper">\n<No>${no}</No></Paper>`
const letter = (inside: string) => Buffer.from(`<l:Letter xmlns:l="urn:letter"><l:Id>L1</l:Id><l:Data>${Buffer.from(inside).toString('base64')}</l:Data></l:Letter>`)
const folder = (no: string) => Buffer.from(`<f:Folder xmlns:f="urn:folder" xmlns:p="urn:paper">\n<f:Held>\n<p:Paper>\n<p:No>${no}</p:No></p:Paper></f:Held></f:Folder>`)

test('a message as base64 is known and checked inside; what the envelope is called is a key too', () => {
  expect(inspect(letter(paper('P1')))).toMatchObject({ envelope: 'Letter', root: { name: 'Letter' }, faults: [], document: { type: 'Paper', reference: 'P1', keys: [{ name: 'letter', value: 'L1' }, { name: 'no', value: 'P1' }] } })
  expect(inspect(letter(paper('P1234'))).faults).toMatchObject([{ code: 'HUB_XSD_LENGTH', path: '/Letter/Data/Paper/No', line: 3 }])
})

test('a message as an element keeps the namespaces declared around it, and its faults their line in the whole', () => {
  expect(inspect(folder('P2'))).toMatchObject({ envelope: 'Folder', faults: [], document: { type: 'Paper', reference: 'P2' } })
  expect(inspect(folder('P2345')).faults).toMatchObject([{ code: 'HUB_XSD_LENGTH', path: '/Folder/Held/Paper/No', line: 4 }])
})

test('an envelope that is broken, empty or holds an envelope is refused for what it is', () => {
  expect(inspect(Buffer.from('<l:Letter xmlns:l="urn:letter"><l:Data>AA==</l:Data></l:Letter>')).faults).toMatchObject([{ code: 'HUB_XSD_ELEMENT_UNEXPECTED', path: '/Letter/Data' }])
  expect(inspect(letter('')).faults).toMatchObject([{ code: 'HUB_EMPTY', path: '/Letter/Data' }])
  expect(inspect(letter('nothing of ours')).faults).toMatchObject([{ code: 'HUB_SYNTAX_UNKNOWN' }])
  expect(inspect(letter('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).faults).toMatchObject([{ code: 'HUB_XML_DOCTYPE' }])
  expect(inspect(letter(letter(paper('P1')).toString())).faults).toMatchObject([{ code: 'HUB_DOCUMENT_UNKNOWN', path: '/Letter/Data/Letter' }])
})

test('a receipt in an envelope is read as if it had come alone', () => {
  const answer = '<Answer><No>P1</No><Code>1</Code></Answer>'
  const inEnvelope = readReply(letter(answer), family.receipts, family.envelopes)
  expect(inEnvelope).toMatchObject({ receiptType: { id: 'Answer' }, entries: [{ keys: [{ name: 'no', value: 'P1' }], status: 'approved' }] })
  expect(inEnvelope).toEqual(readReply(Buffer.from(answer), family.receipts, family.envelopes))
})

// The books of processing trade: every message is known for what it is, and what customs answer finds the message it
// speaks of.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { loadAnswers, render } from '../../adapters/simulator/answers.js'
import type { AnswersFile } from '../../adapters/simulator/book-data.js'
import type { DocumentFamily } from '../../messages/document-type.js'
import { readReply } from '../../messages/reply.js'
import { readXml, valuesAt } from '../../messages/xml-reading.js'
import { resolve } from '../../routing/resolve.js'
import { createEngine } from '../../xsd/engine.js'
import { documents as families, routing } from '../support/data.js'
import { engine, schemas } from '../support/engine.js'
import { root, sample } from '../support/hub.js'

const nems = families.find(({ family }) => family === 'nems')!
const receiptTypes = families.flatMap((family) => family.receipts)
const answers = parse(readFileSync(join(root, 'xsd/families/nems/answers.yaml'), 'utf8')) as AnswersFile
const book = loadAnswers(join(root, 'xsd/families'))
/** Knows receipts as if they were messages, to hold them against their published form. */
const forms: DocumentFamily[] = nems.receipts
  .filter((r) => r.schema && r.root === 'Package')
  .map((r) => ({
    family: r.id,
    title: r.title,
    receipts: [],
    documents: [
      {
        id: r.id,
        title: r.title,
        source: r.source,
        root: r.root,
        namespace: 'http://www.w3.org/2000/09/xmldsig#',
        match: { type: r.id },
        facts: { type: 'EnvelopInfo/message_type' },
        keys: {},
        schemas: [{ file: r.schema!, version: '1' }],
        samples: ['x'],
      },
    ],
  }))
const receiptForms = createEngine({ documents: forms, schemas, rules: [], faultLimit: 100 })

const at = new Date('2026-03-02T01:30:00Z')

describe.each(nems.documents.map((d) => [d.id, d] as const))('%s', (id, document) => {
  const message = readXml(sample(document.samples[0]!))
  const keys = Object.entries(document.keys).flatMap(([name, path]) =>
    valuesAt(message.tree, path)
      .filter((v) => v !== '')
      .map((value) => ({ name, value })),
  )

  test('is answered by simulated customs in receipts of their published form that cite it', async () => {
    const course = book.find(id, message)
    expect(course, `${id} is answered`).toBeDefined()
    for (const [stages, refused] of [
      [course!.stages, false],
      [course!.refusal, true],
    ] as const) {
      expect(stages.length).toBeGreaterThan(0)
      const learnt = [...keys]
      let status = 'submitted'
      for (const stage of stages) {
        const bytes = render(stage, message, { submissionId: 'sub_1', at, refusal: refused ? '测试退单' : '' })
        const { root: name, tree } = readXml(bytes)
        if (name === 'Package')
          expect({ stage: stage.name, faults: receiptForms.inspect(bytes).faults, tree }).toMatchObject({
            faults: [],
          })
        const reply = readReply(bytes, receiptTypes)!
        expect(reply.entries).toHaveLength(1)
        const [entry] = reply.entries
        // The first answer to an import file comes with the call and needs no key.
        if (!stage.sync || name === 'Package') {
          expect(reply.receiptType.answers, `${reply.receiptType.id} answers ${id}`).toContain(id)
          const found = entry!.keys.some((key) =>
            learnt.some(({ name, value }) => name === key.name && value === key.value),
          )
          expect(found, `${reply.receiptType.id} finds ${id}`).toBe(true)
        }
        learnt.push(...entry!.learn)
        status = entry!.status
      }
      expect({ id, refused, status }).toEqual({
        id,
        refused,
        status: refused ? 'rejected' : (expect.stringMatching(/submitted|processing|approved/) as string),
      })
    }
  })

  test('is carried by an operation of the catalogue, or by several that its sender tells apart by name', async () => {
    for (const file of document.samples) {
      const inspected = engine.inspect(sample(file)).document!
      expect({ file, type: inspected.type }).toEqual({ file, type: id })
      const resolution = resolve(routing, { type: id, facts: inspected.facts })
      expect({ file, outcome: resolution.outcome }).toEqual({
        file,
        outcome: expect.stringMatching(/resolved|ambiguous/) as string,
      })
    }
  })
})

test('every document of the family has its answers, and every answer is to one of its documents', () => {
  expect([...new Set(answers.answers.map(({ document }) => document))].sort()).toEqual(
    nems.documents.map(({ id }) => id).sort(),
  )
})

test('a receipt is read alike as a bare Package, inside a Signature, without its namespace, and with prefixes', () => {
  const bare = sample('nems/EML211.xml').toString()
  const inner = bare.slice(bare.indexOf('<Package'))
  const signature = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Object>${inner}</Object></Signature>`
  const signed = `<?xml version="1.0"?>${signature}`
  const read = (xml: string) => readReply(Buffer.from(xml), receiptTypes)!.entries
  const [entry] = read(bare)
  expect(entry).toMatchObject({
    status: 'approved',
    code: '1',
    agencyReference: 'C99992600001',
    keys: expect.arrayContaining([{ name: 'bondedSeqNo', value: 'TEST-EML-0001' }]) as unknown,
  })
  expect(read(signed)).toEqual([entry])
  expect(read(bare.replace(/ xmlns="[^"]*"/, ''))).toEqual([entry])
  expect(
    read(
      bare
        .replace('<Package xmlns=', '<Package xmlns:ns2="http://www.w3.org/2000/09/xmldsig#" xmlns=')
        .replace('<EML211>', '<ns2:EML211>')
        .replace('</EML211>', '</ns2:EML211>'),
    ),
  ).toEqual([entry])
})

test('a write-off is approved when it is settled, not when the report is taken', () => {
  const status = (code: string) =>
    readReply(
      Buffer.from(
        sample('nems/EML221.xml')
          .toString()
          .replace(/<manageResult>.<\/manageResult>/, `<manageResult>${code}</manageResult>`),
      ),
      receiptTypes,
    )!.entries[0]!.status
  expect(['2', '3', '5', '6', '7', 'A'].map(status)).toEqual([
    'processing',
    'rejected',
    'approved',
    'rejected',
    'processing',
    'processing',
  ])
})

test('a type customs send is no message a partner can file', async () => {
  const bare = sample('nems/EML211.xml').toString()
  const inside = bare.slice(bare.indexOf('<Package'))
  const signed = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Object>${inside}</Object></Signature>`
  expect(engine.inspect(Buffer.from(signed)).faults[0]!.code).toBe('HUB_DOCUMENT_RECEIPT')
})

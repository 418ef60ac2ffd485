// Receipts and envelopes in their published forms: each sample is held against its XSD, though the hub never refuses a
// receipt for its form.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DocumentFamily } from '../../messages/document-type.js'
import { readReply } from '../../messages/reply.js'
import { readXml, valueAt } from '../../messages/xml-reading.js'
import { createEngine } from '../../xsd/engine.js'
import { documents as families } from '../support/data.js'
import { engine as hub, schemas } from '../support/engine.js'
import { sample, samplePath } from '../support/hub.js'

const all = families.flatMap((f) => f.receipts)
const samples = families.flatMap(({ family, receipts }) =>
  readdirSync(samplePath(`${family}/`))
    .filter((f) => f.endsWith('.xml'))
    .flatMap((file) => {
      const bytes = sample(`${family}/${file}`)
      const { root: name, namespace } = readXml(bytes)
      // A receipt whose root is shared is told by its conditions, as the hub tells it.
      const type = receipts.some((r) => r.root === name) ? readReply(bytes, all)?.receiptType : undefined
      return type?.schema === undefined
        ? []
        : [{ file: `${family}/${file}`, type: type.id, schema: type.schema, name, namespace }]
    }),
)

/** An engine that knows nothing but these forms. */
function engineOfForms(forms: { name: string; namespace: string; schema: string }[]) {
  const documents: DocumentFamily[] = forms.map(({ name, namespace, schema }, i) => ({
    family: `f${i}`,
    title: { zh: '测试', en: 'test' },
    receipts: [],
    documents: [
      {
        id: name,
        title: { zh: '测试', en: 'test' },
        source: 'this test',
        root: name,
        namespace,
        facts: {},
        keys: {},
        schemas: [{ file: schema, version: '1' }],
        samples: ['x'],
      },
    ],
  }))
  return createEngine({ documents, schemas, rules: [], faultLimit: 100 })
}

test('every sample of a receipt has its published form', () => {
  const form = ({ schema, name, namespace }: (typeof samples)[number]) => `${schema} ${name} ${namespace}`
  const forms = [...new Map(samples.map((s) => [form(s), s])).values()]
  // Forms that share a root are held apart: each round knows every root once.
  for (let rest = forms; rest.length > 0;) {
    const round = rest.filter((one, i) => rest.findIndex((other) => other.name === one.name) === i)
    const engine = engineOfForms(round)
    for (const { file } of samples.filter((s) => round.some((one) => form(one) === form(s))))
      expect({ file, faults: engine.inspect(sample(file)).faults }).toEqual({ file, faults: [] })
    rest = rest.filter((one) => !round.includes(one))
  }
  expect(samples.length).toBeGreaterThan(25)
})

describe('the envelope of the data exchange platform', () => {
  const dir = 'ceb/wrapped'
  const dxp = 'http://www.chinaport.gov.cn/dxp'
  const engine = engineOfForms([
    { name: 'DxpMsg', namespace: dxp, schema: 'ceb/dxp/DxpMsg.xsd' },
    { name: 'DxpMsgSv', namespace: dxp, schema: 'ceb/dxp/DxpMsgSv.xsd' },
  ])

  test('holds the bytes of one business message, of the type it names', () => {
    for (const file of readdirSync(samplePath(dir))) {
      const bytes = sample(`${dir}/${file}`)
      expect({ file, faults: engine.inspect(bytes).faults }).toEqual({ file, faults: [] })
      const { tree, root: name } = readXml(bytes)
      const at = (path: string) => valueAt(tree, name === 'DxpMsgSv' ? `DxpMsg/${path}` : path)
      expect(readXml(Buffer.from(at('Data')!, 'base64')).root).toBe(at('TransInfo/MsgType'))
    }
  })

  test('without a number of its own, or with six receivers, has not its form', () => {
    const text = sample(`${dir}/DxpMsg-CEB621Message.xml`).toString()
    const codes = (xml: string) => engine.inspect(Buffer.from(xml)).faults.map((f) => f.code)
    expect(codes(text.replace(/<CopMsgId>[^<]*/, '<CopMsgId>'))).toEqual(['HUB_XSD_LENGTH'])
    expect(codes(text.replace(/(\s*<ReceiverId>[^<]*<\/ReceiverId>)/, '$1'.repeat(6)))).toEqual([
      'HUB_XSD_ELEMENT_UNEXPECTED',
    ])
  })

  test('is opened by the hub: the message inside is what is checked, with the number receipts will cite', () => {
    const { document, faults, envelope } = hub.inspect(sample(`${dir}/DxpMsg-CEB621Message.xml`))
    expect([faults, envelope, document?.type]).toEqual([[], 'DxpMsg', 'CEB621Message'])
    expect(document!.keys).toContainEqual({ name: 'copMsgId', value: 'TESTMSG-2022-0003' })
    const said = readReply(
      sample(`${dir}/DxpMsg-CEB312Message.xml`),
      all,
      families.flatMap((f) => f.envelopes ?? []),
    )
    expect(said?.receiptType.id).toBe('CEB312Message')
  })

  test('when the platform turns it down, is found by its number, and by the guid if that is its number', () => {
    const [entry] = readReply(sample('ceb/DxpRep.xml'), all)!.entries
    expect(entry).toMatchObject({
      code: '1001',
      status: 'rejected',
      text: { zh: '数字签名无效', en: 'the signature is not valid' },
      keys: [{ name: 'copMsgId' }, { name: 'messageGuid', value: 'CEB31100-0000-4000-8000-202206000001' }],
    })
    expect(readReply(sample('ceb/DxpRep-unreachable.xml'), all)!.entries[0]).toMatchObject({
      code: '3003',
      status: 'failed',
    })
  })
})

test('a code that says customs has the document is no refusal, whatever else went wrong', () => {
  const said = (code: string) =>
    readReply(
      Buffer.from(
        sample('ceb/CEB622Message.xml')
          .toString()
          .replace(/<returnStatus>[^<]*/g, `<returnStatus>${code}`),
      ),
      all,
    )!.entries[0]!.status
  expect([said('-621008'), said('-621009'), said('-621004')]).toEqual(['processing', 'rejected', 'rejected'])
})

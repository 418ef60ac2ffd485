// The regional manifest platform: a manifest goes out in its envelope and is checked as if it were bare; its answers
// are read.
import { expect, test } from 'vitest'
import { readReply } from '../../messages/reply.js'
import { documents } from '../support/data.js'
import { engine } from '../support/engine.js'
import { sample } from '../support/hub.js'

const receiptTypes = documents.flatMap((family) => family.receipts)
const envelopes = documents.flatMap((family) => family.envelopes ?? [])
const wrapped = sample('manifest/wrapped/MFTMessage.xml')

test('a manifest in the envelope of the platform is the manifest it holds', async () => {
  const bare = engine.inspect(sample('manifest/MT5101-2.xml'))
  const inside = engine.inspect(wrapped)
  expect(inside).toMatchObject({
    faults: [],
    envelope: 'MFTMessage',
    document: { type: 'MT5101', reference: bare.document!.reference },
  })
  expect(inside.document!.keys).toEqual(bare.document!.keys)
})

test('a fault is told at its place in the whole file; an envelope without its company is refused itself', async () => {
  const broken = wrapped.toString().replace('<TypeCode>1</TypeCode>', '<TypeCode>1234</TypeCode>')
  expect(engine.inspect(Buffer.from(broken)).faults).toMatchObject([
    {
      code: 'HUB_XSD_LENGTH',
      path: '/MFTMessage/MFTData/Manifest/Declaration/BorderTransportMeans/TypeCode',
      line: broken.slice(0, broken.indexOf('>1234<')).split('\n').length,
    },
  ])
  const nameless = wrapped.toString().replace(/ *<CopCode>.*\n/, '')
  expect(engine.inspect(Buffer.from(nameless)).faults).toMatchObject([
    { code: 'HUB_XSD_ELEMENT_MISSING', path: '/MFTMessage/MFTHead' },
  ])
})

test('what the platform answers is read as a receipt of the message it names', async () => {
  for (const [file, status, code] of [
    ['PlatImpRet', 'submitted', 'E1'],
    ['PlatImpRet-refused', 'failed', 'E2'],
  ] as const) {
    const bytes = sample(`manifest/wrapped/${file}.xml`)
    expect(readReply(bytes, receiptTypes, envelopes)).toMatchObject({
      receiptType: { id: 'MT9999' },
      entries: [
        { status, code, keys: [{ name: 'messageId', value: 'CN_MT5101_1p0_1101919999999_20250322091012000' }] },
      ],
    })
  }
})

test('a manifest in the envelope of the data exchange platform is the manifest it holds, zipped or not', async () => {
  const bare = engine.inspect(sample('manifest/MT5101-2.xml'))
  for (const file of ['DxpMsg', 'DxpMsg-zip']) {
    const inside = engine.inspect(sample(`manifest/wrapped/${file}.xml`))
    expect(inside).toMatchObject({
      faults: [],
      envelope: 'DxpMsg',
      document: { type: 'MT5101', reference: bare.document!.reference },
    })
    expect(inside.document!.keys).toEqual(expect.arrayContaining(bare.document!.keys))
  }
})

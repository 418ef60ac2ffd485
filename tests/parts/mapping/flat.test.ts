// Port flat files made into what customs takes: what goes where, and what is missing, has no code or would be lost is
// told at its record and field.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeGbk } from '../../../messages/flatfile/charset.js'
import { applyMapping } from '../../../messages/mapping/apply.js'
import type { SourceNode } from '../../../messages/mapping/source-tree.js'
import { readXml, valueAt, valuesAt } from '../../../messages/xml-reading.js'
import { resolve } from '../../../routing/resolve.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { root } from '../../support/hub.js'

const { inspect } = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  rules,
  faultLimit: 100,
})
const sample = (name: string) => readFileSync(join(root, 'xsd/families/flatfile/samples', `${name}.txt`))
/** A sample with some of its text changed. */
const changed = (name: string, ...pairs: [string, string][]) =>
  Buffer.from(
    encodeGbk(
      pairs.reduce((text, [from, to]) => text.replace(from, to), new TextDecoder('gb18030').decode(sample(name))),
    ) ?? [],
  )
const places = (bytes: Uint8Array) => inspect(bytes).faults.map(({ code, path }) => [code, path])

describe('a manifest file of a ship from abroad', () => {
  const { document, derived, faults } = inspect(sample('IFCSUM-gbk'))
  const { tree } = readXml(derived!.bytes)
  const bills = valuesAt(tree, 'Declaration/Consignment/TransportContractDocument/ID')

  test('is filed as MT1101 with every bill, and belongs to the operation MT1101 belongs to', () => {
    expect(faults).toEqual([])
    expect(document).toMatchObject({
      type: 'MT1101',
      family: 'manifest',
      facts: { functionCode: '9', journeyId: '026W', transportMeansId: 'UN9990076', masterBill: 'TSTL26110001' },
      reference: 'CN_MT1101_1p0_TESTCARRIER_20261123091500000',
    })
    expect(derived?.mapping).toBe('flat-ifcsum-mt1101')
    expect(bills).toEqual(['TSTL26110001', 'TSTL26110002'])
    expect(resolve(routing, { type: 'MT1101', facts: document!.facts }, { named: '2.1.12.1.1' }).outcome).toBe(
      'resolved',
    )
  })

  test('carries sums of a bill, codes as customs writes them, and times filled up', () => {
    const at = (path: string) => valuesAt(tree, `Declaration/Consignment/${path}`)
    expect(at('TotalGrossMassMeasure')).toEqual(['2350.5', '13800'])
    expect(at('ConsignmentPackaging/QuantityQuantity')).toEqual(['120', '50'])
    expect(at('FreightPayment/MethodCode')).toEqual(['PP', 'CC'])
    expect(at('TransportEquipment/FullnessCode')).toEqual(['5', '7', '7', '5'])
    expect(at('LoadingLocation/LoadingDate')).toEqual(['20261122000000', '20261122000000'])
    expect(at('ConsignmentItem/Commodity/UNDGCode')).toEqual(['1263'])
    expect(valueAt(tree, 'Declaration/BorderTransportMeans/DepartureDateTime')).toBe('20261126000000')
  })

  test('has the containers of a cargo with that cargo', () => {
    const items = (tree.Declaration as { Consignment: { ConsignmentItem: object[] }[] }).Consignment[1]!.ConsignmentItem
    expect(items.map((item) => valuesAt(item as never, 'EquipmentIdentification/ID'))).toEqual([
      ['TESU0000029', 'TESU0000034'],
      ['TESU0000040'],
    ])
  })

  test('that lacks what customs must have is refused at the bill that lacks it', () => {
    expect(places(changed('IFCSUM-gbk', ['11:C:20261122', '11::']))).toEqual([
      ['HUB_MAP_MISSING', '12(14)'],
      ['HUB_MAP_MISSING', '12(14)'],
    ])
  })

  test('with a code that has no counterpart is refused at its field', () => {
    expect(places(changed('IFCSUM-gbk', [':11:C:', ':11:X:']))).toEqual([['HUB_MAP_CODE', '12(14):11']])
  })

  test('loses nothing in silence: what MT1101 has no place for is refused at its field', () => {
    expect(places(changed('IFCSUM-gbk', ["USD'", "USD::FILING'"]))).toEqual([['HUB_MAP_LOST', '12(5):17']])
  })

  test('is told what the schema and the rules of MT1101 find wrong at its own record and field', () => {
    expect(places(changed('IFCSUM-gbk', ['TESU0000013', 'TESU0000014']))).toEqual([
      ['HUB_RULE_CHECK_DIGIT', '51(13):3'],
      ['HUB_RULE_CHECK_DIGIT', '51(13):3'],
    ])
    expect(places(changed('IFCSUM-gbk', ['UN9990076', 'UN9990077']))).toEqual([['HUB_RULE_CHECK_DIGIT', '10(3):2']])
  })

  test('that changes or deletes bills is refused: customs asks for a reason the file cannot give', () => {
    expect(places(changed('IFCSUM-gbk', [':9:', ':3:']))).toEqual([
      ['HUB_MAP_MISSING', '12(5)'],
      ['HUB_MAP_MISSING', '12(14)'],
    ])
  })
})

describe('a manifest file of a ship that goes abroad', () => {
  test('is filed as the advance manifest MT2101, each bill with its goods and containers', () => {
    const { document, derived, faults } = inspect(sample('IFCSUM-export'))
    expect(faults).toEqual([])
    expect([document?.type, derived?.mapping]).toEqual(['MT2101', 'flat-ifcsum-mt2101'])
    expect(document?.facts).toMatchObject({ functionCode: '9', journeyId: '026W', transportMeansId: 'UN9990076' })
    const { tree } = readXml(derived!.bytes)
    expect(
      [
        'ExitCustomsOffice/ID',
        'BorderTransportMeans/FirstArrivalLocationID',
        'Consignment/LoadingLocation/ID',
        'Consignment/UnloadingLocation/ID',
        'Consignment/TransportEquipment/FullnessCode',
      ].map((path) => valueAt(tree, `Declaration/${path}`)),
    ).toEqual(['CNSHA', 'KRPUS', 'CNSHA', 'KRPUS', '5'])
    expect(resolve(routing, { type: 'MT2101', facts: document!.facts }, { named: '2.1.12.1.1' }).outcome).toBe(
      'resolved',
    )
  })

  test('is refused where it changes bills, lacks a field, or sails between Chinese ports', () => {
    expect(places(changed('IFCSUM-export', [':9:', ':4:']))).toEqual([['HUB_MAP_MISSING', '12(3)']])
    expect(places(changed('IFCSUM-export', ['11:P:20261125', '11:P:']))).toEqual([['HUB_MAP_MISSING', '12(3)']])
    expect(inspect(sample('IFCSUM-coastal'))).toMatchObject({ document: { type: 'IFCSUM-flat' }, faults: [] })
  })
})

describe('terminals', () => {
  test('report a discharge as the tally report, with hours, bills and each container’s place', () => {
    const { document, derived, faults } = inspect(sample('COARRI-gbk'))
    expect([faults, document?.type]).toEqual([[], 'MT5101'])
    const { tree } = readXml(derived!.bytes)
    expect(
      ['ActualDateTime', 'CompletedDateTime'].map((name) => valueAt(tree, `Declaration/BorderTransportMeans/${name}`)),
    ).toEqual(['20261125113000', '20261125114200'])
    expect(valuesAt(tree, 'Declaration/TransportEquipment/TransportMeans/StowageLocationID')).toEqual([
      '0010282',
      '0020184',
    ])
  })

  test('cannot report damage, containers of another direction or a second customs office that way', () => {
    expect(places(changed('COARRI-gbk', ['PK:N:2201', 'PK:Y:2201']))).toEqual([['HUB_MAP_CODE', '50(6):14']])
    expect(places(changed('COARRI-gbk', ['D:202611251142', 'L:202611251142']))).toEqual([['HUB_MAP_CODE', '50(6):9']])
    expect(places(changed('COARRI-gbk', ['PK:N:2201', 'PK:N:2202']))).toEqual([['HUB_MAP_LOST', '50(6):15']])
  })

  test('report what came in for a ship that leaves as the arrival report', () => {
    const { document, derived, faults } = inspect(sample('CODECO-gbk'))
    expect([faults, document?.type]).toEqual([[], 'MT3101'])
    expect(
      valuesAt(readXml(derived!.bytes).tree, 'Declaration/TransportEquipment/EquipmentIdentification/ID'),
    ).toHaveLength(2)
  })
})

test('a mapping joins, sums without the errors of binary fractions, groups, and keeps line ends', () => {
  const leaf = (name: string, text: string): SourceNode => ({ name, text, children: [], place: '', line: 1 })
  const source: SourceNode = {
    name: 'A',
    place: '',
    line: 1,
    children: [
      { name: 'R', place: '10(1)', line: 1, children: [leaf('No', '1'), leaf('W', '0.1'), leaf('T', 'x & <y>')] },
      { name: 'R', place: '10(2)', line: 2, children: [leaf('No', '1'), leaf('W', '0.2'), leaf('T', 'z')] },
    ],
  }
  const {
    xml,
    faults,
    places: made,
  } = applyMapping(source, {
    mapping: 'm',
    from: { document: 'A' },
    to: { document: 'B', root: 'B', namespace: 'urn:b' },
    write: [
      { to: 'Sum', sum: 'R/W' },
      {
        to: 'G',
        each: 'R',
        by: 'No',
        write: [
          { to: 'N@id', from: 'No' },
          { to: 'N/T', gather: 'T' },
          { to: 'J', join: ['=a', 'No', '=b'] },
          { to: 'I', index: true },
        ],
      },
    ],
  })
  expect(faults).toEqual([])
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<B xmlns="urn:b">\n  <Sum>0.3</Sum>\n  <G>\n    <N id="1">\n     ' +
      ' <T>x &amp; &lt;y&gt;&#10;z</T>\n    </N>\n    <J>a1b</J>\n    <I>1</I>\n  </G>\n</B>\n',
  )
  expect(made[4]).toEqual({ place: '10(1)', line: 1 })
})

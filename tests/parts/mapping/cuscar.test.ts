// From EDIFACT to the XML that customs takes: what a carrier's cargo report becomes, and what it hears when something
// finds no place.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dateAs } from '../../../messages/mapping/date.js'
import { readXml, valueAt, valuesAt } from '../../../messages/xml-reading.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { documents, mappings, rules } from '../../support/data.js'
import { root } from '../../support/hub.js'

const engine = createEngine({
  documents,
  mappings,
  rules,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})
const sent = (file: string) => readFileSync(join(root, 'xsd/families/edifact/samples', file), 'latin1')
/** Segments may be changed: the count at the end is made right again. */
const look = (text: string) => {
  const unh = text.indexOf('UNH+')
  const segments = text.slice(unh, text.indexOf('UNT+')).split("'").length
  return engine.inspect(Buffer.from(text.replace(/UNT\+\d+/, `UNT+${segments}`), 'latin1'))
}
const made = (text: string) => readXml(look(text).derived!.bytes).tree
const told = (text: string) =>
  look(text).faults.map(({ code, path, value }) => `${code} ${path}${value === undefined ? '' : ` ${value}`}`)

describe('a cargo report of a ship that arrives', () => {
  const report = sent('CUSCAR-D95B-import.edi')

  test('becomes the original manifest, valid by its XSD and rules, filed under its operation', () => {
    const { faults, document, derived } = look(report)
    expect([faults, document!.type, derived!.mapping, document!.facts.functionCode]).toEqual([
      [],
      'MT1101',
      'cuscar-mt1101',
      '9',
    ])
  })

  test('keeps its own number, by which the sender asks for it, and has the keys by which customs answers', () => {
    const { document } = look(report)
    expect(document!.reference).toBe('CUS260137')
    expect(document!.keys).toContainEqual({ name: 'messageId', value: 'CN_MT1101_1p0_1101919999_CUS260137_CUS000001' })
    expect(document!.keys.filter(({ name }) => name === 'masterBill').map(({ value }) => value)).toEqual([
      'TESTSHA2600100',
      'TESTSHA2600101',
      'TESTSHA2600102',
    ])
  })

  test('tells each bill with its parties, its containers with their seals, and its goods', () => {
    const tree = made(report)
    expect(valuesAt(tree, 'Declaration/Consignment/TransportEquipment/EquipmentIdentification/ID')).toEqual([
      'TESU0010006',
      'TESU0010074',
      'TESU0010140',
    ])
    expect(valuesAt(tree, 'Declaration/Consignment/TransportEquipment/SealID')).toHaveLength(3)
    expect(valuesAt(tree, 'Declaration/Consignment/ConsignmentItem/Commodity/CargoDescription')).toEqual([
      'LED LAMPS',
      'BICYCLE PARTS',
      'COTTON SHIRTS',
    ])
    expect(valueAt(tree, 'Declaration/BorderTransportMeans/ID')).toBe('UN9999149')
    expect(valueAt(tree, 'Declaration/Consignment/Consignor/Name')).toBe('TEST IMPORTS INC')
  })

  test('two items of one bill in one container tell the container once, and their volumes add up', () => {
    const second =
      "GID+2+50:CT'FTX+AAA+++SPARE " +
      "LAMPS'MEA+AAE+G+KGM:30'MEA+AAE+AAW+MTQ:1.85'SGP+TESU0010006+50'PCI+28+N/M'CST++9405110000'"
    const tree = made(report.replace('CNI+2+', `${second}CNI+2+`))
    expect(valuesAt(tree, 'Declaration/Consignment/TransportEquipment/EquipmentIdentification/ID')).toEqual([
      'TESU0010006',
      'TESU0010074',
      'TESU0010140',
    ])
    expect(valueAt(tree, 'Declaration/Consignment/GrossVolumeMeasure')).toBe('60.05')
  })

  test('a place with a customs district is told with it', () => {
    expect(
      valueAt(
        made(report.replace('LOC+11+CNSHA:139:6', 'LOC+11+CNSHA:139:6+2225')),
        'Declaration/Consignment/UnloadingLocation/ID',
      ),
    ).toBe('CNSHA/2225')
  })
})

describe('what finds no place is told, where the sender put it', () => {
  const report = sent('CUSCAR-D95B-import.edi')

  test('a value the manifest has no room for', () => {
    expect(told(report.replace("CPI+4++C'", "CUX+2:CNY:4'CPI+4++C'"))).toEqual([
      'HUB_MAP_LOST CUX(34)+1:1 2',
      'HUB_MAP_LOST CUX(34)+1:2 CNY',
      'HUB_MAP_LOST CUX(34)+1:3 4',
    ])
  })

  test('a code the manifest does not know', () => {
    expect(told(report.replace("CPI+4++C'", "CPI+4++A'"))).toEqual(['HUB_MAP_CODE CPI(34)+3:1 A'])
  })

  test('a value the manifest cannot be without, at the bill that lacks it', () => {
    expect(told(report.replace(/CPI\+4\+\+C'\s*/, ''))).toEqual(['HUB_MAP_MISSING RFF(26)'])
  })

  test('a value the manifest’s own XSD refuses, at the element it came from', () => {
    const [fault] = look(report.replaceAll('TESU0010074', 'TESU0010075')).faults
    expect([fault!.code, fault!.path, fault!.rule!.startsWith('MT1101 /Manifest/Declaration/Consignment[2]')]).toEqual([
      'HUB_RULE_CHECK_DIGIT',
      'SGP(66)+1:1',
      true,
    ])
  })

  test('a date that is none', () => {
    expect(told(report.replace('DTM+132:202601230600:203', 'DTM+132:202602310600:203'))).toEqual([
      'HUB_MAP_DATE DTM(12)+1:2 202602310600',
    ])
  })
})

describe('a change and a cancellation', () => {
  test('become those of the manifest, with the reason they need', () => {
    for (const [file, mapping, code] of [
      ['CUSCAR-D98B-replace.edi', 'cuscar-mt2101-change', '5'],
      ['CUSCAR-D16A-cancel.edi', 'cuscar-mt2101-deletion', '3'],
    ] as const) {
      const { derived, document, faults } = look(sent(file))
      expect([file, faults, derived!.mapping, document!.facts.functionCode, document!.changes]).toEqual([
        file,
        [],
        mapping,
        code,
        true,
      ])
    }
  })
  test('without a reason they are refused', () => {
    expect(told(sent('CUSCAR-D98B-replace.edi').replace(/FTX\+CHG[^']*'\s*/, ''))[0]).toMatch(/^HUB_MAP_MISSING RFF\(/)
  })
})

test('dates are read by their format code', () => {
  expect([
    dateAs('260123', '101'),
    dateAs('202601230600', '203'),
    dateAs('20260123', '102'),
    dateAs('20260231', '102'),
    dateAs('soon', '203'),
  ]).toEqual(['20260123', '202601230600', '20260123', undefined, undefined])
})

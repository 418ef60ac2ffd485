// What terminals report of containers in EDIFACT, as customs takes it: tally reports and arrival reports, told by the
// customs district of the place.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readXml, valueAt, valuesAt } from '../../../messages/xml-reading.js'
import { resolve } from '../../../routing/resolve.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { root } from '../../support/hub.js'

const engine = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  rules,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})
const sent = (file: string) => readFileSync(join(root, 'xsd/families/edifact/samples', file), 'latin1')
const look = (text: string) => engine.inspect(Buffer.from(text, 'latin1'))

test.each([
  [
    'COARRI-D95B-tally-import.edi',
    'coarri-mt5101',
    'MT5101',
    '2.1.3.1.1',
    'Declaration/BorderTransportMeans/UnloadingLocation/ID',
    'CNSHA/2225',
  ],
  [
    'COARRI-D97A-tally-export.edi',
    'coarri-mt5102',
    'MT5102',
    '2.1.3.2.1',
    'Declaration/BorderTransportMeans/LoadingLocation/ID',
    'CNSHA/2225',
  ],
  ['CODECO-D95B-arrival.edi', 'codeco-mt3101', 'MT3101', '2.1.4.2.1', 'Declaration/UnloadingLocation/ID', 'USLAX'],
])('%s is filed as what customs asks of the terminal', (file, mapping, type, operation, path, place) => {
  const { faults, derived, document } = look(sent(file))
  expect([faults, derived!.mapping, document!.type]).toEqual([[], mapping, type])
  expect(resolve(routing, document!)).toMatchObject({
    outcome: 'resolved',
    operation: { code: operation },
  })
  const { tree } = readXml(derived!.bytes)
  expect([valueAt(tree, path), valueAt(tree, 'Declaration/DeclarationOfficeID')]).toEqual([place, '2225'])
  const containers = [...sent(file).matchAll(/EQD\+CN\+(\w+)/g)].map(([, number]) => number)
  expect(valuesAt(tree, 'Declaration/TransportEquipment/EquipmentIdentification/ID')).toEqual(containers)
})

test('work began with the first container and ended with the last', () => {
  const { tree } = readXml(look(sent('COARRI-D95B-tally-import.edi')).derived!.bytes)
  expect([
    valueAt(tree, 'Declaration/BorderTransportMeans/ActualDateTime'),
    valueAt(tree, 'Declaration/BorderTransportMeans/CompletedDateTime'),
  ]).toEqual(['20260123070000', '20260123100000'])
})

test('a report without a customs district is what ports tell each other, and goes as it is', () => {
  const { derived, document, faults } = look(sent('COARRI-D95B-discharged.edi'))
  expect([derived, document!.type, faults]).toEqual([undefined, 'COARRI', []])
})

test('damage has no place in a tally report that does not say what is damaged, and is not dropped', () => {
  const damaged = sent('COARRI-D97A-tally-export.edi')
    .replace("SEL+TS074000+CA'", "SEL+TS074000+CA'DAM+1+DB::ZZZ'")
    .replace(/UNT\+(\d+)/, (_, n: string) => `UNT+${Number(n) + 1}`)
  expect(look(damaged).faults.map(({ code, path }) => [code, path!.slice(0, 3)])).toContainEqual([
    'HUB_MAP_LOST',
    'DAM',
  ])
})

test('a cancellation deletes the report; a change of it, which customs does not know, is refused at its code', () => {
  const cancelled = look(sent('COARRI-D95B-tally-import.edi').replace('BGM+44+COA261273+9', 'BGM+44+COA261273+1'))
  expect([cancelled.faults, cancelled.derived!.mapping, cancelled.document!.facts.functionCode]).toEqual([
    [],
    'coarri-mt5101-deletion',
    '3',
  ])
  expect(
    look(sent('COARRI-D95B-tally-import.edi').replace('BGM+44+COA261273+9', 'BGM+44+COA261273+5')).faults.map(
      ({ code, path }) => [code, path],
    ),
  ).toEqual([['HUB_MAP_CODE', 'BGM(2)+3:1']])
})

// The way back: what was filed as published XML, as a receiver who takes EDIFACT is sent it, and read again the same.
import { describe, expect, test } from 'vitest'
import { dtmOf } from '../../../messages/mapping/date.js'
import { cut } from '../../../messages/mapping/edifact-target.js'
import { xmlSource } from '../../../messages/mapping/xml-source.js'
import { Random } from '../../support/seeded.js'
import { engine, ownOut, sampleFile, wayBack } from '../../support/way-back.js'

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
/** What the hub makes of the EDIFACT, were it sent to it. */
const again = (made: { derived?: { bytes: Uint8Array } }) => {
  const { faults, derived } = engine.inspect(made.derived!.bytes)
  expect(faults).toEqual([])
  return compact(ownOut(derived!.bytes))
}
const told = ({ faults }: { faults: { code: string; path?: string }[] }) =>
  faults.map(({ code, path }) => `${code} ${path ?? ''}`)
/** The XML without these elements, wherever they stand. */
const without = (xml: Buffer, ...names: string[]) =>
  names.reduce(
    (all, name) => all.replace(new RegExp(`\\s*<${name}(?: [^>]*)?>.*?</${name}>`, 'gs'), ''),
    xml.toString(),
  )
/**
 * With a sender whose address leaves room: the number of the XML made again holds it, that of the EDIFACT and that of
 * the interchange.
 */
const shorter = (xml: Buffer | string) => xml.toString().replace('_DXPESW0000999999', '')
const compact = (xml: string) => xml.replace(/>\s+</g, '>\n<').trim().split('\n')

describe('EDIFACT made into XML, back, and into XML again is the same XML', () => {
  test('so is a manifest file of a port, but for line breaks, which EDIFACT has none of: they are blanks then', () => {
    const first = engine.inspect(sampleFile('flatfile/IFCSUM-gbk.txt'))
    const back = wayBack(first.derived!.bytes)
    expect(back.faults).toEqual([])
    const lines = compact(ownOut(first.derived!.bytes).replaceAll('&#10;', ' '))
    expect(lines).not.toEqual(compact(ownOut(first.derived!.bytes)))
    expect(again(back)).toEqual(lines)
  })

  test.each([
    'CODECO-D95B-arrival',
    'COARRI-D95B-tally-import',
    'COARRI-D97A-tally-export',
    'CUSCAR-D00B-chinese',
    'CUSCAR-D16A-cancel',
    'CUSCAR-D95B-import',
    'CUSCAR-D96A-groups',
    'CUSCAR-D96B-export',
    'CUSCAR-D98B-replace',
  ])('%s', (name) => {
    const first = engine.inspect(sampleFile(`edifact/${name}.edi`))
    expect(first.faults).toEqual([])
    const back = wayBack(first.derived!.bytes)
    expect(back.faults).toEqual([])
    expect(again(back)).toEqual(compact(ownOut(first.derived!.bytes)))
  })
})

describe('the arrival report MT3101 as CODECO', () => {
  const report = shorter(without(sampleFile('manifest/MT3101-2.xml'), 'Consignment'))

  test('read again is the report', () => {
    const made = wayBack(report)
    expect([made.faults, made.derived!.mapping]).toEqual([[], 'mt3101-codeco'])
    expect(again(made)).toEqual(compact(ownOut(report)))
  })

  test('is addressed as the agency wants it, and asks for a CONTRL', () => {
    expect(
      text(wayBack(report).derived!.bytes)
        .match(/[^']*'/g)
        ?.slice(0, 4),
    ).toEqual([
      "UNB+UNOW:4+TESTHUB:ZZZ+TESTPORT:ZZZ+20261123:1015+REF1++++1'",
      "UNH+REF1+CODECO:D:00B:UN'",
      "BGM+34+1101919999999_20250322090412000+9'",
      "DTM+137:20250322090412:204'",
    ])
  })

  test('with bills, which CODECO cannot tell, is refused at each of their values', () => {
    const faults = wayBack(sampleFile('manifest/MT3101-2.xml')).faults
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['HUB_MAP_LOST']))
    expect(faults.map(({ path }) => path)).toContain('/Manifest/Declaration/Consignment[2]/TotalGrossMassMeasure')
  })

  test('without containers is refused: a CODECO tells of containers', () => {
    expect(told(wayBack(sampleFile('manifest/MT3101-2-minimal.xml')))).toEqual(['HUB_MAP_MISSING /Manifest'])
  })

  test('in a character set without Chinese is refused where the Chinese stands', () => {
    expect(told(wayBack(report, { syntax: 'UNOC:3' }))).toEqual([
      'HUB_EDI_CHARACTER /Manifest/Declaration/AdditionalInformation/Content',
    ])
    expect(wayBack(report, { syntax: 'UNOA:3', charset: 'gbk' }).faults).toEqual([])
  })

  test.each([
    ['of containers deletes those', shorter(without(sampleFile('manifest/MT3101-3.xml'), 'Consignment')), '3'],
    ['as a whole cancels it', shorter(sampleFile('manifest/MT3101-3-minimal.xml')), '1'],
  ])('a deletion %s', (_, deletion, code) => {
    const made = wayBack(deletion)
    expect([made.faults, made.derived?.mapping]).toEqual([[], 'mt3101-codeco-deletion'])
    expect(text(made.derived!.bytes)).toMatch(new RegExp(`BGM\\+34\\+[^']*\\+${code}'`))
    expect(again(made)).toEqual(compact(ownOut(deletion)))
  })
})

describe.each([
  ['MT5101', 'discharged', '44'],
  ['MT5102', 'loaded', '46'],
])('the tally report %s as COARRI', (type, _, code) => {
  const sample = sampleFile(`manifest/${type}-2.xml`)
  const report = shorter(without(sample, 'Consignment', 'Master'))
  const deletion = shorter(without(sampleFile(`manifest/${type}-3.xml`), 'Consignment'))

  test.each([
    ['with its containers', report, `${type.toLowerCase()}-coarri`, '9'],
    ['without containers', shorter(sampleFile(`manifest/${type}-2-minimal.xml`)), `${type.toLowerCase()}-coarri`, '9'],
    ['as a deletion of containers', deletion, `${type.toLowerCase()}-coarri-deletion`, '3'],
    [
      'as a deletion of all',
      shorter(sampleFile(`manifest/${type}-3-minimal.xml`)),
      `${type.toLowerCase()}-coarri-deletion`,
      '1',
    ],
  ])('%s, read again, is the report', (_what, xml, mapping, fn) => {
    const made = wayBack(xml)
    expect([made.faults, made.derived?.mapping]).toEqual([[], mapping])
    expect(text(made.derived!.bytes)).toMatch(new RegExp(`BGM\\+${code}\\+[^']*\\+${fn}'`))
    expect(again(made)).toEqual(compact(ownOut(xml)))
  })

  test('with bills or the master is refused at these and nothing else', () => {
    const places = new Set(
      wayBack(sample).faults.map(({ code: one, path = '' }) => `${one} ${/(Consignment|Master)/.exec(path)?.[1]}`),
    )
    expect([...places].sort()).toEqual(['HUB_MAP_LOST Consignment', 'HUB_MAP_LOST Master'])
  })
})

describe.each(['MT1101', 'MT2101'])('the manifest %s as CUSCAR', (type) => {
  const low = `${type.toLowerCase()}-cuscar`
  const noPlace = ['PreviousCustomsDocument']

  test.each([
    ['an original', '9', low],
    ['a change', '5', low],
    ['a deletion', '3', `${low}-deletion`],
  ])('%s, read again, is the manifest', (_what, fn, mapping) => {
    for (const name of [`${type}-${fn}`, `${type}-${fn}-minimal`]) {
      const xml = shorter(without(sampleFile(`manifest/${name}.xml`), ...noPlace))
      const made = wayBack(xml)
      expect([name, made.faults, made.derived?.mapping]).toEqual([name, [], mapping])
      expect(again(made)).toEqual(compact(ownOut(xml)))
    }
  })

  test('with what has no place is refused at that and nothing else', () => {
    const places = new Set(
      wayBack(sampleFile(`manifest/${type}-9.xml`)).faults.map(
        ({ code, path = '' }) => `${code} ${/(PreviousCustomsDocument)/.exec(path)?.[1]}`,
      ),
    )
    expect([...places]).toEqual(['HUB_MAP_LOST PreviousCustomsDocument'])
  })

  test('of a kind no CUSCAR is made of is refused at the document', () => {
    expect(told(wayBack(sampleFile(`manifest/${type}-0.xml`)))).toEqual(['HUB_MAP_CODE /Manifest'])
  })
})

describe('a document in its envelope', () => {
  test('is made into EDIFACT without it, and its faults name their place inside', () => {
    const inner = shorter(sampleFile('manifest/MT5101-2-minimal.xml'))
    const source = xmlSource(
      `<a:Out xmlns:a="urn:a" n="1"><a:Body>${Buffer.from(inner).toString('base64')}</a:Body></a:Out>`,
      [{ id: 'Out', root: 'Out', namespace: 'urn:a', inner: 'Body', holds: 'base64', schema: '', keys: {} } as never],
    )
    expect([source.name, source.children.map(({ name }) => name)]).toEqual(['Manifest', ['Head', 'Declaration']])
    expect(source.children[0]!.children[0]).toMatchObject({ name: 'MessageID', place: '/Manifest/Head/MessageID' })
  })
})

test('where a schema lies, comments and CDATA are nothing that could be lost', () => {
  const xml = shorter(sampleFile('manifest/MT5101-2-minimal.xml'))
  const dressed = xml
    .replace(
      '<Manifest ',
      '<Manifest xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
        'xsi:schemaLocation="urn:Declaration:datamodel:standard:CN:MT5101:1 MT5101.xsd" ',
    )
    .replace('<Declaration>', '<!-- 测试 --><Declaration>')
    .replace('>CESHI OCEAN<', '><![CDATA[CESHI OCEAN]]><')
  expect(wayBack(dressed).derived!.bytes).toEqual(wayBack(xml).derived!.bytes)
})

describe('what a mapping to EDIFACT writes', () => {
  test('a container that no item is in is told where it stands: a CUSCAR would lose the bill it is of', () => {
    const xml = sampleFile('manifest/MT1101-9.xml')
      .toString()
      .replace(
        '<EquipmentIdentification>\n          <ID>TESU2503193</ID>\n        </EquipmentIdentification>\n      ' +
          '  <CustomsProcedure>',
        '<CustomsProcedure>',
      )
    const twice = xml.replace(
      '<EquipmentIdentification>\n          <ID>TESU2503193</ID>\n        </EquipmentIdentification>\n        ' +
        '<CustomsProcedure>',
      '<CustomsProcedure>',
    )
    expect(told(wayBack(without(Buffer.from(xml), 'PreviousCustomsDocument')))).toEqual([])
    expect(told(wayBack(without(Buffer.from(twice), 'PreviousCustomsDocument')))).toEqual([
      'HUB_MAP_LOST /Manifest/Declaration/Consignment/TransportEquipment[2]/EquipmentIdentification/ID',
    ])
  })

  test('a time with a zone, a seal of another kind and a name too long for its segment, each at its place', () => {
    const xml = shorter(without(sampleFile('manifest/MT3101-2.xml'), 'Consignment'))
    expect(told(wayBack(xml.replace('<ArrivalDate>20250404<', '<ArrivalDate>20250404120000+08<')))).toEqual([
      'HUB_MAP_DATE /Manifest/Declaration/UnloadingLocation/ArrivalDate',
    ])
    expect(told(wayBack(xml.replace('M/TST00001', 'E/TST00001')))).toEqual([
      'HUB_MAP_CODE /Manifest/Declaration/TransportEquipment/SealID',
    ])
    expect(told(wayBack(xml.replace(/CN_MT3101_1p0_[^<]*/, `CN_MT3101_1p0_${'9'.repeat(40)}`)))).toEqual([
      'HUB_EDI_LENGTH /Manifest/Head/MessageID',
    ])
  })

  test('texts cut into pieces read together as they were, whatever stands in them (seed 20261123)', () => {
    const random = new Random(20261123)
    const letters = ['a', 'b', ' ', '测', '+', '😀']
    for (let i = 0; i < 2000; i++) {
      const text = Array.from({ length: random.int(1, 60) }, () => random.pick(letters))
        .join('')
        .trim()
      for (const between of ['', ' ']) {
        const pieces = cut(text, [8, 8, 8, 8, 8, 8, 8, 60], between)
        expect(pieces.join(between)).toBe(text)
        for (const piece of pieces)
          expect(
            !/[\ud800-\udbff]$|^[\udc00-\udfff]/.test(piece) && (piece === pieces.at(-1) || !piece.endsWith(' ')),
          ).toBe(true)
      }
    }
  })

  test('lines of a text are components of their own where there is room for each', () => {
    expect(cut('N/M\nMADE IN CHINA', [10, 15, 10], ' ')).toEqual(['N/M', 'MADE IN CHINA'])
    expect(cut('N/M\r\nMADE IN CHINA', [20], ' ')).toEqual(['N/M MADE IN CHINA'])
    expect(cut('N/M\nMADE IN CHINA', [20, 20], '')).toEqual(['N/M MADE IN CHINA'])
  })

  test('dates say no more than they are given', () => {
    expect(
      [
        '20250404',
        '20250404120000',
        '20250404120030',
        '20250404120030000',
        '202504041200',
        '20250404120030999',
        '20250431',
        'soon',
      ].map(dtmOf),
    ).toEqual([
      ['20250404', '102'],
      ['202504041200', '203'],
      ['20250404120030', '204'],
      ['20250404120030', '204'],
      ['202504041200', '203'],
      undefined,
      undefined,
      undefined,
    ])
  })
})

// structure — every segment finds its place in the branching diagram of its release, or is told why it has none;
// elements and codes are looked at on the way.
import { describe, expect, test } from 'vitest'
import { checkMessage, type CheckSettings } from '../../../messages/edifact/check-message.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { messageToXml } from '../../../messages/edifact/to-xml.js'
import { directories } from '../../support/edifact.js'

const wrap = (id: string, body: string, version = 3) => {
  const count = body.split("'").length + 1
  return (
    `UNB+UNOA:${version}+TESTLINE+TESTPORT+${version >= 4 ? '20' : ''}260131:1200+1'UNH+1+${id}'` +
    `${body}UNT+${count}+1'UNZ+1+1'`
  )
}
function check(id: string, body: string, settings: CheckSettings = {}, version = 3) {
  const message = readInterchanges(Buffer.from(wrap(id, body, version)))[0]?.messages[0]
  if (!message) throw new Error('no message')
  return checkMessage(message, directories(), settings)
}
/** `13 LOC(4)+2:1`, warnings in brackets. */
const said = (id: string, body: string, settings?: CheckSettings, version?: number) =>
  check(id, body, settings, version).faults.map((f) => {
    const place = `${f.element ? `+${f.element}` : ''}${f.component ? `:${f.component}` : ''}`
    const text = `${f.code} ${f.tag}(${f.segment})${place}`
    return f.severity === 'warning' ? `[${text}]` : text
  })

const head =
  "BGM++BAY1+9'DTM+137:2601311200:201'TDT+20+012E+++TEST:172:20'LOC+5+CNSHA'LOC+61+NLRTM'DTM+133:2601311200:201'"
const cell =
  "LOC+147+0010284::5'MEA+WT++KGM:21500'LOC+9+CNSHA'LOC+11+NLRTM'RFF+BM:1'EQD+CN+TESU1234565+22G1+++5'" +
  "NAD+CA+TEST:172:20'"
const baplie = 'BAPLIE:D:95B:UN:SMDG22'

describe('places', () => {
  test('a bay plan as carriers send it has no fault', () => {
    expect(said(baplie, head + cell + cell)).toEqual([])
  })
  test('a segment that must be there and is not is named behind the one before its place', () => {
    expect(said(baplie, head + cell.replace("RFF+BM:1'", ''))).toEqual(['13 RFF(11)'])
    expect(said(baplie, head.replace("DTM+133:2601311200:201'", '') + cell)).toEqual(['13 DTM(6)'])
  })
  test('a mandatory group that is missing is named by its trigger', () => {
    expect(said(baplie, "BGM++BAY1+9'DTM+137:2601311200:201'" + cell)).toEqual(['13 TDT(3)'])
  })
  test('a segment once too often is named, and everything behind it is still read in place', () => {
    expect(said(baplie, head + cell.replace('RFF+BM:1', "RFF+BM:1'RFF+BM:2") + cell)).toEqual(['35 RFF(13)'])
  })
  test('a group once too often is named', () => {
    expect(said(baplie, head + cell.replace('EQD', "EQD+CN'EQD+CN'EQD+CN'EQD"))).toEqual(['36 EQD(16)'])
  })
  test('a segment that the message does not have is named and left out', () => {
    expect(said(baplie, head + cell.replace('MEA', "MOA+64:1'MEA"))).toEqual(['15 MOA(9)'])
  })
  test('a segment out of order is named', () => {
    expect(said(baplie, head.replace('BGM', "DTM+137:2601311200:201'BGM") + cell)).toContain('15 BGM(3)')
  })
  test('the same tag at two places of a group goes to the first while it can, then to the second', () => {
    const xml =
      messageToXml(readInterchanges(Buffer.from(wrap(baplie, head + cell)))[0]!.messages[0]!, directories()).xml?.xml ??
      ''
    expect(xml.match(/<S_LOC>/g)).toHaveLength(3)
    expect(xml.match(/<S_LOC_2>/g)).toHaveLength(2)
  })
  test('a message and a release that no directory has are told apart', () => {
    expect(check('BAPLIE:D:95Z:UN', head).faults).toMatchObject([
      { code: '14', element: 2, component: 3, value: 'D:95Z' },
    ])
    expect(check('INVOIC:D:95B:UN', head).faults).toMatchObject([
      { code: '14', element: 2, component: 1, value: 'INVOIC' },
    ])
    expect(check('BAPLIE:D:95Z:UN', head).level).toBe('envelope')
  })
  test('a partner whose release is to be read as another is read so', () => {
    expect(said('BAPLIE:D:95Z:UN', head + cell, { releases: { D95Z: 'D95B' } })).toEqual([])
  })
  test('CONTRL is read by its own version, else by that of the interchange', () => {
    const body = "UCI+1+A+B+7'UCM+M1+CUSCAR:D:95B:UN+4'UCS+3+13'UCD+12+2:1'"
    expect(said('CONTRL:D:3:UN', body)).toEqual([])
    expect(said('CONTRL:4:1:UN', body, {}, 4)).toEqual([])
    expect(check('CONTRL:D:3:UN', body).spec?.release).toBe('V3')
    expect(check('CONTRL:2:2:UN', body).spec?.release).toBe('V2')
  })
})

describe('elements', () => {
  const eqd = (text: string) => said(baplie, head + cell.replace('EQD+CN+TESU1234565+22G1+++5', text))
  test.each([
    ['a mandatory element left out', 'EQD++TESU1234565', ['13 EQD(13)+1']],
    ['an element too long', 'EQD+CN+TESU12345678901234', ['39 EQD(13)+2:1']],
    ['one element too many', 'EQD+CN+TESU1234565+22G1+++5+9', ['16 EQD(13)+7']],
    ['one component too many', 'EQD+CN+A:B:C:D:E', ['16 EQD(13)+2:5']],
    ['a simple element with components', 'EQD+CN:X', ['16 EQD(13)+1:2']],
    ['separators at the end', 'EQD+CN+TESU1234565+++', ['[45 EQD(13)+5]']],
  ])('%s', (_, text, expected) => {
    expect(eqd(text)).toEqual(expected)
  })
  test('a mandatory component left out', () => {
    expect(said(baplie, head + cell.replace('RFF+BM:1', 'RFF+:1'))).toEqual(['13 RFF(12)+1:1'])
  })
  test.each([
    ['ABC', '37'],
    ['12.5.1', '19'],
    ['.5', '38'],
    ['5.', '19'],
    ['1E3', '37'],
    ['1234567890123456789', '39'],
  ])('%s is not a number', (value, code) => {
    expect(said(baplie, head + cell.replace(':21500', `:${value}`))).toEqual([`${code} MEA(9)+3:2`])
  })
  test.each(['21500', '-3', '0.5', '0,5', '-123456789012345678', '12345678901234567.8', '007'])(
    '%s is a number of n..18',
    (value) => {
      expect(said(baplie, head + cell.replace(':21500', `:${value}`))).toEqual([])
    },
  )
  test('trailing blanks do not count, and blanks alone are nothing', () => {
    expect(eqd(`EQD+CN   +TESU1234565${' '.repeat(20)}`)).toEqual([])
    expect(eqd('EQD+   +TESU1234565')).toEqual(['13 EQD(13)+1'])
  })
  test('a repeated element is one too many where the directory has it once', () => {
    expect(said('CUSREP:D:96A:UN', "BGM+85*86+X+9'TDT+20'", {}, 4)).toEqual(['35 BGM(2)+1'])
  })
})

describe('codes', () => {
  const eqd = (code: string, settings: CheckSettings = {}) =>
    said(baplie, head + cell.replace('EQD+CN', `EQD+${code}`), settings)
  test('a qualifier that no release knows is a fault, one of another release a warning', () => {
    expect(eqd('QQ')).toEqual(['12 EQD(13)+1'])
    expect(eqd('AAA')).toEqual(['12 EQD(13)+1'])
    expect(eqd('BB')).toEqual(['[12 EQD(13)+1]'])
  })
  test('codes of others (postcodes, modes of transport, IMDG) pass where the directory lists none', () => {
    expect(
      said(
        'CUSCAR:D:96B:UN',
        "BGM+785+X+9'NAD+CA+++A+B+C++200000+CN'TDT+20+1+1'CNI+1+B1'RFF+BM:B1'GID+1+1:CT'DGS+IMD+3+1263'",
      ),
    ).toEqual([])
  })
  test('codes the partners agreed on are taken, and "mutually defined" always is', () => {
    expect(eqd('QQ', { codes: { agreed: { 8053: ['QQ'] } } })).toEqual([])
    expect(eqd('ZZZ')).toEqual([])
  })
  test('a partner may have codes checked in every element, or not at all', () => {
    const body = head + cell.replace('EQD+CN+TESU1234565+22G1', 'EQD+QQ+TESU1234565+22G1')
    expect(said(baplie, body, { codes: { level: 'off' } })).toEqual([])
    expect(said(baplie, body, { codes: { level: 'strict' } })).toContain('12 EQD(13)+3:1')
    expect(said(baplie, body.replace('22G1', '22G1:102:5'), { codes: { level: 'strict' } })).not.toContain(
      '12 EQD(13)+3:1',
    )
  })
})

describe('tables', () => {
  const wanted = (
    'CUSCAR CUSREP CUSDEC CUSRES CUSEXP IFCSUM IFTMIN IFTMBF IFTDGN PAXLST CODECO COARRI COPARN COPRAR COSTCO ' +
    'COREOR COPINO BAPLIE MOVINS VESDEP CALINF APERAK GENRAL'
  ).split(' ')
  test('every release from D.96A on has the messages of transport and customs, each segment of them described', () => {
    const { releases } = directories()
    expect(releases.slice(0, 4).concat(releases.at(-1) ?? '')).toEqual(['D94B', 'D95A', 'D95B', 'D96A', 'D24A'])
    for (const release of releases.slice(3)) {
      const types = directories().types(release) ?? []
      expect(types, release).toEqual(expect.arrayContaining(wanted))
      for (const type of types) {
        const spec = directories().message(type, release)!
        const walk = (nodes: typeof spec.structure): void => {
          for (const node of nodes)
            if (node.kind === 'group') walk(node.children)
            else expect(spec.segment(node.tag)?.items.length, `${release} ${type} ${node.tag}`).toBeGreaterThan(0)
        }
        walk(spec.structure)
      }
    }
  })
  test('components that some tables had lost are there: the vessel in TDT of D.97A, the street in NAD of D.99B', () => {
    const component = (release: string, tag: string, composite: string) =>
      directories()
        .message('CUSCAR', release)
        ?.segment(tag)
        ?.items.find((i) => i.id === composite)
        ?.components.map((c) => `${c.id} ${c.mandatory ? 'M' : 'C'} ${c.type}${c.max}`)
    expect(component('D97A', 'TDT', 'C222')).toEqual([
      '8213 C an9',
      '1131 C an3',
      '3055 C an3',
      '8212 C an35',
      '8453 C an3',
    ])
    expect(component('D99B', 'TDT', 'C222')).toEqual([
      '8213 C an9',
      '1131 C an3',
      '3055 C an3',
      '8212 C an35',
      '8453 C an3',
    ])
    expect(component('D99B', 'NAD', 'C059')).toEqual(['3042 M an35', '3042 C an35', '3042 C an35', '3042 C an35'])
  })
  test('names that mean something to JavaScript find nothing', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(directories().message(name, 'D95B')).toBeUndefined()
      expect(directories().message('BAPLIE', name)).toBeUndefined()
      expect(directories().codes.find(name, 'x', 'D95B')).toBe('no-list')
    }
  })
})

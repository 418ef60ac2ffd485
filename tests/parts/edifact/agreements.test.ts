// What senders agree beyond the directories: codes of user groups and of partners, the airlines' PAXLST, terminals' own
// codes for places.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cutInterchanges } from '../../../messages/edifact/parts.js'
import { listInterchanges } from '../../../messages/edifact/listing.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const engine = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  rules,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})
const look = (text: string, settings = {}) => engine.inspect(Buffer.from(text, 'latin1'), { edifact: settings })
const told = (text: string, settings = {}) => look(text, settings).faults.map(({ code, path }) => `${code} ${path}`)
const sample = (file: string) => readFileSync(join(root, 'xsd/families/edifact/samples', file), 'latin1')
const interchange = (id: string, body: string) => {
  const count = body.split("'").length + 1
  return `UNB+UNOA:4+TESTA+TESTB+20261128:1000+R1'UNH+1+${id}'${body}UNT+${count}+1'UNZ+1+R1'`
}

const flight = (rest: string, passenger = '') =>
  `BGM+745'NAD+MS+++TEST'COM+021 0001:TE+021 ` +
  `0002:FX'TDT+20+XX100+++XX'${rest}LOC+125+SYD'DTM+189:2611281000:201'LOC+87+PEK'DTM+232:2611282000:201'` +
  `NAD+FL+++ZHANG:TESTA'ATT+2++F'DTM+329:880214:101'${passenger}NAT+2+CHN'RFF+AVF:ABC123'RFF+ABO:XX1'RFF+SEA:23C'` +
  "DOC+P+TC1059001'LOC+91+CHN'CNT+42:1'"

test.each(['02B', '05B', '12B', '15B'])('an airline’s PAXLST of D.%s is read by the airlines’ guide', (release) => {
  const text = interchange(`PAXLST:D:${release}:UN:IATA`, flight('', "MEA+CT++:2'"))
  expect(told(text)).toEqual([])
  // Who does not follow the guide is held to the directory.
  expect(told(text.replace(':UN:IATA', ':UN')).length).toBeGreaterThan(0)
})

test('the guide takes no other mistake', () => {
  const iata = (body: string) => told(interchange('PAXLST:D:05B:UN:IATA', body))
  expect(iata(flight('').replace("NAT+2+CHN'", ''))).toEqual([])
  expect(iata(flight('').replace("BGM+745'", ''))[0]).toContain('HUB_EDI')
  expect(iata(flight('').replace('ATT+2++F', 'ATT+++F'))).toEqual(['HUB_EDI_MISSING ATT(11)+1'])
  expect(iata(flight('').replace('DOC+P+', 'DOC++'))).toEqual(['HUB_EDI_MISSING DOC(17)+1'])
})

test('verified gross mass is known of SMDG; other codes of a user group are warnings by agreement', () => {
  const plan = sample('BAPLIE-D95B-bay-plan.edi')
  const id = /BAPLIE:D:95B:UN(:\w+)?/.exec(plan)![0]
  const as = (association: string, code: string) =>
    look(plan.replace(id, `BAPLIE:D:95B:UN${association}`).replace('MEA+WT', `MEA+${code}`))
  expect(as(':SMDG22', 'VGM').faults).toEqual([])
  expect(as(':SMDG22', 'VGM').edi!.faults.filter(({ item }) => item === '6311')).toEqual([])
  expect(as(':SMDG22', 'QQQ').faults).toEqual([])
  expect(as(':SMDG22', 'QQQ').edi!.faults.map(({ severity, item }) => `${severity} ${item}`)).toContain('warning 6311')
  expect(as('', 'VGM').faults.map(({ code, value }) => `${code} ${value}`)).toEqual(['HUB_EDI_VALUE VGM'])
  const wrong = plan.replace(id, 'BAPLIE:D:95B:UN:SMDG22').replace(/(BGM\+[^']*\+)9'/, "$1QQ'")
  expect(told(wrong)[0]).toContain('HUB_EDI_VALUE BGM')
})

test('a code agreed with a partner is taken, by the directory’s check and by the schema', () => {
  const plan = sample('BAPLIE-D95B-bay-plan.edi')
  const text = plan.replace(/BAPLIE:D:95B:UN(:\w+)?/, 'BAPLIE:D:95B:UN').replace('MEA+WT', 'MEA+VGM')
  expect(told(text).join()).toContain('HUB_EDI_VALUE')
  expect(told(text, { codes: { agreed: { '6311': ['VGM'] } } })).toEqual([])
  expect(told(text, { codes: { agreed: { '6311': ['QQQ'] } } }).join()).toContain('HUB_EDI_VALUE')
  expect(told(text, { codes: { level: 'off' } })).toEqual([])
})

test.each([
  ['COARRI-D95B-tally-import.edi', '2225', 'VTE:TER:ZZZ'],
  ['COARRI-D97A-tally-export.edi', '2225', 'VTE:TER:ZZZ'],
  ['CODECO-D95B-arrival.edi', '2225', 'NPA:TER:ZZZ'],
])(
  'a terminal’s own code behind a place is no customs district: %s is sent on as it came',
  (file, district, terminal) => {
    expect(look(sample(file)).derived).toBeDefined()
    const own = sample(file).replace(
      new RegExp(`(LOC\\+(?:9|11)\\+CN[A-Z]{3}(?::139:6)?\\+)${district}'`),
      `$1${terminal}'`,
    )
    expect(own).not.toBe(sample(file))
    expect([look(own).faults, look(own).derived]).toEqual([[], undefined])
    const abroad = sample(file).replace(
      new RegExp(`(LOC\\+(?:9|11)\\+)CN[A-Z]{3}((?::139:6)?\\+${district}')`),
      '$1ITGOA$2',
    )
    expect(abroad).not.toBe(sample(file))
    expect([look(abroad).faults, look(abroad).derived]).toEqual([[], undefined])
  },
)

test('a reference used twice is told of the second message, in its part as in the listing', () => {
  const one = (reference: string, number: string) =>
    `UNH+${reference}+CUSREP:D:96B:UN'BGM+185+${number}+9'DTM+132:202612010800:203'LOC+60+CNSHA'TDT+20+1+1'` +
    `UNT+6+${reference}'`
  const text = `UNB+UNOC:4+A+B+20261128:1000+R1'${one('1', 'A')}${one('2', 'B')}${one('1', 'C')}UNZ+3+R1'`
  const [cut] = cutInterchanges(Buffer.from(text))
  expect(cut!.parts.map(({ faults }) => faults.map(({ code }) => code))).toEqual([[], [], ['26']])
  expect(listInterchanges(Buffer.from(text), directories()).match(/0085=26/g)).toHaveLength(1)
})

test('Chinese in UTF-8 is read as UTF-8 also of a partner whose setting is GBK, and his GBK as GBK', () => {
  const text = (name: string) =>
    `UNB+UNOA:3+A+B+261128:1000+R1'UNH+1+CUSREP:D:96B:UN'BGM+185+${name}+9'DTM+132:202612010800:203'LOC+60+CNSHA'` +
    "TDT+20+1+1'UNT+6+1'UNZ+1+R1'"
  const read = (bytes: Buffer) =>
    /\+2:1 +1004 .* (\S+)\n/.exec(listInterchanges(bytes, directories(), { charset: 'gb18030' }))?.[1]
  expect(read(Buffer.from(text('油漆涂料')))).toBe('油漆涂料')
  const gbk = Buffer.concat([
    Buffer.from(text('@').split('@')[0]!),
    Buffer.from([0xd3, 0xcd, 0xc6, 0xe1]),
    Buffer.from(text('@').split('@')[1]!),
  ])
  expect(read(gbk)).toBe('油漆')
  expect(look(text('A')).faults).toEqual([])
})

test.each(['GBK', 'MS936', 'windows-936', 'cp936', 'x-gbk', 'csGB2312', 'EUC-CN', 'GB18030'])(
  'XML in %s is read, and a wrong byte has its line',
  (name) => {
    const xml = (bytes: number[]) =>
      Buffer.concat([
        Buffer.from(`<?xml version="1.0" encoding="${name}"?>\n<a>\n<b>`),
        Buffer.from(bytes),
        Buffer.from('</b></a>'),
      ])
    expect(engine.inspect(xml([0xd3, 0xcd])).faults[0]!.code).toBe('HUB_DOCUMENT_UNKNOWN')
    expect(engine.inspect(xml([0xff, 0x20])).faults[0]).toMatchObject({ code: 'HUB_ENCODING', line: 3 })
  },
)

test('a name that is no encoding is told as such', () => {
  const { faults } = engine.inspect(Buffer.from('<?xml version="1.0" encoding="klingon-8"?><a/>'))
  expect(faults[0]).toMatchObject({ code: 'HUB_ENCODING_UNKNOWN' })
})

test('a release agreed with a partner is read by its neighbour’s tables, also for customs’ document', () => {
  const manifest = sample('CUSCAR-D95B-import.edi')
  const other = manifest.replace('CUSCAR:D:95B', 'CUSCAR:D:95Z')
  const as = (text: string, settings = {}) => {
    const { faults, derived } = look(text, settings)
    return {
      faults: faults.map(({ code, path }) => `${code} ${path}`),
      derived: derived && Buffer.from(derived.bytes).toString(),
    }
  }
  expect(as(other)).toEqual({ faults: ['HUB_EDI_VALUE UNH(1)+2:3'], derived: undefined })
  const agreed = as(other, { releases: { D95Z: 'D95B' } })
  expect(agreed.faults).toEqual([])
  expect(agreed.derived).toContain('<Manifest')
  expect(agreed).toEqual(as(manifest))
})

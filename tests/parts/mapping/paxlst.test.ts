// The passenger manifest and PAXLST, both ways: a form for an agency that takes EDIFACT, a PAXLST for one that takes
// XML.
import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOutgoingEdifact } from '../../../hub/steps/outgoing-edifact.js'
import { readAgencies } from '../../../hub/agencies/settings.js'
import { agencyFaults } from '../../../hub/config/world-faults.js'
import { edifactTarget } from '../../../messages/edifact/target.js'
import { resolve } from '../../../routing/resolve.js'
import { createEngine } from '../../../xsd/engine.js'
import { samplesOf } from '../../../xsd/form/samples.js'
import { storedForm } from '../../../xsd/form-store/stored.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { mappings, routing } from '../../support/data.js'
import { root } from '../../support/hub.js'
import { sampleFile, taking } from '../../support/way-back.js'

const engine = createEngine({
  documents: routing.documents,
  mappings,
  rules: [],
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})
const { form, rules } = storedForm('PassengerManifest')!
const samples = samplesOf(form, rules)
const sample = (name: string) => samples.find((one) => one.name === name)!.xml

const toEdifact = (xml: string) => {
  const bytes = Buffer.from(xml)
  const { document, faults } = engine.inspect(bytes)
  expect(faults).toEqual([])
  return engine.inspect(bytes, {
    into: edifactTarget(taking, {
      document: 'PassengerManifest',
      facts: document!.facts,
      reference: 'REF1',
      preparedAt: new Date('2026-06-30T12:00:00Z'),
    }),
  })
}
/** Message alone, a segment a line. */
const segments = (bytes: Uint8Array | undefined) =>
  Buffer.from(bytes ?? [])
    .toString()
    .replace(/'\s*/g, "'\n")
    .split('\n')
    .filter((line) => line !== '' && !/^UN[AHTBZ]/.test(line))
/** Sender and receiver are those of the envelope. */
const compact = (xml: Uint8Array | string) =>
  Buffer.from(xml)
    .toString()
    .replace(/<\?xml[^>]*>\s*/, '')
    .replace(/<(SenderID|ReceiverID)>[^<]*/g, '<$1>')
    .replace(/>\s*</g, '>\n<')
    .trim()
    .split('\n')

const person = (no: number, lines: string) => `<Persons><No>${no}</No>${lines}</Persons>`
const crew = person(
  1,
  '<Kind>FM</Kind><FamilyName>LI</FamilyName><GivenNames>TESTB</GivenNames><Sex>F</Sex>' +
    '<BirthDate>1991-07-30</BirthDate><Nationality>CHN</Nationality>' +
    '<DocumentKind>AC</DocumentKind><DocumentNumber>TC1061000</DocumentNumber><IssuingCountry>CHN</IssuingCountry>' +
    '<EmbarkPlace>PVG</EmbarkPlace>' +
    '<DisembarkPlace>ICN</DisembarkPlace><CrewDuty>CR1</CrewDuty>',
)
const crewList = sample('minimal')
  .replace(/<Persons>[\s\S]*<\/Persons>\s*/, crew)
  .replace(/<PassengerCount>\d+/, '<PassengerCount>0')
  .replace(/<CrewCount>\d+/, '<CrewCount>1')

describe('a passenger manifest for an agency that takes EDIFACT', () => {
  test('is PAXLST as carriers send it: voyage, ports, times, and each person’s details', () => {
    const { faults, derived } = toEdifact(sample('full'))
    expect(faults).toEqual([])
    expect(segments(derived?.bytes)).toEqual(
      [
        'BGM+745:::ORIGINAL MANIFEST+PassengerManifest-20260601-9222+9',
        'DTM+137:202606010900:203',
        'LOC+22+0101',
        'NAD+MS+0101110000124++测试子',
        'CTA+IC',
        'COM+010-00000000:TE',
        'COM+010-00000001:FX',
        'TDT+20+TS110+4++TS+++:::D-TEST',
        'DTM+189:202607011350:203',
        'LOC+125+FRA:162:3+DEU',
        'DTM+189:202607011350:203',
        'LOC+92+DXB:162:3',
        'LOC+87+PEK:162:3',
        'DTM+232:202607020530:203',
        'TDT+ZZZ+TX5110',
        'DTM+189:202607011350:203',
        'NAD+FL+++TEST:ANNA:测试安娜',
        'ATT+2++F',
        'DTM+329:19900517:102',
        'MEA+CT++C62:1',
        'MEA+WT++KGM:22.5',
        'FTX+BAG+++0999110001',
        'LOC+178+FRA:162:3',
        'LOC+179+PEK:162:3',
        'LOC+174+DEU:162:5',
        'LOC+22+PEK:162:3',
        'LOC+8+CAN:162:3',
        'NAT+2+DEU',
        'RFF+AVF:T1E1S1',
        'RFF+SEA:23A',
        'DOC+P:110:111+C01X00T47',
        'DTM+36:20310228:102',
        'LOC+91+DEU:162:5',
        'DOC+V+V00000001',
        'CNT+42:1',
      ].map((line) => `${line}'`),
    )
  })

  test('with crew alone is a crew list: BGM 250, duties in EMP, the crew counted in CNT+41', () => {
    const lines = segments(toEdifact(crewList).derived?.bytes)
    expect(lines[0]).toMatch(/^BGM\+250/)
    expect(lines).toContain("NAD+FM+++LI:TESTB'")
    expect(lines).toContain("EMP+1+CR1:110:111'")
    expect(lines.at(-1)).toBe("CNT+41:1'")
  })

  test.each([...samples.map(({ name }) => name), 'crew'])('%s comes back with every field it had', (name) => {
    const xml = name === 'crew' ? crewList : sample(name)
    const made = toEdifact(xml)
    expect(made.faults).toEqual([])
    const back = engine.inspect(made.derived!.bytes, { asXml: true })
    expect(back.faults).toEqual([])
    expect(compact(back.derived!.bytes)).toEqual(compact(xml))
  })
})

describe('a crew list', () => {
  // By air from Pudong to Incheon.
  const crew = sampleFile('edifact/PAXLST-D12B-crew.edi').toString('latin1').split('UNE+')[0]!
  const operationOf = (from: string, to: string, { mode = '4', named }: { mode?: string; named?: string } = {}) => {
    const text = `${crew
      .replaceAll('LOC+125+PVG', `LOC+125+${from}`)
      .replaceAll('LOC+87+ICN', `LOC+87+${to}`)
      .replaceAll('+4++TX', `+${mode}++TX`)}`
    const { document } = engine.inspect(messageOf(text))
    const found = resolve(routing, { type: document!.type, facts: document!.facts }, { named })
    return found.outcome === 'resolved' ? found.operation.code : found
  }
  /** The first message of an interchange, as the hub files it. */
  const messageOf = (text: string) => {
    const [before, first] = text.split(/(?=UNH\+)/)
    return Buffer.from(`${before!.replace(/UNG[^']*'\s*/, '')}${first!}UNZ+1+PAX000061'\n`, 'latin1')
  }

  test('of an aircraft or a ship that arrives is filed with its entry, of one that leaves with its exit', () => {
    expect(operationOf('ICN', 'PVG')).toBe('3.2.2.3.1')
    expect(operationOf('PVG', 'ICN')).toBe('3.2.4.3.1')
    expect(operationOf('KRPUS', 'CNSHA', { mode: '1' })).toBe('3.1.2.2.1')
    expect(operationOf('CNSHA', 'KRPUS', { mode: '1' })).toBe('3.1.4.2.1')
  })

  test('between two ports of China, or of two that the hub does not know, is filed as its sender names it', () => {
    const both = { outcome: 'ambiguous', candidates: ['3.2.2.3.1', '3.2.4.3.1'] }
    expect(operationOf('PVG', 'PEK')).toEqual(both)
    expect(operationOf('XXX', 'YYY')).toEqual(both)
    expect(operationOf('PVG', 'PEK', { named: '3.2.4.3.1' })).toBe('3.2.4.3.1')
    expect(operationOf('PVG', 'ICN', { named: '3.2.2.3.1' })).toEqual({
      outcome: 'mismatch',
      operation: '3.2.2.3.1',
      candidates: ['3.2.4.3.1'],
    })
  })

  test('and the manifest made of it know the same ports of China', () => {
    const [line] = /^  china: .*$/m.exec(readFileSync(join(root, 'xsd/families/edifact/mappings/paxlst.yaml'), 'utf8'))!
    const [, ports] = /"\/\((.*)\)\/"/.exec(line)!
    const wanted = routing.operations.get('3.2.4.3.1')!.documents.flatMap(({ when }) => Object.values(when ?? {}))
    expect(wanted).toContain(`/(${ports!})/`)
    expect(wanted).toContain(`/(?!(?:${ports!})$).*/`)
  })
})

describe('a PAXLST', () => {
  const named = (file: string) =>
    Buffer.from(sampleFile(`edifact/${file}.edi`).toString().replace('NAD+MS+++', 'NAD+MS+0101110000124++'))
  /** With the seats customs asks for since 2020. */
  const arrival = Buffer.from(
    named('PAXLST-D02B-arrival')
      .toString()
      .replace(/RFF\+AVF:TX(\d+)PNR'/g, "RFF+AVF:TX$1PNR'RFF+SEA:$1A'")
      .replace('UNT+66', 'UNT+71'),
  )

  test('goes as it came, since customs takes it so', () => {
    const { faults, derived } = engine.inspect(arrival)
    expect(faults).toEqual([])
    expect(derived).toBeUndefined()
  })

  test('is a manifest of arrivals where the first port is in China, of departures where the last one is', () => {
    const xmlOf = (bytes: Buffer) => Buffer.from(engine.inspect(bytes, { asXml: true }).derived?.bytes ?? []).toString()
    expect(xmlOf(arrival)).toMatch(/<IEFlag>I<\/IEFlag>\s*<ManifestKind>1</)
    const leaving = xmlOf(named('PAXLST-D05B-ferry'))
    expect(leaving).toMatch(/<IEFlag>E<\/IEFlag>\s*<ManifestKind>2</)
    expect(leaving).toContain('<TransportName>TEST STAR</TransportName>')
    expect(leaving).toContain('<DepartureTime>2026-01-27T12:00:00</DepartureTime>')
  })

  test('that lacks what the manifest needs is told where: an unknown sender, no nationality', () => {
    const unknown = engine.inspect(sampleFile('edifact/PAXLST-D02B-arrival.edi'), { asXml: true })
    expect(unknown.faults.map(({ code, path }) => [code, path])).toEqual([['HUB_XSD_PATTERN', 'UNB+2:1']])
    const poor = engine.inspect(named('PAXLST-D95B-flight'), { asXml: true })
    expect(new Set(poor.faults.map(({ code, rule }) => `${code} ${rule}`))).toEqual(
      new Set(['HUB_MAP_MISSING NAT[2]/2:1']),
    )
    expect(poor.derived).toBeUndefined()
  })

  test('is sent as XML to an agency that asks for it, and to the others as it came', async () => {
    const sentForm = createOutgoingEdifact({
      inspect: (bytes, reading) => Promise.resolve(engine.inspect(bytes, reading)),
      edifactOf: () => undefined,
      takesXml: (agency, type) => agency === 'mps' && type === 'PAXLST',
    })
    const { document } = engine.inspect(arrival)
    const { submissions, faults } = await sentForm({
      agencies: ['gacc', 'mps'],
      document: document!,
      bytes: arrival,
      owner: 'test',
    })
    expect(faults).toEqual([])
    expect(submissions.map(({ sent }) => sent && Buffer.from(sent.bytes).toString().slice(39, 57))).toEqual([
      undefined,
      '<PassengerManifest',
    ])
    expect(submissions[1]!.sent!.keys.map(({ value }) => value)).toContain('TESTFORWARDER|PAX268083')
  })

  test('sent as the form is answered as the form: its answers are looked for among passenger lists too', () => {
    const receipts = routing.documents.flatMap((family) => family.receipts)
    const answers = (id: string) => receipts.find((one) => one.id === id)!.answers
    expect(answers('PassengerManifestAnswer')).toEqual(['PassengerManifest', 'PAXLST'])
    expect(answers('PostalManifestAnswer')).toEqual(['PostalManifest'])
  })

  test('named under `xml` is one a mapping makes XML of; anything else stops the start', () => {
    const read = readAgencies({ gacc: { url: 'https://port.example', xml: ['PAXLST', 'CUSCAR'] } }, [])
    const world = { known: ['gacc'], becomesEdifact: () => new Set<string>(), becomesXml: () => new Set(['PAXLST']) }
    expect(agencyFaults(read, {}, world)).toMatchObject([
      { at: '/agencies/gacc/xml', en: "no mapping makes a form's XML of CUSCAR" },
    ])
  })
})

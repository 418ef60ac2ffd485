// An agency that takes EDIFACT: what its setting may say, what each agency of a document is sent, and how its answers
// are taken apart.
import { describe, expect, test } from 'vitest'
import { readAgencies } from '../../hub/agencies/settings.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { agencyFaults } from '../../hub/config/world-faults.js'
import { controlReference, createOutgoingEdifact } from '../../hub/steps/outgoing-edifact.js'
import { charsetNamed } from '../../messages/edifact/charset.js'
import { encodeGbk } from '../../messages/flatfile/charset.js'
import { readReply, separateReplies } from '../../messages/reply.js'
import { routing } from '../support/data.js'
import { engine, sampleFile, taking } from '../support/way-back.js'

const url = 'https://port.example'

describe('the setting', () => {
  const faultsOf = (edifact: object) => {
    const faults: ValueFault[] = []
    readAgencies({ gacc: { url, edifact } }, faults)
    return faults.map(({ at, en }) => `${at} ${en}`)
  }
  test('names who sends and who receives, and more where it was agreed', () => {
    expect(faultsOf(taking)).toEqual([])
    expect(
      faultsOf({
        ...taking,
        syntax: 'UNOA:3',
        charset: 'gbk',
        documents: ['MT1101'],
        application: 'CUSCAR',
        agreement: 'TEST-1',
        acknowledge: false,
        test: true,
      }),
    ).toEqual([])
  })
  test('with faults stops the start, every fault named', () => {
    expect(faultsOf({ sender: 'TESTHUB:ZZZ:A:B', syntax: 'UNOZ:9', recipients: 'X' })).toEqual([
      expect.stringMatching(/^\/agencies\/gacc\/edifact recipient is missing/),
      '/agencies/gacc/edifact/recipients no such setting; did you mean recipient?',
      expect.stringMatching(/^\/agencies\/gacc\/edifact\/sender does not fit/),
      expect.stringMatching(/^\/agencies\/gacc\/edifact\/syntax does not fit/),
    ])
    expect(faultsOf({ ...taking, sender: '测试港:ZZZ', syntax: 'UNOC:3' })).toEqual([
      expect.stringMatching(/^\/agencies\/gacc\/edifact UNB element 2 component 1: '测'.*\(UNOC\)$/),
    ])
  })
  test('that names a document no mapping makes EDIFACT of stops it too', () => {
    const read = readAgencies({ gacc: { url, edifact: { ...taking, documents: ['MT1101', 'MT4101'] } } }, [])
    const world = { known: ['gacc'], becomesEdifact: () => new Set(['MT1101']) }
    expect(agencyFaults(read, {}, world)).toMatchObject([
      { at: '/agencies/gacc/edifact/documents', en: 'no mapping makes EDIFACT of MT4101' },
    ])
  })
})

describe('what the agencies of a document are sent', () => {
  const xml = sampleFile('manifest/MT5101-2-minimal.xml')
  const document = engine.inspect(xml).document!
  const formed = createOutgoingEdifact({
    inspect: async (bytes, reading) => engine.inspect(bytes, reading),
    edifactOf: (agency) => ({ gacc: taking, mot: { ...taking, recipient: 'MOTTEST:ZZZ', syntax: 'UNOC:3' } })[agency],
  })
  const form = (agencies: string[], about: typeof document, bytes: Buffer, place?: string) =>
    formed({ agencies, document: about, bytes, place, owner: 'demo' })

  test('is each one’s own: EDIFACT with its addresses and a number of its own, or the document', async () => {
    const { submissions, faults } = await form(['gacc', 'mot', 'npo'], document, xml)
    expect(faults).toEqual([])
    const [gacc, mot, npo] = submissions.map(({ sent }) => sent?.bytes.toString())
    expect([gacc, mot, npo]).toEqual([
      expect.stringMatching(/^UNB\+UNOW:4\+TESTHUB:ZZZ\+TESTPORT:ZZZ\+/),
      expect.stringMatching(/^UNB\+UNOC:3\+TESTHUB:ZZZ\+MOTTEST:ZZZ\+/),
      undefined,
    ])
    const reference = controlReference(submissions[0]!.submissionId)
    expect(submissions[0]!.sent!.keys).toEqual([
      { name: 'interchangeReference', value: reference },
      { name: 'documentNumber', value: '1101919999999_20250322091032000' },
      { name: 'controlReference', value: `${reference}|${reference}` },
    ])
  })
  test('is nothing when one of them cannot be sent it: the partner hears why, at his own place', async () => {
    const full = sampleFile('manifest/MT1101-9-minimal.xml').toString().replace('SAMPLE TRADING INC.', '测试贸易公司')
    const about = engine.inspect(Buffer.from(full)).document!
    const { faults } = await form(['gacc', 'mot'], about, Buffer.from(full))
    expect(faults.map(({ code, path, value, line }) => [code, path, value, line])).toEqual([
      ['HUB_EDI_CHARACTER', '/Manifest/Declaration/Consignment/Consignor/Name', '测', expect.any(Number)],
    ])
    const made = await form(['mot'], about, Buffer.from(full), 'UNH(1)')
    expect(made.faults.map(({ path, rule }) => [path, rule])).toEqual([
      ['UNH(1)', '/Manifest/Declaration/Consignment/Consignor/Name NAD+4:1 UNOC'],
    ])
  })
  test('has a number that is always the same of one submission, and of no other', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => `sub_01M8${String(i).padStart(22, '0')}`)
    expect(new Set(ids.map(controlReference)).size).toBe(ids.length)
    expect(ids.map(controlReference).every((reference) => /^[0-9A-Z]{14}$/.test(reference))).toBe(true)
  })
})

describe('what it answers', () => {
  const contrl = (n: number) => `UNH+${n}+CONTRL:D:3:UN'UCI+REF1+A+B+7'UCM+REF1+CUSCAR:D:00B:UN+7'UNT+4+${n}'`
  const cusres = (n: number, text = 'OK') =>
    `UNH+${n}+CUSRES:D:00B:UN'BGM+962+R${n}+11+RE'FTX+AAO+++${text}'RFF+AGO:REF1'UNT+5+${n}'`
  const whole = (...messages: string[]) =>
    `UNB+UNOA:3+A+B+261123:1020+I1'${messages.join('')}UNZ+${messages.length}+I1'`
  const types = routing.documents.flatMap(({ receipts }) => receipts)
  const statuses = (bytes: Buffer) =>
    separateReplies(bytes).map((one) => readReply(one, types)?.entries.map(({ status, keys }) => [status, keys[0]]))

  test('is as many replies as it holds messages, each by itself', () => {
    const cited = { name: 'interchangeReference', value: 'REF1' }
    expect(statuses(Buffer.from(whole(contrl(1), cusres(2))))).toEqual([[['processing', cited]], [['rejected', cited]]])
    expect(statuses(Buffer.from(whole(contrl(1)) + whole(cusres(1))))).toEqual([
      [['processing', cited]],
      [['rejected', cited]],
    ])
  })
  test('is kept as it came when it is one message, not whole, or no EDIFACT', () => {
    for (const text of [whole(contrl(1)), whole(contrl(1), cusres(2)).replace('UNZ+2', 'UNZ+3'), '<a/>'])
      expect(separateReplies(Buffer.from(text)).map(String)).toEqual([text])
  })
  test('a CONTRL for the interchange alone speaks of what was in it', () => {
    const read = readReply(Buffer.from(whole(`UNH+1+CONTRL:D:3:UN'UCI+REF1+A+B+4+18'UNT+3+1'`)), types)!
    expect(read.entries.map(({ status, code, keys }) => [status, code, keys])).toEqual([
      ['rejected', '4', [{ name: 'interchangeReference', value: 'REF1' }]],
    ])
  })
  test('in GBK under UNOA is read where that was agreed', () => {
    const bytes = Buffer.from(encodeGbk(whole(cusres(1, '箱号有误'))) ?? [])
    expect(readReply(bytes, types, [], charsetNamed('gbk'))!.entries[0]!.text.zh).toBe('箱号有误')
  })
})

// reader — envelopes are read, counted and compared; each message comes out by itself, and what is wrong with the
// envelope is said with its ISO 9735 code.
import { describe, expect, test } from 'vitest'
import { InterchangeReader, readInterchanges, type ReaderEvent } from '../../../messages/edifact/reader.js'
import { type EdifactFault } from '../../../messages/edifact/fault.js'

const unb = "UNB+UNOA:3+TESTLINE:ZZZ+TESTPORT+260131:1200+REF1++APP++1++1'"
const message = (reference: string, type = 'CUSCAR', count = 3) =>
  `UNH+${reference}+${type}:D:95B:UN'BGM+85+X'UNT+${count}+${reference}'`
const read = (text: string) => readInterchanges(Buffer.from(text, 'latin1'))
const codes = (faults: readonly EdifactFault[]) =>
  faults.map((f) => `${f.code} ${f.tag} ${f.segment}/${f.element}/${f.component}`)

describe('envelopes', () => {
  test('a whole interchange gives its messages one by one, and no fault', () => {
    const text = `${unb}\r\n${message('M1')}\r\n${message('M2')}\r\nUNZ+2+REF1'\r\n`
    const [found] = read(text)
    expect(found?.end).toMatchObject({ messages: 2, groups: 0, faults: [], broken: undefined })
    expect(
      found?.messages.map((m) => [m.index, m.reference, m.id.type, m.id.version + m.id.release, m.count, m.faults]),
    ).toEqual([
      [1, 'M1', 'CUSCAR', 'D95B', 3, []],
      [2, 'M2', 'CUSCAR', 'D95B', 3, []],
    ])
    expect(found?.end.interchange).toMatchObject({
      reference: 'REF1',
      sender: { id: 'TESTLINE', qualifier: 'ZZZ' },
      recipient: { id: 'TESTPORT' },
      applicationReference: 'APP',
      acknowledgementRequest: true,
      test: true,
      syntaxVersion: 3,
    })
  })
  test("a message's bytes can be cut from what was received", () => {
    const text = `${unb}\r\n${message('M1')}\r\n${message('M2')}\r\nUNZ+2+REF1'\r\n`
    expect(read(text)[0]?.messages.map((m) => text.slice(m.offset, m.offset + m.length))).toEqual([
      message('M1'),
      message('M2'),
    ])
  })
  test('groups are read, counted, and their messages know them', () => {
    const group = (reference: string, messages: string, count: number) =>
      `UNG+CUSCAR+A+B+260131:1200+${reference}+UN+D:95B'${messages}UNE+${count}+${reference}'`
    const [found] = read(
      `${unb}${group('G1', message('M1') + message('M2'), 2)}${group('G2', message('M1'), 1)}UNZ+2+REF1'`,
    )
    expect(found?.end).toMatchObject({ messages: 3, groups: 2, faults: [] })
    expect(found?.messages.map((m) => [m.group?.reference, m.reference, m.faults])).toEqual([
      ['G1', 'M1', []],
      ['G1', 'M2', []],
      ['G2', 'M1', []],
    ])
  })
  test('two interchanges in one file are two', () => {
    const one = `UNA:+.? '${unb}${message('M1')}UNZ+1+REF1'`
    const other = `UNA|^.? ~UNB^UNOC|3^A^B^260131|1200^2~UNH^M1^CUSREP|D|96A|UN~UNT^2^M1~UNZ^1^2~`
    const found = read(`${one}\n${other}\n`)
    expect(
      found.map((i) => [i.end.interchange?.index, i.end.interchange?.reference, i.messages[0]?.id.type, i.end.faults]),
    ).toEqual([
      [1, 'REF1', 'CUSCAR', []],
      [2, '2', 'CUSREP', []],
    ])
  })
  test('bytes that come one by one give the same events', () => {
    const text = `${unb}${message('M1')}UNZ+1+REF1'`
    const reader = new InterchangeReader()
    const events: ReaderEvent[] = []
    for (const b of Buffer.from(text)) events.push(...reader.push(Uint8Array.of(b)))
    events.push(...reader.end())
    const [whole] = read(text)
    expect(events.map((e) => e.kind)).toEqual(['interchange', 'message', 'end'])
    expect(events[1]).toMatchObject({ message: { ...whole?.messages[0], interchange: expect.anything() as unknown } })
  })
})

describe('faults of envelopes', () => {
  const cases: [string, string, string[], string[]][] = [
    [
      'a segment count that is not the number of segments',
      `${unb}${message('M1', 'CUSCAR', 4)}UNZ+1+REF1'`,
      [],
      ['29 UNT 3/1/0'],
    ],
    [
      'a message trailer with another reference',
      `${unb}UNH+M1+CUSCAR:D:95B:UN'UNT+2+M2'UNZ+1+REF1'`,
      [],
      ['28 UNT 2/2/0'],
    ],
    ['a message count that is not the number of messages', `${unb}${message('M1')}UNZ+2+REF1'`, ['29 UNZ 0/1/0'], []],
    ['an interchange trailer with another reference', `${unb}${message('M1')}UNZ+1+REF2'`, ['28 UNZ 0/2/0'], []],
    ['a message reference used twice', `${unb}${message('M1')}${message('M1')}UNZ+2+REF1'`, [], ['26 UNH 1/1/0']],
    [
      'a message without its trailer',
      `${unb}UNH+M1+CUSCAR:D:95B:UN'BGM+85'${message('M2')}UNZ+2+REF1'`,
      [],
      ['13 UNT 2/0/0'],
    ],
    ['an interchange without its trailer', `${unb}${message('M1')}`, ['13 UNZ 0/0/0'], []],
    [
      'an interchange that was cut inside a message',
      `${unb}${message('M1')}UNH+M2+CUSCAR:D:95B:UN'BGM+8`,
      ['18 BGM 0/0/0', '13 UNZ 0/0/0'],
      ['13 UNT 1/0/0'],
    ],
    ['an interchange without messages', `${unb}UNZ+0+REF1'`, ['32 UNZ 0/0/0'], []],
    ['a segment between messages', `${unb}BGM+85'${message('M1')}UNZ+1+REF1'`, ['33 BGM 0/0/0'], []],
    [
      'a group after messages',
      `${unb}${message('M1')}UNG+CUSCAR+A+B+260131:1200+G1+UN+D:95B'${message('M2')}UNE+1+G1'UNZ+1+REF1'`,
      ['30 UNG 0/0/0'],
      [],
    ],
    [
      'a message of another type in a group',
      `${unb}UNG+CUSREP+A+B+260131:1200+G1+UN+D:95B'${message('M1')}UNE+1+G1'UNZ+1+REF1'`,
      [],
      ['31 UNH 1/2/1'],
    ],
    [
      'a group whose trailer counts wrong',
      `${unb}UNG+CUSCAR+A+B+260131:1200+G1+UN+D:95B'${message('M1')}UNE+2+G1'UNZ+1+REF1'`,
      ['29 UNE 0/1/0'],
      [],
    ],
    [
      'a header without sender and reference',
      `UNB+UNOA:3++B+260131:1200'${message('M1')}UNZ+1+REF1'`,
      ['13 UNB 0/2/0', '13 UNB 0/5/0', '28 UNZ 0/2/0'],
      [],
    ],
    [
      'a message header without release',
      `${unb}UNH+M1+CUSCAR:D'UNT+2+M1'UNZ+1+REF1'`,
      [],
      ['13 UNH 1/2/3', '13 UNH 1/2/4'],
    ],
    [
      'a syntax version nobody has',
      `${unb.replace(':3', ':7')}${message('M1')}UNZ+1+REF1'`,
      ['12 UNB 0/4/1', '2 UNB 0/1/2'].reverse(),
      [],
    ],
    ['a time that is none', `${unb.replace(':1200', ':2561')}${message('M1')}UNZ+1+REF1'`, ['12 UNB 0/4/2'], []],
    ['something else behind the trailer', `${unb}${message('M1')}UNZ+1+REF1'garbage`, [], []],
  ]
  test.each(cases)('%s', (_, text, ofInterchange, ofMessages) => {
    const [found] = read(text)
    expect(codes(found?.end.faults ?? [])).toEqual(ofInterchange)
    expect(codes(found?.messages.flatMap((m) => m.faults) ?? [])).toEqual(ofMessages)
  })
  test('what stands behind the trailer and is no interchange is named, and the interchange before it stands', () => {
    const found = read(`${unb}${message('M1')}UNZ+1+REF1'garbage'`)
    expect(found).toHaveLength(2)
    expect(found[1]?.end).toMatchObject({ interchange: undefined, faults: [{ code: '33', value: "garbage'" }] })
  })
  test('an eight-digit date before syntax 4 is read with a warning', () => {
    const [found] = read(`${unb.replace('260131', '20260131')}${message('M1')}UNZ+1+REF1'`)
    expect(found?.end.faults).toEqual([expect.objectContaining({ code: '12', severity: 'warning', item: '0017' })])
  })
  test('every fault says in two languages what is wrong', () => {
    const [found] = read(`${unb}${message('M1', 'CUSCAR', 9)}UNZ+1+REF1'`)
    expect(found?.messages[0]?.faults[0]?.text).toEqual({
      zh: 'UNT 第 1 项的计数为“9”，实际为 3。',
      en: "UNT element 1 counts '9'; there are 3.",
    })
  })
})

describe('limits', () => {
  test('a message larger than is taken is refused, and the next one is read', () => {
    const big = `UNH+M1+CUSCAR:D:95B:UN'${"FTX+AAI+++X'".repeat(50)}UNT+52+M1'`
    const [found] = readInterchanges(Buffer.from(`${unb}${big}${message('M2')}UNZ+2+REF1'`), { maxMessageSegments: 40 })
    expect(found?.messages.map((m) => [m.segments.length, codes(m.faults)])).toEqual([
      [0, ['18 FTX 41/0/0']],
      [3, []],
    ])
  })
  test('more messages than are taken end the reading with a fault', () => {
    const found = readInterchanges(Buffer.from(unb + message('M1').repeat(20)), { maxMessages: 10 })
    expect(found.map((i) => [i.messages.length, codes(i.end.faults)])).toEqual([[10, ['18 UNH 0/0/0']]])
  })
  test('warnings without end are counted and not listed', () => {
    const [found] = read(`${unb}UNH+M1+CUSCAR:D:95B:UN'${"FTX+AAI+++lower'".repeat(1000)}UNT+1002+M1'UNZ+1+REF1'`)
    expect(found?.messages[0]?.faults).toHaveLength(20)
  })
  test('a message of any size passes through the streaming reader without being collected', () => {
    const reader = new InterchangeReader({ stream: true })
    let segments = 0
    let message: ReaderEvent | undefined
    const take = (event: ReaderEvent) => {
      if (event.kind === 'segment') segments++
      else if (event.kind === 'message') message = event
    }
    const body = Buffer.from("FTX+AAI+++SOME TEXT OF A LONG MESSAGE'".repeat(1000))
    for (const event of reader.push(Buffer.from(`${unb}UNH+M1+CUSCAR:D:95B:UN'`))) take(event)
    for (let i = 0; i < 300; i++) for (const event of reader.push(body)) take(event)
    for (const event of reader.push(Buffer.from("UNT+300002+M1'UNZ+1+REF1'"))) take(event)
    expect(segments).toBe(300_002)
    expect(message).toMatchObject({ message: { count: 300_002, faults: [], segments: [] } })
  })
})

describe('faults for receipts', () => {
  test('the place is said as the sender counts, with the ISO 9735 code as rule', async () => {
    const { hubFault } = await import('../../../messages/edifact/hub-fault.js')
    const [found] = read(`${unb}${message('M1', 'CUSCAR', 9)}UNZ+1+REF1'`)
    expect(found?.messages[0]?.faults.map(hubFault)).toEqual([
      {
        code: 'HUB_EDI_ENVELOPE',
        path: 'UNT(3)+1',
        line: 1,
        rule: '0085=29 3',
        value: '9',
        text: { zh: 'UNT 第 1 项的计数为“9”，实际为 3。', en: "UNT element 1 counts '9'; there are 3." },
      },
    ])
  })
})

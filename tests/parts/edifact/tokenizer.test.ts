// tokenizer — bytes of an interchange become segments, whatever its separators, line breaks and character set; hostile
// bytes end it early.
import { describe, expect, test } from 'vitest'
import iconv from 'iconv-lite'
import { charsetNamed, encode } from '../../../messages/edifact/charset.js'
import { segment, value, type Segment } from '../../../messages/edifact/segment.js'
import { Tokenizer, type TokenizerOptions } from '../../../messages/edifact/tokenizer.js'
import { UnwritableError, writeSegments } from '../../../messages/edifact/writer.js'

const head = "UNB+UNOA:3+TESTLINE+TESTPORT+260131:1200+1'"
const tail = "UNZ+0+1'"

function read(bytes: Uint8Array | string, options: TokenizerOptions = {}, chunk = 1 << 20) {
  const tokenizer = new Tokenizer(options)
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  const segments: Segment[] = []
  for (let at = 0; at < data.length; at += chunk) segments.push(...tokenizer.push(data.subarray(at, at + chunk)))
  segments.push(...tokenizer.end())
  return { tokenizer, segments }
}

describe('separators', () => {
  test('an interchange without UNA uses the default characters', () => {
    const { segments, tokenizer } = read(`${head}RFF+BM:BL1'${tail}`)
    expect(tokenizer.broken).toBeUndefined()
    expect(segments.map((s) => s.tag)).toEqual(['UNB', 'RFF', 'UNZ'])
    expect(segments[1]?.elements).toEqual([[['BM', 'BL1']]])
  })
  test('UNA names other characters, and they count from the first segment on', () => {
    const { segments } = read(`UNA|^,! ~UNB^UNOB|1^A^B^260131|1200^1~FTX^AAI^^^a!^b'c+d!!~UNZ^0^1~`)
    expect(segments[1]?.elements).toEqual([[['AAI']], [['']], [['']], [["a^b'c+d!"]]])
  })
  test('a released release character before a terminator does not hide the terminator', () => {
    const { segments } = read(`${head}FTX+AAI+++WHY??'FTX+AAI+++A?'B???'C'${tail}`)
    expect(segments.map((s) => s.tag)).toEqual(['UNB', 'FTX', 'FTX', 'UNZ'])
    expect(value(segments[1] as Segment, 4)).toBe('WHY?')
    expect(value(segments[2] as Segment, 4)).toBe("A'B?'C")
  })
  test('an asterisk repeats elements in syntax 4 and is a letter like any other before', () => {
    const body = "RFF+A:1*B:2'"
    expect(read(`${head}${body}${tail}`).segments[1]?.elements).toEqual([[['A', '1*B', '2']]])
    expect(read(`${head.replace(':3', ':4')}${body}${tail}`).segments[1]?.elements).toEqual([
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ])
  })
  test('level B without UNA is read with its information separators', () => {
    const { segments } = read('UNB\x1dUNOB\x1f1\x1dA\x1dB\x1d260131\x1f1200\x1d1\x1cBGM\x1d85\x1cUNZ\x1d0\x1d1\x1c')
    expect(segments.map((s) => s.tag)).toEqual(['UNB', 'BGM', 'UNZ'])
  })
  test('UNA with the same character twice cannot be read', () => {
    expect(read(`UNA++.? '${head}`).tokenizer.broken?.what).toBe('una')
  })
  test('what begins with something else is no interchange', () => {
    expect(read('ISA*00*          *00*').tokenizer.broken?.what).toBe('not-edifact')
    expect(read('').tokenizer.broken?.what).toBe('not-edifact')
  })
})

describe('layout', () => {
  test('line breaks and blanks between segments are no part of them, and lines are counted', () => {
    const { segments, tokenizer } = read(`\r\n${head}\r\nBGM+85'  \r\n\r\nDTM+137:2026'\r\n${tail}\r\n  \x1a`)
    expect(segments.map((s) => [s.tag, s.line, s.flaws])).toEqual([
      ['UNB', 2, undefined],
      ['BGM', 3, undefined],
      ['DTM', 5, undefined],
      ['UNZ', 6, undefined],
    ])
    expect(tokenizer.layout.newline).toBe('\r\n')
  })
  test('a segment cut into lines of eighty is put together again, with a warning', () => {
    const { segments } = read(`${head}FTX+AAI+++ONE \r\nTWO?\r\n'S'${tail}`)
    expect(value(segments[1] as Segment, 4)).toBe("ONE TWO'S")
    expect(segments[1]?.flaws).toEqual([
      expect.objectContaining({ what: 'line-break', severity: 'warning', element: 4 }),
    ])
    expect(segments[2]?.line).toBe(3)
  })
  test('a release character before a character that needs none is left out, with a warning', () => {
    const { segments } = read(`${head}FTX+AAI+++A?B'${tail}`)
    expect(value(segments[1] as Segment, 4)).toBe('AB')
    expect(segments[1]?.flaws?.[0]).toMatchObject({ what: 'needless-release', found: '?B' })
  })
  test('every segment knows its offset in the bytes as received', () => {
    const text = `UNA:+.? '\r\n${head}BGM+85+X'\nFTX+AAI+++?''${tail}`
    for (const s of read(text, {}, 3).segments) expect(text.slice(s.offset, s.offset + 3)).toBe(s.tag)
  })
  test('bytes that come one by one give the same segments as bytes that come at once', () => {
    const bytes = iconv.encode(
      `${head.replace('UNOA', 'UNOC')}\r\nFTX+AAI+++A?'B\r\nC??'NAD+CN+++测试公司?+甲'${tail}`,
      'gbk',
    )
    const whole = read(bytes, { charset: 'gb18030' })
    for (const chunk of [1, 2, 3, 7, 64])
      expect(read(bytes, { charset: 'gb18030' }, chunk).segments).toEqual(whole.segments)
    expect(value(whole.segments[2] as Segment, 4)).toBe('测试公司+甲')
  })
})

describe('character sets', () => {
  const named = (identifier: string, text: string, encoding: string) =>
    iconv.encode(`UNB+${identifier}:3+A+B+260131:1200+1'NAD+CN+++${text}'${tail}`, encoding)
  test.each([
    ['UNOC', 'Müller & Söhne', 'iso-8859-1'],
    ['UNOD', 'Žluťoučký', 'iso-8859-2'],
    ['UNOE', 'Москва', 'iso-8859-5'],
    ['UNOF', 'Πειραιάς', 'iso-8859-7'],
    ['UNOK', 'İstanbul', 'iso-8859-9'],
    ['UNOW', '测试报关行', 'utf-8'],
    ['UNOY', '测试报关行', 'utf-8'],
    ['UNOY', '测试报关行', 'utf-16le'],
    ['UNOY', '测试报关行', 'utf-16be'],
  ])('%s is read as its bytes say: %s (%s)', (identifier, text, encoding) => {
    const { segments, tokenizer } = read(named(identifier, text, encoding))
    expect(tokenizer.broken).toBeUndefined()
    expect(value(segments[1] as Segment, 4)).toBe(text)
    expect(segments[1]?.flaws).toBeUndefined()
  })
  test('GBK in a UNOA interchange is an error for every partner but the one whose setting says so', () => {
    const bytes = named('UNOA', '测试报关行', 'gbk')
    expect(read(bytes).segments[1]?.flaws).toEqual([
      expect.objectContaining({ what: 'undecodable', severity: 'error', element: 4, found: '0xB2' }),
    ])
    expect(value(read(bytes, { charset: 'gb18030' }).segments[1] as Segment, 4)).toBe('测试报关行')
  })
  test('the second byte of a Chinese character is never taken for a separator', () => {
    // 繺 is 0xBE 0x7C in GBK, and 0x7C is the component separator of this sender.
    const { segments } = read(iconv.encode(`UNA|+.? 'UNB+UNOA|3+A+B+260131|1200+1'NAD+CN+繺|乙'${tail}`, 'gbk'), {
      charset: 'gb18030',
    })
    expect(segments[1]?.elements[1]).toEqual([['繺', '乙']])
  })
  test('lower case in UNOA is read, with a warning', () => {
    expect(read(`${head}NAD+CN+Test_co@example'${tail}`).segments[1]?.flaws).toEqual([
      expect.objectContaining({ what: 'outside-repertoire', severity: 'warning' }),
    ])
  })
  test('a control character in a value is an error', () => {
    expect(read(`${head}NAD+CN+A\x07B'${tail}`).segments[1]?.flaws).toEqual([
      expect.objectContaining({ what: 'control-character', severity: 'error', found: '0x07' }),
    ])
  })
  test('a syntax identifier the hub does not read ends the reading', () => {
    expect(read(head.replace('UNOA', 'UNOX')).tokenizer.broken?.what).toBe('syntax-identifier')
  })
  test('GB18030 is written with all its characters, those of four bytes too', () => {
    const text = 'A测试繺€㐂𠮷ǹ'
    const encoded = encode(text, 'gb18030')
    expect('bytes' in encoded && Buffer.from(encoded.bytes).equals(iconv.encode(text, 'gb18030'))).toBe(true)
  })
  test('names of settings are understood as people write them', () => {
    expect(['GBK', 'gb2312', 'UTF8', 'UNOC', 'iso-8859-5', 'klingon'].map((n) => charsetNamed(n))).toEqual([
      'gb18030',
      'gb18030',
      'utf-8',
      'iso-8859-1',
      'iso-8859-5',
      undefined,
    ])
  })
})

describe('hostile bytes', () => {
  test('a segment without end is given up at the limit, not collected', () => {
    const { tokenizer, segments } = read(`${head}FTX+${'A'.repeat(200_000)}`)
    expect(tokenizer.broken).toMatchObject({ what: 'segment-too-long', offset: head.length })
    expect(segments).toHaveLength(1)
  })
  test('a segment of separators only is given up at the limit', () => {
    expect(read(`${head}FTX${'+'.repeat(10_000)}'`).tokenizer.broken?.what).toBe('too-many-elements')
  })
  test('an interchange that was cut says where', () => {
    expect(read(`${head}BGM+85+REF`).tokenizer.broken).toMatchObject({
      what: 'unterminated',
      offset: head.length,
      found: 'BGM+85+REF',
    })
  })
  test('a list of flaws stays short however bad the segment is', () => {
    expect(read(`${head}FTX+${'a\x01b+'.repeat(500)}'${tail}`).segments[1]?.flaws?.length).toBeLessThanOrEqual(20)
  })
})

describe('writing', () => {
  test('what was read is written byte for byte the same', () => {
    for (const text of [
      `${head}FTX+AAI+++A?'B??+C:D'\r\n${tail}`.replace("1'F", "1'\r\nF") + '\r\n',
      `UNA:+,? '${head}BGM++X'${tail}`,
      `UNA:+.?*'${head.replace(':3', ':4')}RFF+A:1*B?*:2'${tail}`,
    ]) {
      const { segments, tokenizer } = read(text)
      const { layout } = tokenizer
      expect(
        Buffer.from(
          writeSegments(segments, { characters: layout.characters, una: layout.una, newline: layout.newline }),
        ).toString('latin1'),
      ).toBe(text)
    }
  })
  test('separators in values are released and empty ends are left out', () => {
    const written = writeSegments([
      segment('UNB', ['UNOA', '3'], 'A', 'B', ['260131', '1200'], '1'),
      segment('FTX', 'AAI', '', undefined, ['A+B', "C:D'E?", ''], ''),
    ])
    expect(Buffer.from(written).toString()).toBe("UNB+UNOA:3+A+B+260131:1200+1'FTX+AAI+++A?+B:C?:D?'E??'")
  })
  test('a character the interchange cannot hold is refused with its place', () => {
    const write = (identifier: string, text: string) => () =>
      writeSegments([segment('UNB', [identifier, '3']), segment('NAD', 'CN', ['X', text])])
    expect(write('UNOA', '测')).toThrow(UnwritableError)
    expect(write('UNOA', 'lower')).toThrow("NAD element 2 component 2: 'l'")
    expect(write('UNOC', 'Ж')).toThrow(UnwritableError)
    expect(write('UNOE', 'Ж')).not.toThrow()
    expect(write('UNOC', 'a\nb')).toThrow(UnwritableError)
  })
})

// Reading and writing: the form of the records, encodings, and input made to break it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeGbk } from '../../../messages/flatfile/charset.js'
import { inspectFlat } from '../../../messages/flatfile/inspect.js'
import { readFlat, type FlatLimits } from '../../../messages/flatfile/reader.js'
import type { FlatRecord } from '../../../messages/flatfile/record.js'
import { writeFlat } from '../../../messages/flatfile/writer.js'
import { flatTables } from '../../support/flatfile.js'
import { root } from '../../support/hub.js'
import { seedOf } from '../../support/seeded.js'

const read = (text: string | Uint8Array, limits: FlatLimits = {}) => {
  const all = [...readFlat(typeof text === 'string' ? Buffer.from(text) : text, limits)]
  return { records: all.flatMap(({ record }) => record ?? []), faults: all.flatMap(({ fault }) => fault ?? []) }
}
const gbk = (text: string) => encodeGbk(text) ?? new Uint8Array()
const fields = (record: FlatRecord | undefined) => record?.fields.map((lines) => lines.join('^'))

describe('a record', () => {
  test('has a tag, fields between colons, lines between carets', () => {
    const [record] = read("20::NAME^ROAD 1^CITY:X'").records
    expect(record?.fields).toEqual([['20'], [''], ['NAME', 'ROAD 1', 'CITY'], ['X']])
  })

  test('holds a separator as text when ? stands before it, and ? itself as ??', () => {
    expect(fields(read("16::C?/ TEST?: L?'HOSPITALET ??:A?^B'").records[0])).toEqual([
      '16',
      '',
      "C?/ TEST: L'HOSPITALET ?",
      'A^B',
    ])
  })

  test('may stand on a line of its own or follow the one before without a line end', () => {
    for (const newline of ['\r\n', '\n', '', ' \r\n\r\n'])
      expect(read(["00:A'", "10:B'", "99:3'"].join(newline)).records.map(({ tag }) => tag)).toEqual(['00', '10', '99'])
  })

  test('knows its number and line, also behind a byte order mark and before the end mark of a DOS editor', () => {
    const { records, faults } = read("\ufeff00:A'\r\n10:B\r\nMORE'\r\n99:3'\r\n\x1a")
    expect(faults).toEqual([])
    expect(records.map(({ number, line }) => [number, line])).toEqual([
      [1, 1],
      [2, 2],
      [3, 4],
    ])
  })

  test("that lacks its ' is one fault, and the next record is read all the same", () => {
    const { records, faults } = read("00:A'\r\n10:B\r\n11:C'\r\n99:4")
    expect(records.map(({ tag }) => tag)).toEqual(['00', '10', '11', '99'])
    expect(faults.map(({ record, tag, rule }) => [record, tag, rule])).toEqual([
      [2, '10', "record ends with '"],
      [4, '99', "record ends with '"],
    ])
  })

  test('without a tag of two digits is a fault', () => {
    expect(read("00:A'hello'").faults).toMatchObject([{ record: 2, tag: '??', rule: 'tag 9(2)' }])
  })

  test('longer than any table allows ends the reading, and nothing grows with it', () => {
    const { records, faults } = read(`00:${'A'.repeat(1000)}`, { recordBytes: 100 })
    expect(records).toEqual([])
    expect(faults).toMatchObject([{ rule: 'max 100 bytes' }])
    expect(read(`00${':'.repeat(600)}'`).faults).toMatchObject([{ rule: 'max 500 fields' }])
  })
})

describe('the encoding', () => {
  test('is told by the bytes: GBK characters whose second byte looks like a caret stay whole', () => {
    // 乗 is 81 5C, 乚 81 5D, 乛 81 5E: the last one ends in the byte of ^.
    expect(Buffer.from(gbk('乛')).toString('hex')).toBe('815e')
    expect(read(gbk("47:乛测试:货'")).records[0]?.fields).toEqual([['47'], ['乛测试'], ['货']])
    expect(fields(read("47:测试'").records[0])).toEqual(['47', '测试'])
  })

  test('every character of GBK is written as it is read', () => {
    const text = '测试有限公司上海市货物舱单：（）、，。①Ⅳ€乛丂'
    expect(new TextDecoder('gb18030').decode(gbk(text))).toBe(text)
    expect(encodeGbk('\u{20000}')).toBeUndefined()
  })

  test('that is neither, or both in one file, is a fault of the record that shows it', () => {
    expect(
      read(Buffer.concat([Buffer.from("00:A'17:"), Buffer.from([0xff, 0xff]), Buffer.from("'")])).faults,
    ).toMatchObject([{ kind: 'charset', record: 2, tag: '17' }])
    expect(read(Buffer.concat([gbk("16::测试'"), Buffer.from("17::测试公司'")])).faults).toMatchObject([
      { kind: 'charset', record: 2, tag: '17' },
    ])
  })
})

test('what was read in canonical form is written byte for byte the same', () => {
  const folder = join(root, 'xsd/families/flatfile/samples')
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
    const bytes = readFileSync(join(folder, name))
    const { charset } = inspectFlat(bytes, flatTables())
    const newline = bytes.includes('\r\n') ? '\r\n' : bytes.includes('\n') ? '\n' : ''
    expect(
      Buffer.from(
        writeFlat(
          read(bytes).records.map((r) => r.fields),
          { charset, newline },
        ) ?? [],
      ).equals(bytes),
      name,
    ).toBe(true)
  }
})

describe('by chance', () => {
  const seed = seedOf(process.env.FLAT_SEED)
  // mulberry32: a run can be repeated from its seed.
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const upTo = (n: number) => Math.floor(random() * n)
  const letters = "ABC 019:'?^/.货物测试乛\n"

  test(`records of any text, written and read, are the same (FLAT_SEED=${seed})`, () => {
    for (let round = 0; round < 400; round++) {
      const records = Array.from({ length: 1 + upTo(6) }, () => [
        String(10 + upTo(90)),
        ...Array.from({ length: upTo(8) }, () =>
          Array.from({ length: 1 + upTo(3) }, () =>
            Array.from({ length: upTo(12) }, () => letters.charAt(upTo(letters.length))).join(''),
          ),
        ),
      ])
      // A line end followed by a tag is how a lost terminator looks: that text cannot be told from it.
      if (records.flat(2).some((text) => text.includes('\n'))) continue
      const charset = upTo(2) ? 'gbk' : 'utf-8'
      const bytes = writeFlat(records, { charset }) ?? new Uint8Array()
      const back = [...readFlat(bytes, {}, charset)]
      expect(
        back.flatMap(({ record }) => (record ? [record.fields] : [])),
        `seed ${seed} round ${round}`,
      ).toEqual(records.map(([tag, ...rest]) => [[tag], ...rest]))
    }
  })

  test(`a damaged file is read to its end or refused, no more (FLAT_SEED=${seed})`, () => {
    const samples = ['IFCSUM-gbk', 'BAPLIE-utf8', 'IFTMBF-gbk', 'COARRI-gbk'].map((name) =>
      readFileSync(join(root, `xsd/families/flatfile/samples/${name}.txt`)),
    )
    const sharp = [0x27, 0x3a, 0x3f, 0x5e, 0x0a, 0x00, 0x81, 0xff, 0x30]
    let refused = 0
    for (let round = 0; round < 600; round++) {
      let bytes = Buffer.from(samples[upTo(samples.length)] ?? [])
      for (let times = 1 + upTo(4); times > 0; times--) {
        const at = upTo(bytes.length)
        const kind = upTo(3)
        if (kind === 0) bytes[at] = sharp[upTo(sharp.length)] ?? 0
        else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(40))])
        else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - upTo(40)))])
      }
      const found = inspectFlat(bytes, flatTables())
      if (found.faults.length > 0) refused++
      expect(found.faults.length, `seed ${seed} round ${round}`).toBeLessThanOrEqual(501)
      for (const fault of found.faults)
        expect(fault.path ?? fault.code, `seed ${seed} round ${round}`).toMatch(
          /^([0-9?]{2}(\(\d+\))?(:\d+)?(\^\d+)?|HUB_FAULT_LIMIT)$/,
        )
      if (found.xml) expect(found.lines.length, `seed ${seed} round ${round}`).toBe(found.xml.split('\n').length)
    }
    // Most damage shows; a letter of a name that became another does not.
    expect(refused).toBeGreaterThan(300)
  })

  test('noise of any length is refused at once', () => {
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length: upTo(300) }, () => upTo(256))
      expect(inspectFlat(bytes, flatTables()).faults.length, `seed ${seed} round ${round}`).toBeGreaterThan(0)
    }
  })
})

test('a voyage of 9,999 bills, the most a file may hold, is read in a few seconds', () => {
  const bill = ["12:TST0001:::::::BUSAN'", "13:CNSHA:'", "41:001::1'", "47:TEST'", "51:001:TESU0000011::22G1:F'"].join(
    '\r\n',
  )
  const bytes = Buffer.from(
    `00:IFCSUM:MANIFEST:9:A:B:202611230915'\r\n10::TEST ` +
      `SHIP::1W::::20261126:KRPUS'\r\n${`${bill}\r\n`.repeat(9999)}99:${9999 * 5 + 3}'\r\n`,
  )
  const started = process.cpuUsage()
  const found = inspectFlat(bytes, flatTables())
  expect(found.faults).toEqual([])
  expect(found.records).toBe(49_998)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000)
})

test('a file of a million records that have no place is put down as soon as its faults are full', () => {
  const bytes = Buffer.from(`00:IFCSUM:MANIFEST:9:A:B:202611230915'${"77:A'".repeat(1_000_000)}`)
  const started = process.cpuUsage()
  const found = inspectFlat(bytes, flatTables())
  expect([found.faults.length, found.faults.at(-1)?.code, found.xml]).toEqual([501, 'HUB_FAULT_LIMIT', undefined])
  expect(found.records).toBeLessThan(600)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})

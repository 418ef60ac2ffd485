// Cutting an interchange into its messages: each part is an interchange of its own, and says what the whole said.
import { describe, expect, test } from 'vitest'
import { cutInterchanges } from '../../../messages/edifact/parts.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const message = (reference: string, body = "BGM+85+A+9'", newline = '') =>
  [`UNH+${reference}+CUSCAR:D:95B:UN'`, body, `UNT+3+${reference}'`].join(newline)
const textsOf = (text: string | Buffer) =>
  cutInterchanges(typeof text === 'string' ? bytes(text) : text).map(({ parts }) =>
    parts.map((part) => Buffer.from(part.bytes).toString('latin1')),
  )

describe('an interchange', () => {
  test('of one message is its own part, byte for byte, line breaks behind it and all', () => {
    const whole = bytes(
      `UNA:+.? '\r\nUNB+UNOA:2+A+B+261123:0900+R1'\r\n${message('1', "BGM+85+A+9'", '\r\n')}\r\nUNZ+1+R1'\r\n\r\n`,
    )
    expect(cutInterchanges(whole)[0]!.parts[0]!.bytes).toBe(whole)
  })

  test('of three messages is three interchanges of one, with its own service characters and line breaks', () => {
    const head = "UNA:*.? ~\nUNB*UNOA:2*A*B*261123:0900*R'1~\n"
    const one = (n: number) => `UNH*${n}*CUSCAR:D:95B:UN~\nBGM*85*?*${n}*9~\nUNT*3*${n}~\n`
    expect(textsOf(`${head}${one(1)}${one(2)}${one(3)}UNZ*3*R'1~\n`)).toEqual([
      [1, 2, 3].map((n) => `${head}${one(n)}UNZ*1*R'1~\n`),
    ])
  })

  test('with groups gives each message its group', () => {
    const unb = "UNB+UNOA:2+A+B+261123:0900+R1'"
    const ung = (n: number) => `UNG+CUSCAR+A+B+261123:0900+G${n}+UN+D:95B'`
    expect(
      textsOf(`${unb}${ung(1)}${message('1')}${message('2')}UNE+2+G1'${ung(2)}${message('1')}UNE+1+G2'UNZ+2+R1'`),
    ).toEqual([
      [
        `${unb}${ung(1)}${message('1')}UNE+1+G1'UNZ+1+R1'`,
        `${unb}${ung(1)}${message('2')}UNE+1+G1'UNZ+1+R1'`,
        `${unb}${ung(2)}${message('1')}UNE+1+G2'UNZ+1+R1'`,
      ],
    ])
  })

  test('behind another one in the same file is cut from it', () => {
    const one = (n: number) => `UNB+UNOA:2+A+B+261123:0900+R${n}'${message('1')}UNZ+1+R${n}'`
    expect(textsOf(`${one(1)}\r\n${one(2)}\r\n`)).toEqual([[one(1)], [`\r\n${one(2)}\r\n`]])
  })

  test('sent in UTF-16 is cut where its characters are', () => {
    const both = message('1', "BGM+85+测试一+9'") + message('2', "BGM+85+测试二+9'")
    const text = `UNB+UNOY:4+A+B+20261123:0900+R1'${both}UNZ+2+R1'`
    const parts = cutInterchanges(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))[0]!.parts
    expect(parts.map((part) => /测试./.exec(Buffer.from(part.bytes).toString())?.[0])).toEqual(['测试一', '测试二'])
  })

  test('of Chinese sent as UNOA is cut as it stands, its bytes untouched', () => {
    const chinese = (n: number) =>
      Buffer.concat([
        bytes(`UNH+${n}+CUSCAR:D:95B:UN'BGM+85+`),
        Buffer.from([0xb2, 0xe2, 0xca, 0xd4]),
        bytes(`+9'UNT+3+${n}'`),
      ])
    const parts = cutInterchanges(
      Buffer.concat([bytes("UNB+UNOA:2+A+B+261123:0900+R1'"), chinese(1), chinese(2), bytes("UNZ+2+R1'")]),
      { charset: 'gb18030' },
    )[0]!.parts
    expect(parts.map((part) => Buffer.from(part.bytes).includes(Buffer.from([0xb2, 0xe2, 0xca, 0xd4])))).toEqual([
      true,
      true,
    ])
  })
})

describe('a fault', () => {
  test('of a group is told with the messages of that group only', () => {
    const ung = (n: number) => `UNG+CUSCAR+A+B+261123:0900+G${n}+UN+D:95B'`
    const [cut] = cutInterchanges(
      bytes(
        `UNB+UNOA:2+A+B+261123:0900+R1'${ung(1)}${message('1')}UNE+7+G1'${ung(2)}${message('1')}UNE+1+G2'UNZ+2+R1'`,
      ),
    )
    expect(cut!.parts.map((part) => part.groupFaults.map((f) => f.code))).toEqual([['29'], []])
  })

  test('of a message is found again in its part, and its line is told in the lines of the whole', () => {
    const lines = [
      "UNB+UNOA:2+A+B+261123:0900+R1'",
      "UNH+1+CUSCAR:D:95B:UN'",
      "BGM+85+A+9'",
      "UNT+3+1'",
      "UNH+2+CUSCAR:D:95B:UN'",
      "BGM+85+A+9'",
      "UNT+9+2'",
      "UNZ+2+R1'",
      '',
    ]
    const part = cutInterchanges(bytes(lines.join('\n')))[0]!.parts[1]!
    const [fault] = readInterchanges(part.bytes)[0]!.messages[0]!.faults
    expect([fault!.code, fault!.tag, fault!.line + part.linesBefore]).toEqual(['29', 'UNT', 7])
  })

  test('that leaves no interchange to read is told of the bytes as a whole', () => {
    const [cut, ...more] = cutInterchanges(bytes("UNA:+.? 'UNX+nothing"))
    expect([
      more.length,
      cut!.parts.length,
      cut!.faults.length > 0,
      Buffer.from(cut!.bytes).toString('latin1'),
    ]).toEqual([0, 0, true, "UNA:+.? 'UNX+nothing"])
  })
})

// CONTRL: what is answered to an interchange, read back and held to its own directory.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildContrl } from '../../../messages/edifact/answers/contrl.js'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { edifactFault, type EdifactFault } from '../../../messages/edifact/fault.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { syntaxErrors, type SyntaxErrorCode } from '../../../messages/edifact/syntax-errors.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const at = new Date('2026-11-23T04:05:00Z')
const bytes = (text: string) => Buffer.from(text, 'latin1')

function answer(sent: Uint8Array): string {
  const [read] = readInterchanges(sent)
  const { end, groups, messages } = read!
  const reported = messages.map((message) => ({
    reference: message.reference,
    id: message.id,
    ...(message.group ? { group: message.group } : {}),
    faults: checkMessage(message, directories()).faults.filter((f) => f.severity === 'error'),
  }))
  return Buffer.from(
    buildContrl({
      interchange: end.interchange!,
      groups,
      faults: end.faults.filter((f) => f.severity === 'error'),
      messages: reported,
      at,
      reference: 'ANSWER1',
    })!,
  ).toString('latin1')
}

/** The answer's own faults, and its text without the envelope. */
function looked(sent: Uint8Array): { body: string; faults: string[] } {
  const text = answer(sent)
  const [read] = readInterchanges(bytes(text))
  const faults = [
    ...read!.end.faults,
    ...read!.messages.flatMap((message) => checkMessage(message, directories()).faults),
  ].filter((f) => f.severity === 'error')
  return {
    body: text.replace(/^.*?(?=UCI)/s, '').replace(/UNT[^A-Z]\d+[^A-Z]1[^A-Z]\s*UNZ.*$/s, ''),
    faults: faults.map((f) => `${f.code} ${f.text.en}`),
  }
}

const unb = "UNB+UNOA:3+SENDER:ZZ:BACK+HUB:14+261123:0900+R1++++1'"
const good = (n: number, type = 'CUSREP:D:96B:UN') =>
  `UNH+${n}+${type}'BGM+185+A${n}+9'DTM+132:202612010800:203'LOC+60+CNSHA'TDT+20+1+1'UNT+6+${n}'`

describe('an interchange', () => {
  test('that is right is acknowledged in one line, back to its sender, under its own addresses', () => {
    expect(answer(bytes(`${unb}${good(1)}${good(2)}UNZ+2+R1'`))).toBe(
      "UNB+UNOA:3+HUB:14+SENDER:ZZ:BACK+261123:1205+ANSWER1'UNH+1+CONTRL:D:3:UN'UCI+R1+SENDER:ZZ:BACK+HUB:14+7'" +
        "UNT+3+1'UNZ+1+ANSWER1'",
    )
  })

  test('of which one message is wrong is acknowledged, and that message rejected at its place', () => {
    const wrong = good(2)
      .replace('DTM+132', 'DTM+ZZZZ')
      .replace("LOC+60+CNSHA'", "LOC+60+CNSHA'QQQ+1'")
      .replace('UNT+6', 'UNT+7')
    expect(looked(bytes(`${unb}${good(1)}${wrong}UNZ+2+R1'`))).toEqual({
      faults: [],
      body: "UCI+R1+SENDER:ZZ:BACK+HUB:14+7'UCM+1+CUSREP:D:96B:UN+7'UCM+2+CUSREP:D:96B:UN+4'UCS+3'UCD+39+2:1'UCS+5+15'",
    })
  })

  test('whose own count is wrong is rejected at its trailer', () => {
    expect(looked(bytes(`${unb}${good(1)}UNZ+2+R1'`))).toEqual({
      faults: [],
      body: "UCI+R1+SENDER:ZZ:BACK+HUB:14+4+29+UNZ+2'",
    })
  })

  test('that was cut off is rejected for the trailer it lacks', () => {
    expect(looked(bytes(`${unb}${good(1)}`))).toEqual({ faults: [], body: "UCI+R1+SENDER:ZZ:BACK+HUB:14+4+13+UNZ'" })
  })

  test('with a wrong group has that group rejected and the others acknowledged', () => {
    const group = (n: number, count: number) =>
      `UNG+CUSREP+APP:ZZ+PORT:ZZ+261123:0900+G${n}+UN+D:96B'${good(1)}UNE+${count}+G${n}'`
    expect(looked(bytes(`${unb}${group(1, 5)}${group(2, 1)}UNZ+2+R1'`))).toEqual({
      faults: [],
      body:
        "UCI+R1+SENDER:ZZ:BACK+HUB:14+7'UCF+G1+APP:ZZ+PORT:ZZ+4+29+UNE+2'UCF+G2+APP:ZZ+PORT:ZZ+7'" +
        "UCM+1+CUSREP:D:96B:UN+7'",
    })
  })

  test('whose message ends under another number is rejected at its UNT', () => {
    expect(looked(bytes(`${unb}${good(1).replace("UNT+6+1'", "UNT+6+9'")}UNZ+1+R1'`))).toEqual({
      faults: [],
      body: "UCI+R1+SENDER:ZZ:BACK+HUB:14+7'UCM+1+CUSREP:D:96B:UN+4+28+UNT+3'",
    })
  })

  test('in syntax 4 is answered in syntax 4, and the repetition is named', () => {
    const four = "UNB+UNOC:4+S+R+20261123:0900+R1'"
    const { body, faults } = looked(
      bytes(
        `${four}UNH+1+CUSREP:D:96B:UN'BGM+185*186+A1+9'DTM+132:202612010800:203'LOC+60+CNSHA'TDT+20+1+1'UNT+6+1'` +
          "UNZ+1+R1'",
      ),
    )
    expect([faults, body]).toEqual([[], "UCI+R1+S+R+7'UCM+1+CUSREP:D:96B:UN+4'UCS+2'UCD+35+2::2'"])
    expect(answer(bytes(`${four}${good(1)}UNZ+1+R1'`))).toContain('CONTRL:4:1:UN')
  })

  test("keeps its sender's service characters, line breaks of its own it has none", () => {
    expect(
      answer(
        bytes(
          'UNA;!.# |UNB!UNOA;2!S!R!261123;0900!R1|UNH!1!CUSREP;D;96B;UN|BGM!185!A1!9|DTM!132;202612010800;203|' +
            'LOC!60!CNSHA|TDT!20!1!1|UNT!6!1|UNZ!1!R1|',
        ),
      ),
    ).toBe('UNA;!.# |UNB!UNOA;2!R!S!261123;1205!ANSWER1|UNH!1!CONTRL;2;1;UN|UCI!R1!S!R!7|UNT!3!1|UNZ!1!ANSWER1|')
  })
})

test('every broken sample is answered by a CONTRL that breaks no rule itself', () => {
  const dir = join(root, 'xsd/families/edifact/samples/invalid')
  const files = readdirSync(dir).filter((file) => file.endsWith('.edi') && !file.startsWith('CONTRL-'))
  expect(files.length).toBeGreaterThan(80)
  for (const file of files) {
    const { body, faults } = looked(readFileSync(join(dir, file)))
    expect({ file, faults }).toEqual({ file, faults: [] })
    expect(body, file).toMatch(/\W4\W/)
  }
})

describe('whatever is wrong, at every level and in both syntaxes', () => {
  const codes = Object.keys(syntaxErrors) as SyntaxErrorCode[]
  const place = { tag: 'LOC', segment: 4, element: 2, component: 1, repetition: 3, offset: 0, line: 4 }
  const levels: [string, 'interchange' | 'group' | 'message', Partial<typeof place>][] = [
    ['the interchange', 'interchange', { tag: 'UNB', segment: 0 }],
    ['a stray segment', 'interchange', { segment: 0, element: 0 }],
    ['a group', 'group', { tag: 'UNG', segment: 0, offset: 9_999 }],
    ['a message header', 'message', { tag: 'UNH', segment: 1 }],
    ['a segment', 'message', { element: 0 }],
    ['an element', 'message', {}],
  ]
  const of = (syntax: string, date: string) =>
    bytes(
      `UNB+${syntax}+SENDER:ZZ:BACK+HUB:14:IN+${date}:0900+R1'UNG+CUSREP+APP:ZZ+PORT:ZZ+${date}:0900+G1+UN+D:96B'` +
        `${good(1)}UNE+1+G1'UNZ+1+R1'`,
    )

  test.each(['UNOA:1', 'UNOA:2', 'UNOC:3', 'UNOW:4'])(
    '%s: each error code is answered by a CONTRL without a fault of its own',
    (syntax) => {
      const { end, groups, messages } = readInterchanges(of(syntax, syntax.endsWith('4') ? '20261123' : '261123'))[0]!
      for (const code of codes) {
        for (const [level, scope, where] of levels) {
          const fault = edifactFault(code, scope, { ...place, ...where })
          const [message] = messages
          const text = buildContrl({
            interchange: end.interchange!,
            groups,
            faults: scope === 'message' ? [] : [fault],
            messages: [
              { reference: '1', id: message!.id, group: groups[0], faults: scope === 'message' ? [fault] : [] },
            ],
            at,
            reference: 'A1',
          })!
          const [read] = readInterchanges(text)
          const [report] = read!.messages
          expect([level, code, ...read!.end.faults, ...checkMessage(report!, directories()).faults]).toEqual([
            level,
            code,
          ])
          const said = syntax.endsWith('4')
            ? code
            : ({ '45': '16', '46': '2', '47': '15', '48': '12' }[code as string] ?? code)
          expect(
            report!.segments
              .filter(({ elements }) => elements.some((element) => element[0]?.[0] === said))
              .map(({ tag }) => tag),
          ).toContain(
            { interchange: 'UCI', group: 'UCF', message: 'UCM' }[scope] === 'UCM'
              ? where.tag === 'UNH'
                ? 'UCM'
                : where.element === 0
                  ? 'UCS'
                  : 'UCD'
              : { interchange: 'UCI', group: 'UCF', message: '' }[scope],
          )
        }
      }
    },
  )

  const [clean] = readInterchanges(bytes(`${unb}${good(1)}UNZ+1+R1'`))
  const contrl = (faults: EdifactFault[], more: Partial<Parameters<typeof buildContrl>[0]> = {}) =>
    buildContrl({
      interchange: clean!.end.interchange,
      faults: [],
      messages: [{ reference: '1', id: clean!.messages[0]!.id, faults }],
      at,
      reference: 'A1',
      ...more,
    })

  test('of more faults than a CONTRL has room for the first are said', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => edifactFault('39', 'message', { ...place, segment: i + 2 }))
    const elements = Array.from({ length: 150 }, (_, i) => edifactFault('39', 'message', { ...place, element: i + 1 }))
    const count = (text: Uint8Array | undefined, tag: string) =>
      Buffer.from(text!).toString().split(`'${tag}+`).length - 1
    expect([count(contrl(many), 'UCS'), count(contrl(elements), 'UCS'), count(contrl(elements), 'UCD')]).toEqual([
      999, 1, 99,
    ])
    for (const text of [contrl(many), contrl(elements)])
      expect(
        readInterchanges(text!).flatMap(({ messages }) => checkMessage(messages[0]!, directories()).faults),
      ).toEqual([])
  })

  test('what is wrong with one segment for two reasons of one code is said once: a tag in small letters', () => {
    const tag = { ...place, tag: 'nad', segment: 5, element: 0 }
    expect(
      Buffer.from(
        contrl([edifactFault('15', 'message', tag), edifactFault('15', 'message', { ...tag, component: 1 })])!,
      ).toString(),
    ).toContain("+4'UCS+5+15'UNT+5+1'")
    expect(
      Buffer.from(contrl([edifactFault('15', 'message', tag), edifactFault('16', 'message', tag)])!).toString(),
    ).toContain("'UCS+5+15'UCS+5+16'")
  })

  test('warnings reject nothing, and every fault of a header is told', () => {
    expect(Buffer.from(contrl([edifactFault('21', 'message', place, { severity: 'warning' })])!).toString()).toContain(
      "+7'UNT+3+1'",
    )
    const header = { ...place, tag: 'UNH', segment: 1 }
    expect(
      Buffer.from(
        contrl([edifactFault('39', 'message', header), edifactFault('12', 'message', { ...header, component: 2 })])!,
      ).toString(),
    ).toContain("+4+39+UNH+3:1'UCS+1'UCD+12+3:2'")
  })

  test('a CONTRL is never answered by another, and nobody is answered who did not say who he is', () => {
    const id = { ...clean!.messages[0]!.id, type: 'CONTRL' }
    expect(
      contrl([], { messages: [{ reference: '1', id, faults: [edifactFault('12', 'message', place)] }] }),
    ).toBeUndefined()
    expect(contrl([], { interchange: undefined })).toBeUndefined()
    expect(
      contrl([], {
        interchange: readInterchanges(bytes(`UNB+UNOA:3++HUB+261123:0900+R1'${good(1)}UNZ+1+R1'`))[0]!.end.interchange,
      }),
    ).toBeUndefined()
  })

  test('names that no CONTRL could hold are cut and filled in, so that the answer itself is right', () => {
    const long = 'X'.repeat(60)
    for (const syntax of ['UNOA:2', 'UNOC:4', 'UNOC:9']) {
      const { body, faults } = looked(
        bytes(`UNB+${syntax}+S${long}:ZZZZZZ:${long}:${long}+R\x02R+20261123:0900+'UNH++:D'BGM+1'UNT+3+'UNZ+1+'`),
      )
      expect([faults, body.startsWith(`UCI+0+S${'X'.repeat(34)}:ZZZZ`)]).toEqual([[], true])
    }
  })
})

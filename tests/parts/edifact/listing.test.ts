// The annotated listing of an interchange: every value under its name, every fault where it is, for whole and broken
// bytes alike.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listInterchanges } from '../../../messages/edifact/listing.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const list = (text: string, settings = {}) => listInterchanges(Buffer.from(text), directories(), settings)
const unb = "UNB+UNOW:4+SENDER:ZZ+HUB:14+20261123:0900+R1'\n"
const good = (n: number) =>
  `UNH+${n}+CUSREP:D:96B:UN'\nBGM+185+A${n}+9'\nDTM+132:202612010800:203'\nLOC+60+CNSHA:139:6'\nTDT+20+1+1'` +
  `\nUNT+6+${n}'\n`

test('a right interchange is listed with numbers, names, values and totals', () => {
  const text = list(`${unb}${good(1)}${good(2)}UNZ+2+R1'`)
  expect(text).toContain(
    "Interchange 交换\n  service characters 服务字符 component :  element +  decimal .  release ?  end '  ·  utf-8\n",
  )
  expect(text).toMatch(/^ {6}UNB {2}interchange header {2}\(line 1\)\n {8}\+1:1 {4}0001 syntax identifier +UNOW$/m)
  expect(text).toMatch(/^Message 2 {2}2 {2}CUSREP:D:96B {2}no error 无错误 \(codes\)$/m)
  expect(text).toMatch(/^ {4}3 DTM {2}.*\(line 4\)\n {8}\+1:1 {4}2005 .+ 132\n {8}\+1:2 {4}2380 .+ 202612010800\n/m)
  expect(text).toMatch(/Total: 1 interchange, 2 messages, 14 segments: 0 messages with errors, 0 errors in all\n$/)
  expect(text).not.toContain('✗')
})

describe('a fault', () => {
  test('stands under its segment, in both languages, with its place and its code', () => {
    const text = list(`${unb}${good(1).replace('DTM+132', 'DTM+ZZZZ')}UNZ+1+R1'`)
    expect(text).toMatch(
      / 3 DTM .*\n(?: +\+1.*\n){3} {4}✗ DTM\(3\)\+1:1 {2}\[HUB_EDI_LENGTH 0085=39 2005 an\.\.3\]\n {8}DTM .*过长.*\n {8}DTM .* too long .*\n {4}4 LOC/,
    )
    expect(text).toMatch(/^Message 1 .* 1 error 错误$/m)
  })

  test('about what is missing stands where it should have been', () => {
    expect(list(`${unb}${good(1).replace("BGM+185+A1+9'\n", '').replace('UNT+6', 'UNT+5')}UNZ+1+R1'`)).toMatch(
      /✗ BGM\(1\) .*0085=13.*\n.*\n.*\n {4}2 DTM/,
    )
    expect(list(`${unb}UNG+CUSREP+A+B+20261123:0900+G1+UN+D:96B'\n${good(1)}UNZ+1+R1'`)).toMatch(
      / 6 UNT[^]* {6}UNZ[^]*✗ UNE .*0085=13/,
    )
    expect(list(`${unb}${good(1)}`)).toMatch(/ 6 UNT[^]*✗ UNZ .*0085=13/)
  })

  test('of the content, found in the document it becomes, stands at the sender’s own place too', () => {
    const more = {
      code: 'HUB_XSD_PATTERN',
      path: 'LOC(4)+2:1',
      rule: 'pattern',
      text: { zh: '港口代码错误', en: 'not a port' },
    }
    expect(list(`${unb}${good(1)}${good(2)}UNZ+2+R1'`, { content: [[], [more]] })).toMatch(
      /Message 2 .* 1 error [^]* 4 LOC.*\n(?: +\+.*\n)+ {4}✗ LOC\(4\)\+2:1 {2}\[HUB_XSD_PATTERN pattern\]\n {8}港口代码错误\n {8}not a port\n {4}5 TDT/,
    )
  })
})

describe('bytes that are broken', () => {
  test.each([
    ['no EDIFACT', '<Root/>', '0085=18'],
    ['nothing', '', ''],
    ['a UNA that cannot serve', "UNA++++++UNB+UNOA:3+S+R'", '0085=20'],
    ['cut in a segment', `${unb}${good(1).slice(0, 70)}`, '0085=18'],
    ['no message', `${unb}UNZ+0+R1'`, '0085=32'],
    ['segments outside messages', `${unb}LOC+1'\n${good(1)}UNZ+1+R1'`, '0085=33'],
    ['an unknown message', `${unb}UNH+1+NOSUCH:D:96B:UN'BGM+1'UNT+3+1'UNZ+1+R1'`, '0085=14'],
  ])('%s: are listed as far as they can be read', (_, text, code) => {
    const listed = list(text)
    expect(listed).toContain(code)
    expect(listed).toContain('Total: ')
  })

  test('control characters reach no terminal', () => {
    expect(list(`${unb}${good(1).replace('A1', '\x1b[2JA1')}UNZ+1+R1'`)).toContain('\\u001b[2JA1')
  })
})

test('two interchanges in one file are both listed, and a long one is cut at the right places', () => {
  expect(list(`${unb}${good(1)}UNZ+1+R1'\n${unb}${good(1)}UNZ+1+R1'`)).toContain(
    'Total: 2 interchanges, 2 messages, 16 segments',
  )
  const fifty = Array.from({ length: 50 }, (_, i) => (i === 40 ? good(i).replace('DTM+132', 'DTM+ZZZZ') : good(i)))
  const long = list(`${unb}${fifty.join('')}UNZ+50+R1'`, { most: 20 })
  expect(long).toContain('segments without a fault left out')
  expect(long.match(/^Message /gm)).toHaveLength(50)
  expect([long.match(/✗/g)?.length, long.length < 20_000]).toEqual([1, true])
})

test('an interchange made to be long is not answered with a listing of many times its size', () => {
  const hostile = `${unb}UNH+1+CUSCAR:D:95B:UN'${`FTX${'+a:b:c:d:e'.repeat(90)}'`.repeat(1500)}UNT+1502+1'UNZ+1+R1'`
  expect(list(hostile).length).toBeLessThan(2 * hostile.length)
})

test('every sample, right or wrong, is listed with as many marks as it has faults', () => {
  const dir = join(root, 'xsd/families/edifact/samples')
  for (const folder of ['.', 'invalid']) {
    const files = readdirSync(join(dir, folder)).filter((file) => file.endsWith('.edi'))
    expect(files.length).toBeGreaterThan(80)
    for (const file of files) {
      const text = listInterchanges(
        readFileSync(join(dir, folder, file)),
        directories(),
        file.includes('-gbk') ? { charset: 'gb18030' } : {},
      )
      expect([file, text.includes('✗')]).toEqual([file, folder === 'invalid'])
      expect([file, text.match(/✗/g)?.length ?? 0]).toEqual([file, Number(/(\d+) errors? in all/.exec(text)![1])])
    }
  }
})

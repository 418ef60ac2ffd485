// An interchange whose frame is broken or cut: UNB that never comes, records cut at a fixed width, what version 4 has
// and version 3 has not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { listInterchanges } from '../../../messages/edifact/listing.js'
import { cutInterchanges } from '../../../messages/edifact/parts.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { detectSyntax } from '../../../messages/syntax.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const sample = (file: string) => readFileSync(join(root, 'xsd/families/edifact/samples', file), 'latin1')
const body = "UNH+1+CUSCAR:D:96B:UN'BGM+785+CUS1+9'UNT+3+1'"
const una = "UNA:+.? '"
const unb = "UNB+UNOA:3+TESTA+TESTB+261128:1000+R1'"
const bytes = (text: string) => Buffer.from(text, 'latin1')
const outer = (text: string) =>
  readInterchanges(bytes(text)).flatMap(({ end }) => end.faults.map((f) => ({ ...hubFault(f), severity: f.severity })))

describe('a file without UNB is EDIFACT that lacks UNB, however it begins', () => {
  test.each([
    ['a message alone', body],
    ['behind UNA', `${una}${body}`],
    ['behind UNA and a line end', `${una}\r\n${body}`],
    ['behind UNA with other characters', `UNA|^.? ~UNH^1^CUSCAR|D|96B|UN~UNT^2^1~`],
    ['behind blanks and line ends', `  \r\n\r\n\t${body}`],
    ['behind a byte order mark', `\xef\xbb\xbf${body}`],
    ['a group alone', `UNG+CUSCAR+A+B+261128:1000+1+UN+D:96B'${body}UNE+1+1'`],
    ['with UNZ', `${body}UNZ+1+R1'`],
    ['a trailer alone', "UNZ+1+R1'"],
    ['a lone segment', "BGM+785+CUS1+9'"],
    ['a lone segment without its end', 'LOC+9+CNSHA'],
    ['level B separators', 'UNH\x1d1\x1dCUSCAR\x1fD\x1f96B\x1fUN\x1c'],
    ['a tag cut by a record', body.replace('UNH', 'U\r\nNH')],
    ['UTF-16', Buffer.from(body, 'utf16le').toString('latin1')],
  ])('%s', (_, text) => {
    expect(detectSyntax(bytes(text))).toBe('edifact')
    const faults = outer(text)
    expect(faults.map(({ code, path, rule }) => `${code} ${path} ${rule}`)).toEqual([
      'HUB_EDI_MISSING UNB 0085=13 unb-missing',
    ])
    expect(faults[0]!.text.en).toMatch(/^UNB is missing \(an interchange begins with UNB/)
    expect(faults[0]!.text.zh).toMatch(/^缺少 UNB/)
    const listing = listInterchanges(bytes(text), directories())
    expect(listing).toContain('✗ UNB  [HUB_EDI_MISSING 0085=13 unb-missing]')
    expect(listing).toContain('1 error in all')
  })

  test('its line is where something else stands', () => {
    expect(outer(`\n\n${body}`)[0]!.line).toBe(3)
    expect(outer(`${una}\r\n${body}`)[0]!.line).toBe(2)
  })

  test('what is no segment is no EDIFACT', () => {
    for (const text of ['UNHAPPY', 'Dear Sir', 'ISA*00*', 'UNITED STATES', 'abc+def', 'UNH1+'])
      expect([text, detectSyntax(bytes(text))]).toEqual([text, 'unknown'])
  })
})

test('an interchange without UNZ is told as that', () => {
  expect(outer(`${unb}${body}`).map(({ code, path }) => `${code} ${path}`)).toEqual(['HUB_EDI_MISSING UNZ'])
})

test('a message behind UNZ stands outside any interchange', () => {
  expect(outer(`${unb}${body}UNZ+1+R1'${body}`).map(({ code, path }) => `${code} ${path}`)).toEqual([
    'HUB_EDI_ENVELOPE UNH',
  ])
})

describe('records cut at a fixed width', () => {
  const whole = sample('CUSCAR-D96B-export.edi').replace(/\r?\n/g, '')
  const cutAt = (width: number, text: string, end: string) => text.match(new RegExp(`.{1,${width}}`, 'g'))!.join(end)

  test.each([...Array.from({ length: 20 }, (_, i) => i + 1), 72, 80])(
    'of %i bytes are read as the whole: line breaks are warnings, also within UNA, UNB and its syntax identifier',
    (width) => {
      for (const text of [whole, `${una}${whole.replace(/^UNA.{6}/, '')}`])
        for (const end of ['\n', '\r\n', '\r']) {
          const wrapped = bytes(cutAt(width, text, end))
          expect(detectSyntax(wrapped)).toBe('edifact')
          const [read, ...others] = readInterchanges(wrapped)
          const [expected] = readInterchanges(bytes(text))
          expect(others).toEqual([])
          expect(read!.end.faults.filter(({ severity }) => severity === 'error')).toEqual([])
          expect(read!.end.interchange!.sender).toEqual(expected!.end.interchange!.sender)
          expect(read!.messages[0]!.segments.map(({ tag, elements }) => [tag, elements])).toEqual(
            expected!.messages[0]!.segments.map(({ tag, elements }) => [tag, elements]),
          )
          expect(cutInterchanges(wrapped).map(({ parts }) => parts.length)).toEqual([1])
        }
    },
  )

  test('the break inside the syntax identifier is told at its place', () => {
    const faults = outer(`${una}UNB+UN\nOA:3${unb.slice(10)}${body}UNZ+1+R1'`)
    expect(faults.map(({ severity, path, rule }) => `${severity} ${path} ${rule}`)).toEqual(['warning UNB+1:1 0085=21'])
  })

  test('byte by byte as at once', () => {
    const wrapped = bytes(cutAt(13, `${una}${whole.replace(/^UNA.{6}/, '')}`, '\r\n'))
    expect(cutInterchanges(wrapped)[0]!.parts[0]!.bytes).toEqual(wrapped)
  })

  test('a line end that ends segments is still one', () => {
    for (const end of ['\n', '\r\n']) {
      const text = `UNA:+.? '${whole.replace(/^UNA.{6}/, '')}`.replaceAll("'", end === '\n' ? '\n' : '\r')
      expect(readInterchanges(bytes(text))[0]!.end.broken).toBeUndefined()
    }
  })

  test('two interchanges whose trailers are cut are two, and a message of many knows its own line', () => {
    const two = `${unb}${body}UN\nZ+1+R1'${unb.replace('R1', 'R2')}${body.replace('CUS1', 'CUS2')}UN\r\nZ+1+R2'`
    const cut = cutInterchanges(bytes(two))
    expect(cut.map(({ interchange, parts }) => [interchange!.reference, parts.length])).toEqual([
      ['R1', 1],
      ['R2', 1],
    ])
    expect(cut.map(({ bytes: own }) => Buffer.from(own).toString()).join('')).toBe(two)
    const many = `${unb.replace('UNOA', 'UN\nOA')}${body}${body.replaceAll('+1', '+2')}UNZ+2+R1'`
    const [{ parts }] = cutInterchanges(bytes(many)) as [ReturnType<typeof cutInterchanges>[number]]
    // The break in UNB is in every part, so that nothing is to be added to its lines.
    expect(parts.map(({ linesBefore }) => linesBefore)).toEqual([0, 0])
  })

  test('the second interchange of a file tells its lines as lines of the file', () => {
    const two = `${unb}\n${body}\nUNZ+1+R1'\n${unb}\n${body}\nUNZ+1+R2'\n`
    expect(cutInterchanges(bytes(two)).map(({ parts }) => parts[0]!.linesBefore)).toEqual([0, 2])
  })
})

describe('what only syntax version 4 has in UNH', () => {
  const unhs: [string, string, string][] = [
    ['0110', 'UNH+1+CUSCAR:D:96B:UN:SMDG:D01B', 'UNH(1)+2:6'],
    ['0113', 'UNH+1+CUSCAR:D:96B:UN:SMDG::SUB', 'UNH(1)+2:7'],
    ['0115', 'UNH+1+CUSCAR:D:96B:UN+++SUBSET', 'UNH(1)+5:1'],
    ['0121', 'UNH+1+CUSCAR:D:96B:UN++++GUIDE', 'UNH(1)+6:1'],
    ['0127', 'UNH+1+CUSCAR:D:96B:UN+++++SCENE', 'UNH(1)+7:1'],
  ]
  const told = (version: number, unh: string) =>
    readInterchanges(
      bytes(`${unb.replace('UNOA:3', `UNOA:${version}`)}${unh}'BGM+785+CUS1+9'UNT+3+1'UNZ+1+R1'`),
    )[0]!.messages[0]!.faults.map((f) => `${f.severity} ${hubFault(f).path} ${hubFault(f).rule}`)

  test.each(unhs)('%s is a warning under versions 1 to 3, and right under 4', (item, unh, path) => {
    for (const version of [1, 2, 3])
      expect(told(version, unh)).toEqual([`warning ${path} 0085=16 ${item} syntax version 4`])
    expect(told(4, unh)).toEqual([])
  })
})

// The second check: what an XSD cannot say. Each kind of rule over a small declaration, then the rule data itself.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../../xsd/engine.js'
import { compileRules } from '../../xsd/rules/compile.js'
import { createYamlFiles } from '../../routing/yaml-files.js'
import { loadRules, RuleDataError } from '../../xsd/rules/load.js'
import { kinds, type Rule } from '../../xsd/rules/rule.js'
import { ScanShape, scan } from '../../xsd/scan.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { placed } from '../../xsd/rules/wrapped.js'
import { unreachable } from '../../xsd/rules/reach.js'
import { documents, rules as published } from '../support/data.js'
import { some } from '../support/every.js'
import { root, samplePath } from '../support/hub.js'
import { tempDir } from '../support/temp.js'

const declaration = `<?xml version="1.0"?>
<d:Declaration xmlns:d="urn:d" guid="a&amp;b" kind='C' d:kind='D'>
  <!-- <d:Head><d:Mode>9</d:Mode></d:Head> -->
  <d:Head><d:Mode>1</d:Mode><d:From>2024-03-01</d:From><d:Until>20240229</d:Until><d:Total>30.30</d:Total><d:Blank> </d:Blank><d:Other/></d:Head>
  <d:Skipped><d:Head><d:Mode>7</d:Mode></d:Head><d:Empty a=">"/></d:Skipped>
  <d:Lines>
    <d:Line no="1"><d:No>1</d:No><d:Name>测试&#x5546;品</d:Name><d:Price>10.10</d:Price><d:Qty>2</d:Qty><d:Sum>20.20</d:Sum><d:Box>TESU1234560</d:Box></d:Line>
    <d:Line no="2"><d:No>3</d:No><d:Name><![CDATA[a<b>&amp;]]><!-- c -->d</d:Name><d:Price>10.10</d:Price><d:Qty>1</d:Qty><d:Sum>10.11</d:Sum><d:Box>自备箱1</d:Box></d:Line>
    <d:Line no="3"><d:No>3</d:No></d:Line>
  </d:Lines>
</d:Declaration>`

const text = { zh: '规则。', en: 'A rule.' }
type Kind = Omit<Rule, 'id' | 'documents' | 'text'>
function judge(xml: string, rule: Partial<Rule>) {
  const form = new ScanShape('Declaration', 0)
  const judge = compileRules([{ id: 'T-9', documents: ['D'], text, ...rule }], form)
  return judge(scan(Buffer.from(xml), form), 100)
}
const look = (kind: Kind, xml = declaration) =>
  judge(xml, kind).map(({ code, path, value }) => [code, path, ...(value === undefined ? [] : [value])])

describe('what a rule asks', () => {
  test('require: a missing, empty or blank element is told where it should stand', () => {
    expect(look({ require: ['Head/Mode', 'Head/Blank', 'Head/Other', 'Head/None', 'Foot/None'] })).toEqual([
      ['HUB_RULE_REQUIRED', '/Declaration/Head/Blank'],
      ['HUB_RULE_REQUIRED', '/Declaration/Head/Other'],
      ['HUB_RULE_REQUIRED', '/Declaration/Head/None'],
      ['HUB_RULE_REQUIRED', '/Declaration/Foot/None'],
    ])
  })
  test('require of every entry: only the line that lacks it is named, with its position', () => {
    for (const shape of [{ for: 'Lines/Line', require: 'Name' }, { require: 'Lines/Line/Name' }])
      expect(look(shape)).toEqual([['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]/Name']])
  })
  test('either: one of several is enough', () => {
    expect(look({ for: 'Lines/Line', either: ['None', 'Name'] })).toEqual([
      ['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]/None'],
    ])
  })
  test('exists and refers: an entry that fits is there, and a number that is cited stands in its list', () => {
    expect(look({ exists: { in: 'Lines/Line', where: { No: '3', Qty: 'present' } } })).toEqual([])
    expect(
      look({ exists: { in: 'Lines/Line', where: { No: '1', Qty: '9' } } }).map(([code, path]) => [code, path]),
    ).toEqual([['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]']])
    expect(look({ refers: ['Lines/Line/No', 'Lines/Line/Qty'] })).toEqual([
      ['HUB_RULE_REFERS', '/Declaration/Lines/Line[2]/No', '3'],
      ['HUB_RULE_REFERS', '/Declaration/Lines/Line[3]/No', '3'],
    ])
  })
  test('together, one, same, differ: what belongs together, excludes itself, is alike, or must not be', () => {
    const line = { for: 'Lines/Line' }
    expect(look({ ...line, together: ['No', 'Qty'] })).toEqual([
      ['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]/Qty'],
    ])
    expect(look({ ...line, one: ['Qty', 'Sum'] }).map(([code, path]) => [code, path])).toEqual([
      ['HUB_RULE_FORBIDDEN', '/Declaration/Lines/Line[1]/Sum'],
      ['HUB_RULE_FORBIDDEN', '/Declaration/Lines/Line[2]/Sum'],
      ['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]/Qty'],
    ])
    expect(look({ same: 'Lines/Line/No' })).toEqual([['HUB_RULE_EQUAL', '/Declaration/Lines/Line[2]/No', '3']])
    expect(look({ ...line, differ: ['No', '../../Head/Mode'] })).toEqual([
      ['HUB_RULE_DIFFER', '/Declaration/Lines/Line[1]/No', '1'],
    ])
  })
  test('arithmetic: products, counts, ratios, sums by an expression, as exact as what was written', () => {
    const line = { for: 'Lines/Line' }
    expect(look({ ...line, product: { is: 'Sum', of: ['Price', 'Qty'] } })).toEqual([])
    expect(look({ ...line, product: { is: 'Sum', of: ['Price', 'Qty', 2] } }).length).toBe(2)
    expect(look({ count: { total: 'Head/Mode', of: 'Lines/Line' } })).toEqual([
      ['HUB_RULE_SUM', '/Declaration/Head/Mode', '1'],
    ])
    expect(look({ count: { total: 'Head/Mode', of: 'Lines/Line', where: { No: '1' } } })).toEqual([])
    expect(look({ holds: { left: 'Head/Total', op: '<', right: 'sum Lines/Line/Sum' } })).toEqual([])
    expect(look({ holds: { left: 'Head/Total', op: '>', right: 'sum Lines/Line/Sum' } })).toEqual([
      ['HUB_RULE_ORDER', '/Declaration/Head/Total', '30.30'],
    ])
    expect(
      look({ ratio: { is: 'Head/Mode', part: 'Lines/Line/Price', whole: 'Lines/Line/Price * 100', times: 100 } }),
    ).toEqual([])
    expect(look({ sorted: { of: 'Lines/Line/Qty', by: 'ascending' } })).toEqual([
      ['HUB_RULE_ORDER', '/Declaration/Lines/Line[2]/Qty', '1'],
    ])
  })
  test('sums of some entries only, and two lists that balance under each number', () => {
    const lines = { in: 'Lines/Line', where: { No: '1' } }
    const total = (kind: NonNullable<Kind['sum']>) => look({ sum: kind }).map(([code, path]) => [code, path])
    expect(total({ total: 'Head/Total', of: 'Lines/Line/Sum' })).toEqual([])
    expect(total({ total: 'Head/Total', of: 'Sum', ...lines })).toEqual([['HUB_RULE_SUM', '/Declaration/Head/Total']])
    expect(total({ total: 'Head/Mode', of: 'Qty', less: 'No', ...lines })).toEqual([])
    // None that is meant is a sum of nothing.
    expect(total({ total: 'Head/Mode', of: 'Qty', in: 'Lines/Line', where: { No: '9' } }).length).toBe(1)
    const left = { in: 'Lines/Line', of: 'Qty' }
    const balance = (right: object, where = {}) =>
      look({ balance: { left: { ...left, where }, right: { in: 'Lines/Line', of: 'Qty', ...right }, by: ['No'] } })
    expect(balance({})).toEqual([])
    expect(balance({ of: 'Sum' })).toEqual([
      ['HUB_RULE_SUM', '/Declaration/Lines/Line[1]/Qty', '2'],
      ['HUB_RULE_SUM', '/Declaration/Lines/Line[2]/Qty', '1'],
    ])
    expect(balance({}, { No: '1' })).toEqual([['HUB_RULE_SUM', '/Declaration/Lines/Line[2]/Qty', '1']])
    expect(balance({ where: { No: '3' } })).toEqual([['HUB_RULE_SUM', '/Declaration/Lines/Line[1]/Qty', '2']])
  })
  test('terms: days, months and years from a date, whatever form the dates have', () => {
    const term = (right: string) => look({ holds: { left: 'Head/From', op: '<=', right } }).length
    expect([term('2024-02-29 + 1 days'), term('2024-01-31 + 1 month'), term('2023-03-01 + 1 year')]).toEqual([0, 1, 0])
    expect(look({ holds: { left: 'Head/From', op: '>', right: '2024-01-31 + Lines/Line/Qty months' } })).toEqual([
      ['HUB_RULE_ORDER', '/Declaration/Head/From', '2024-03-01'],
    ])
  })
  test('the date that was not kept is told as senders write dates, also where it was reckoned', () => {
    const told = (from: string, right: string) =>
      judge(declaration.replace('2024-03-01', from), { holds: { left: 'Head/From', op: '<', right } })[0]?.text.en
    expect(told('2024-03-31', 'Head/From - 1 month')).toContain('Head/From - 1 month (2024-02-29)')
    for (const from of ['2024-03', '2024-03-01', '2024-03-01T08:30', '2024-03-01T08:30:00'])
      expect(told(from, 'Head/From')).toContain(`Head/From (${from})`)
  })
  test('a rule that warns says so in its fault', () => {
    const texts = (wanted: string | { not: string }) => {
      const text = judge(declaration, { value: { 'Head/Mode': wanted } })[0]?.text
      return [text?.zh.split('。')[0], text?.en.split('. ')[0]]
    }
    expect(texts('/[0-9]{30}/')[1]).toMatch(/the rule is 30 digits$/)
    for (const form of ['/(x|y)+z(?=q)/', '/[\\p{Script=Han}]{90}/'])
      expect(texts(form)).toEqual([
        expect.stringMatching(/不符合要求：该规则规定的格式$/),
        expect.stringMatching(/the rule is the form this rule gives$/),
      ])
    expect(judge(declaration, { require: ['Head/None'], level: 'warn' }).map(({ level }) => level)).toEqual(['warn'])
  })
  test('forbid: whatever is filled in is told', () => {
    expect(look({ forbid: ['Lines/Line/Price', 'Head/Blank'] })).toEqual([
      ['HUB_RULE_FORBIDDEN', '/Declaration/Lines/Line[1]/Price', '10.10'],
      ['HUB_RULE_FORBIDDEN', '/Declaration/Lines/Line[2]/Price', '10.10'],
    ])
  })
  test('value: literal, list, expression and not, over every occurrence that holds something', () => {
    expect(look({ value: { 'Lines/Line/Qty': ['1', '3'] } })).toEqual([
      ['HUB_RULE_VALUE', '/Declaration/Lines/Line[1]/Qty', '2'],
    ])
    expect(look({ value: { 'Head/Mode': '/[2-9]/' } })).toEqual([['HUB_RULE_VALUE', '/Declaration/Head/Mode', '1']])
    expect(look({ value: { 'Head/Mode': { not: ['1', '2'] }, 'Head/None': 'x' } })).toEqual([
      ['HUB_RULE_VALUE', '/Declaration/Head/Mode', '1'],
    ])
  })
  test('unique: the second of two is told; with each and by, only what agrees in all', () => {
    expect(look({ unique: 'Lines/Line/No' })).toEqual([['HUB_RULE_UNIQUE', '/Declaration/Lines/Line[3]/No', '3']])
    expect(look({ unique: { each: 'Lines/Line', by: ['No', 'Qty'] } })).toEqual([])
    expect(look({ unique: { each: 'Lines/Line', by: ['Price'] } })).toEqual([
      ['HUB_RULE_UNIQUE', '/Declaration/Lines/Line[2]/Price', '10.10'],
    ])
  })
  test('sequence: 1, 2, 3 without gaps, in any order', () => {
    expect(look({ sequence: 'Lines/Line/No' })).toEqual([['HUB_RULE_SEQUENCE', '/Declaration/Lines/Line[3]/No', '3']])
    expect(
      look({ sequence: 'Lines/Line/No' }, declaration.replace('<d:No>1<', '<d:No>2<').replace('<d:No>3<', '<d:No>1<')),
    ).toEqual([])
  })
  test('most: the first too many is told', () => {
    expect(look({ most: { of: 'Lines/Line', count: 2 } }).map(([code, path]) => [code, path])).toEqual([
      ['HUB_RULE_LIMIT', '/Declaration/Lines/Line[3]'],
    ])
    expect(look({ most: { of: 'Lines/Line', count: 3 } })).toEqual([])
  })
  test('sum: a head total and its lines, a line and its price by quantity', () => {
    expect(look({ sum: { total: 'Head/Total', of: 'Lines/Line/Sum' } })).toEqual([])
    expect(look({ sum: { total: 'Head/Total', of: 'Lines/Line/Sum', tolerance: 0.001 } })).toEqual([
      ['HUB_RULE_SUM', '/Declaration/Head/Total', '30.30'],
    ])
    expect(look({ sum: { total: 'Head/Mode', of: 'Lines/Line/Qty', less: 'Head/Mode' } })).toEqual([
      ['HUB_RULE_SUM', '/Declaration/Head/Mode', '1'],
    ])
    expect(look({ for: 'Lines/Line', sum: { total: 'Sum', of: 'Price', by: 'Qty' } })).toEqual([])
    expect(look({ for: 'Lines/Line', sum: { total: 'Sum', of: 'Price', by: 'Qty', tolerance: 0.005 } })).toEqual([
      ['HUB_RULE_SUM', '/Declaration/Lines/Line[2]/Sum', '10.11'],
    ])
  })
  test('equal: two paths agree, where both hold something', () => {
    expect(look({ equal: ['Head/From', 'Head/Until'] })).toEqual([
      ['HUB_RULE_EQUAL', '/Declaration/Head/From', '2024-03-01'],
    ])
    expect(look({ equal: ['Head/From', 'Head/Blank'] })).toEqual([])
  })
  test('begins: a number that carries its kind in front', () => {
    expect(look({ begins: ['Head/From', 'Head/Mode'] })).toEqual([
      ['HUB_RULE_VALUE', '/Declaration/Head/From', '2024-03-01'],
    ])
    expect(look({ begins: ['Head/Until', 'Head/Blank'] })).toEqual([])
    expect(look({ begins: ['Head/Total', 'Head/Total'] })).toEqual([])
  })
  test('check: a container number with a wrong digit is told, a number that is none is left alone', () => {
    expect(look({ check: { path: 'Lines/Line/Box', as: 'container' } })).toEqual([
      ['HUB_RULE_CHECK_DIGIT', '/Declaration/Lines/Line[1]/Box', 'TESU1234560'],
    ])
  })
  test('date: a day or a time that exists, in one of its forms, on leap days too', () => {
    const values = (...all: string[]) => `<Declaration>${all.map((one) => `<D>${one}</D>`).join('')}</Declaration>`
    const wrong = (as: string[], open: boolean, ...all: string[]) =>
      judge(values(...all), { date: { path: 'D', as, open } }).map(({ value }) => value)
    const day = ['yyyyMMdd']
    expect(wrong(day, false, '20240229', '20000229', '20251231', '', ' ')).toEqual([])
    const days = ['20250229', '19000229', '20250431', '20251300', '20251301', '20250100', '00000101', '2025-01-01', 'x']
    expect(wrong(day, false, ...days)).toEqual(days)
    const second = ['yyyyMMddHHmmss']
    const seconds = ['20250101240000', '20250101243000', '20250101990000', '20250101006000', '20250101000060']
    expect(wrong(second, false, '20250101235959', ...seconds)).toEqual(seconds)
    const open = ['yyyy-MM-dd[ HH:mm[:ss]]', 'yyyy-MM-ddTHH:mm:ss[.SSS][X]', 'yyyyMMdd[HH[mm[ss]]][ZZZ]']
    const fine = [
      '2025-01-01 23:59',
      '2025-01-01T00:00:00.123+08:00',
      '2025010123086',
      '20250101230000086',
      'next week',
    ]
    const odd = ['2025-02-30', '2025-01-01 24:00', '2025-01-01T00:00:00+15:00', '20250230086', '20250101250000']
    expect(wrong(open, true, ...fine, ...odd)).toEqual(odd)
    expect(wrong(open, false, ...fine)).toEqual(['next week'])
  })
  test('compare: dates by their days, numbers by their size', () => {
    expect(look({ compare: ['Head/From', '<=', 'Head/Until'] })).toEqual([
      ['HUB_RULE_ORDER', '/Declaration/Head/From', '2024-03-01'],
    ])
    expect(look({ compare: ['Head/Until', '<=', 'Head/From'] })).toEqual([])
    expect(look({ for: 'Lines/Line', compare: ['Price', '>', 10.2] })).toEqual([
      ['HUB_RULE_ORDER', '/Declaration/Lines/Line[1]/Price', '10.10'],
      ['HUB_RULE_ORDER', '/Declaration/Lines/Line[2]/Price', '10.10'],
    ])
  })
})

describe('when a rule asks', () => {
  test('what the root says and what the line says both count; a comment and a skipped element do not', () => {
    expect(look({ for: 'Lines/Line', when: { '/Head/Mode': '1', No: '3' }, require: 'Box' })).toEqual([
      ['HUB_RULE_REQUIRED', '/Declaration/Lines/Line[3]/Box'],
    ])
    expect(look({ for: 'Lines/Line', when: { '/Head/Mode': ['7', '9'] }, require: 'Box' })).toEqual([])
  })
  test('present and absent, not, and any of several conditions', () => {
    expect(look({ when: { 'Head/Blank': 'absent', 'Head/Mode': 'present' }, forbid: 'Head/Mode' })).toHaveLength(1)
    expect(look({ when: { 'Head/Mode': { not: '1' } }, forbid: 'Head/Mode' })).toHaveLength(0)
    expect(look({ when: [{ 'Head/Mode': '2' }, { 'Head/Mode': '/[01]/' }], forbid: 'Head/Mode' })).toHaveLength(1)
  })
  test('any and none: what one occurrence of many holds, whichever it is', () => {
    const asked = (wanted: object) => look({ when: { 'Lines/Line/No': wanted as never }, forbid: 'Head/Mode' }).length
    expect([asked({ any: '3' }), asked({ any: ['7', '3'] }), asked({ any: '7' })]).toEqual([1, 1, 0])
    expect([asked({ none: '3' }), asked({ none: '7' })]).toEqual([0, 1])
    expect(look({ for: 'Lines/Line', when: { '/Lines/Line/No': { any: '3' } }, forbid: 'Box' })).toHaveLength(2)
  })
  test('text is read as XML means it: entities, CDATA, attributes in either quotes', () => {
    expect(look({ for: 'Lines/Line', when: { Name: '测试商品' }, forbid: 'No' })).toHaveLength(1)
    expect(look({ for: 'Lines/Line', when: { Name: 'a<b>&amp;d' }, forbid: 'No' })).toHaveLength(1)
    expect(look({ when: { '@guid': 'a&b', '@kind': 'C' }, forbid: 'Lines/Line@no' })).toEqual(
      [1, 2, 3].map((n) => ['HUB_RULE_FORBIDDEN', `/Declaration/Lines/Line[${n}]/@no`, String(n)]),
    )
  })
  test('a fault tells line, rule and both languages', () => {
    expect(judge(declaration, { for: 'Lines/Line', require: 'Name' })).toEqual([
      {
        code: 'HUB_RULE_REQUIRED',
        path: '/Declaration/Lines/Line[3]/Name',
        line: 9,
        rule: 'T-9',
        text: { zh: '缺少 Name。规则。', en: 'Name is missing or blank. A rule.' },
      },
    ])
  })
  test('faults without end stop at the limit', () => {
    const lines = declaration.replace('</d:Lines>', `${'<d:Line/>'.repeat(500)}</d:Lines>`)
    expect(judge(lines, { for: 'Lines/Line', require: 'Name' })).toHaveLength(101)
  })
})

describe('rule data', () => {
  const families = [
    {
      family: 'd',
      title: text,
      receipts: [],
      documents: [
        {
          id: 'D',
          title: text,
          source: '',
          root: 'Declaration',
          namespace: '',
          facts: {},
          keys: {},
          schemas: [{ file: 'd.xsd', version: '1' }],
          samples: ['d.xml'],
        },
      ],
    },
  ]
  async function faultsOf(...rules: string[]): Promise<string[]> {
    const dir = await tempDir('rules')
    mkdirSync(join(dir, 'd'))
    writeFileSync(join(dir, 'd/rules.yaml'), `family: d\nrules:\n${rules.map((r) => `  - ${r}\n`).join('')}`)
    try {
      loadRules(dir, families)
      return []
    } catch (error) {
      expect(error).toBeInstanceOf(RuleDataError)
      return (error as RuleDataError).faults
    }
  }
  const said = 'text: { zh: 规则, en: rule }'
  test('rules found sound are not looked at again until their file changes', async () => {
    const dir = await tempDir('rules')
    mkdirSync(join(dir, 'd'))
    const write = (rule: string) => writeFileSync(join(dir, 'd/rules.yaml'), `family: d\nrules:\n  - ${rule}\n`)
    const start = () => {
      const files = createYamlFiles(join(dir, 'copy.json'))
      const loaded = loadRules(dir, families, { read: files.readAs })
      files.keep()
      return loaded
    }
    write(`{ id: D-1, documents: [D], require: a, ${said} }`)
    const first = start()
    expect(start()).toEqual(first)
    write(`{ id: D-1, documents: [D], require: a, forbid: b, ${said} }`)
    expect(start).toThrow(RuleDataError)
    // What was refused is not remembered as sound.
    expect(start).toThrow(RuleDataError)
    // The documents may have changed while the rules did not.
    write(`{ id: D-1, documents: [D], require: a, ${said} }`)
    expect(() => loadRules(dir, [], { read: createYamlFiles(join(dir, 'copy.json')).readAs })).toThrow(RuleDataError)
  })
  test('everything wrong is told at once, by the name of its rule', async () => {
    const faults = await faultsOf(
      `{ id: D-1, documents: [D], require: a, ${said} }`,
      `{ id: D-1, documents: [D], require: a, ${said} }`,
      `{ id: D-2, documents: [E], require: a, ${said} }`,
      `{ id: D-3, documents: [D], ${said} }`,
      `{ id: D-4, documents: [D], require: a, forbid: b, ${said} }`,
      `{ id: D-5, documents: [D], value: { a: "/[/" }, ${said} }`,
      `{ id: D-6, documents: [D], requier: a, ${said} }`,
      `{ id: D-7, documents: [D], require: a//b, ${said} }`,
      `{ id: D-8, documents: [D], check: { path: a, as: luck }, ${said} }`,
      `{ id: D-9, documents: [D], require: a }`,
    )
    for (const id of ['D-1', 'D-2', 'D-3', 'D-4', 'D-5', 'D-6', 'D-7', 'D-8', 'D-9'])
      expect(faults.join('\n'), id).toContain(`(${id})`)
  })
  test('a rule of every kind is taken', async () => {
    const shapes: Record<keyof typeof kinds, string> = {
      require: '[a, b/c]',
      either: '[a, b]',
      forbid: 'a@b',
      value: '{ a: ["1", "/x/"] }',
      unique: '{ each: a, by: [b] }',
      sequence: 'a/b',
      most: '{ of: a, count: 50 }',
      sum: '{ total: a, of: b/c }',
      inForce: '{ path: a, on: [/b, /c], codes: { "0139": { to: "2020-12-31" } } }',
      equal: '[a, /b]',
      begins: '[a, /b]',
      check: '{ path: a, as: container }',
      signed: 'a',
      date: '{ path: a, as: [yyyyMMdd, "yyyy-MM-dd[ HH:mm:ss]"], open: true }',
      compare: '[a, "<=", b]',
      balance: '{ left: { in: a, of: b }, right: { in: c/d, of: e, where: { f: "1" } }, by: [g] }',
      together: '[a, b]',
      one: '[a, b]',
      same: 'a/b',
      differ: '[a, ../b]',
      known: '{ path: a, document: D, at: b/c }',
      holds: '{ left: a, op: "<=", right: b + 3 months }',
      product: '{ is: a, of: [b, c + d, 0.01] }',
      ratio: '{ is: a, part: b, whole: c * 12, times: 100 }',
      count: '{ total: a, of: b, where: { c: "1" } }',
      exists: '{ in: a, where: { b: "1" } }',
      refers: '[a, b/c]',
      concat: '{ is: a, of: [b, c] }',
      sorted: '{ of: a/b, by: descending }',
    }
    expect(
      await faultsOf(
        ...Object.entries(shapes).map(
          ([kind, shape], i) =>
            `{ id: D-${i}, documents: [D], for: x, when: { /y: { not: "1" } }, ${kind}: ${shape}, ${said} }`,
        ),
      ),
    ).toEqual([])
  })
})

describe('a document that wraps another', () => {
  const wrapped = declaration
    .replace('<d:Declaration ', '<Import><In><d:Declaration ')
    .replace('</d:Declaration>', '</d:Declaration></In></Import>')
  const asked = (rule: Partial<Rule>) => {
    const form = new ScanShape('Import', 0)
    const [inner] = placed({ id: 'T-9', documents: ['D'], text, ...rule }, { D: 'In/Declaration' })
    const judge = compileRules([inner!], form)
    return judge(scan(Buffer.from(wrapped), form), 100).map(({ code, path }) => [code, path?.replace('/Import/In', '')])
  }
  test('its rules are those of what is inside, and say the same of it', () => {
    const rules: Partial<Rule>[] = [
      { require: ['Head/Blank', '/Head/None'] },
      { for: 'Lines/Line', when: { '/Head/Mode': '1', No: '3' }, require: ['Box', '/Head/Other'] },
      { for: 'Lines/Line', when: [{ '/Head/Mode': '/[7-9]/' }, { No: '1' }], forbid: 'Name' },
      { value: { '/Head/Mode': '/[2-9]/', 'Lines/Line/Qty': ['1'] } },
      { sum: { total: '/Head/Total', of: ['Lines/Line/Sum'], tolerance: 0.001 } },
      { compare: ['/Head/From', '<=', 'Head/Until'] },
      { for: 'Lines/Line', check: { path: 'Box', as: 'container' } },
      { most: { of: 'Lines/Line', count: 2 } },
    ]
    for (const rule of rules) {
      const bare = judge(declaration, rule).map(({ code, path }) => [code, path])
      expect(bare.length).toBeGreaterThan(0)
      expect(asked(rule)).toEqual(bare)
    }
  })
  test('a rule of both kinds of document becomes one for each', () => {
    expect(
      placed({ id: 'T-9', documents: ['A', 'D'], text, require: 'x' }, { D: 'In' }).map(({ documents, for: entry }) => [
        documents,
        entry,
      ]),
    ).toEqual([
      [['A'], undefined],
      [['D'], 'In'],
    ])
  })
})

describe('the rules of the families', () => {
  const schemas = readSchemaFiles(join(root, 'xsd/families'))
  test('every path stands in a schema of its document', () => {
    expect(unreachable([...some(published)], documents, schemas)).toEqual([])
  })
  test('a slip in a path is told, wherever it stands', () => {
    const slips: Rule[] = [
      {
        id: 'S-1',
        documents: ['CEB621Message'],
        text,
        for: 'Inventory',
        when: { 'InventoryHead/apType': '1' },
        sequence: 'InventoryList/gnum',
      },
      { id: 'S-2', documents: ['CEB621Message'], text, require: ['@guid', '@gid', 'Inventory/InventoryHead/guid'] },
      {
        id: 'S-3',
        documents: ['DecMessage'],
        text,
        for: 'DecLists/DecList',
        compare: ['/DecHead/GrossWet', '>=', '/DecHead/NetWeight'],
      },
    ]
    expect(unreachable([{ family: 'x', rules: slips }], documents, schemas)).toEqual([
      'rule S-1 names /CEB621Message/Inventory/InventoryHead/apType, which no schema of CEB621Message has',
      'rule S-2 names /CEB621Message/@gid, which no schema of CEB621Message has',
      'rule S-3 names /DecMessage/DecHead/NetWeight, which no schema of DecMessage has',
    ])
  })
  test('every kind of rule a family has is broken by a sample of the family', () => {
    const engine = createEngine({ documents, schemas, rules: published, faultLimit: 100 })
    for (const { family, rules } of some(published)) {
      const dir = samplePath(`${family}/invalid`)
      const broken = new Set(
        readdirSync(dir)
          .filter((f) => f.endsWith('.xml'))
          .flatMap((f) => engine.inspect(readFileSync(join(dir, f))).faults.map(({ rule }) => rule)),
      )
      const kindOf = (rule: Rule) => Object.keys(kinds).find((kind) => kind in rule)!
      const seen = new Set(rules.filter(({ id }) => broken.has(id)).map(kindOf))
      expect({ family, kinds: [...new Set(rules.map(kindOf))].filter((kind) => !seen.has(kind)) }).toEqual({
        family,
        kinds: [],
      })
    }
  })
})

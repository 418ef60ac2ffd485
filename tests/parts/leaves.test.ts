// Documents as questions read them: in one pass over their bytes, and the same values as a tree of them has.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Leaves } from '../../messages/queries/leaves.js'
import { leavesOf, leavesOfXml } from '../../messages/queries/reading-leaves.js'
import { readXml, type XmlValue } from '../../messages/xml-reading.js'
import { some } from '../support/every.js'

const families = fileURLToPath(new URL('../../xsd/families', import.meta.url))
const samples = readdirSync(families, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\/samples\/.*\.xml$/.test(file),
)

/** Every path of a tree, and each end of it that is one name or two. */
function endsOf(node: XmlValue, path = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const one of node) endsOf(one, path, found)
  else if (typeof node === 'object')
    for (const [name, child] of Object.entries(node))
      if (name !== '#text' && !name.startsWith('@')) {
        const below = `${path}/${name}`
        found.add(below)
        found.add(name)
        if (path !== '') found.add(below.split('/').slice(-2).join('/'))
        endsOf(child, below, found)
      }
  return found
}

function compare(bytes: Buffer, as: string): void {
  const { tree } = readXml(bytes)
  const [read, known] = [leavesOfXml(bytes)!, leavesOf(tree)]
  const ends = [...endsOf(tree)]
  const shown = (leaves: Leaves) => ends.map((path) => [path, leaves.at(path)] as const)
  expect(shown(read), as).toEqual(shown(known))
  const repeated = ends.filter((path) => !path.includes('/') && known.at(path).length > 1)
  const first = (leaves: Leaves, name: string) =>
    leaves.entries(name, 3)?.map((entry) => repeated.slice(0, 20).map((path) => [path, entry.at(path)]))
  for (const name of repeated) expect(first(read, name), `${as}: ${name}`).toEqual(first(known, name))
}

test('of every sample each value is found by every end of its path, and each of a group that repeats', () => {
  expect(samples.length).toBeGreaterThan(300)
  for (const file of some(samples)) compare(readFileSync(join(families, file)), file)
})

test.each([
  ['comments, instructions, CDATA', '<a><!-- <b>0</b> --><b>1<![CDATA[<2>&amp;]]>3</b><?x <b>4</b> ?><b> </b></a>'],
  ['entities', '<a><b>&lt;&#65;&#x4e2d;&amp;&quot;</b><c v="&lt;"/></a>'],
  ['text beside elements', '<a>one<b>two</b>three<c/>four<b x=">">five</b> six </a>'],
  ['names with prefixes', '<n:a xmlns:n="urn:x"><n:b>1</n:b><c>2</c><m:B xmlns:m="urn:y">3</m:B></n:a>'],
  ['what stands beside a value', `<a><b currency='CNY'>1</b><b x="1" n:unit="kg &amp; g">2</b><b>3</b></a>`],
  ['line ends', '<a><b>1\r\n2\r3</b>\r\n<c>\r\n  4\r\n</c></a>'],
  ['empty elements', '<a><b/><b></b><c x="/"/><d><e/></d></a>'],
  ['a leaf alone', '<a>1</a>'],
  ['a byte order mark', '\ufeff<a><b>中文</b></a>'],
  ['a group below a group', '<a><g><h><k>1</k></h><h><k>2</k></h></g><o>3</o></a>'],
  ['groups of which one lacks the number', '<a><g><k>1</k></g><g><o>2</o></g><p><k>3</k></p><p><k>4</k></p></a>'],
  ['a group that stands apart', '<a><g><k>1</k></g><o>2</o><g><k>3</k></g><r>4</r></a>'],
])('the same values as a tree has: %s', (as, text) => compare(Buffer.from(text), as))

test('a document in GBK is read as its characters', () => {
  const gbk = Buffer.concat([
    Buffer.from('<?xml version="1.0" encoding="GBK"?><a><b>'),
    Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
    Buffer.from('</b></a>'),
  ])
  expect(leavesOfXml(gbk)!.at('b')).toEqual([{ text: '中文' }])
})

test('a field of the head comes before one of a line, and is found in any case', () => {
  const leaves = leavesOfXml(Buffer.from('<Dec><List><Line><No>2</No></Line></List><Head><No>1</No></Head></Dec>'))!
  expect(leaves.at('NO')).toEqual([{ text: '1' }])
  expect(leaves.at('line/no')).toEqual([{ text: '2' }])
  expect(leaves.at('/List/Line/No')).toEqual([{ text: '2' }])
  expect(leaves.at('/Line/No')).toEqual([])
  expect([leaves.hold('2'), leaves.hold('3')]).toEqual([true, false])
})

test('what is cut off, crossed or endless is read as far as it goes, or not at all', () => {
  const whole = '<a x="1"><b>1</b><!-- c --><![CDATA[d]]><e f="g">2</e></a>'
  for (let length = 0; length < whole.length; length++) leavesOfXml(Buffer.from(whole.slice(0, length)))
  expect(leavesOfXml(Buffer.from('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'))).toBeUndefined()
  expect(leavesOfXml(Buffer.from('</a>'))).toBeUndefined()
  expect(leavesOfXml(Buffer.from('none'))).toBeUndefined()
  expect(leavesOfXml(Buffer.from('<a>'.repeat(300)))).toBeUndefined()
  expect(leavesOfXml(Buffer.from('<a><b>1</c></b></a>'))!.at('b')).toEqual([{ text: '1' }])
})

test('names nobody knows are forgotten again, and a document read before keeps its values', () => {
  const before = leavesOfXml(Buffer.from('<a><b>1</b></a>'))!
  for (let part = 0; part < 5; part++) {
    const names = Array.from({ length: 15_000 }, (_, n) => `<n${part}_${n}>1</n${part}_${n}>`)
    expect(leavesOfXml(Buffer.from(`<a>${names.join('')}</a>`))!.at(`n${part}_14999`)).toEqual([{ text: '1' }])
  }
  expect(before.at('b')).toEqual([{ text: '1' }])
})

test('of hundreds of business documents with very much around them each is read in bounded steps', () => {
  const around = Array.from({ length: 60_000 }, (_, n) => `<r>${n}</r>`).join('')
  const group = Array.from({ length: 500 }, (_, n) => `<g><k>${n}</k><v>v${n}</v></g>`).join('')
  const entries = leavesOfXml(Buffer.from(`<a><n>1</n>${around}${group}</a>`))!.entries('k', 500)!
  expect(entries).toHaveLength(500)
  expect(entries[499]!.at('v')).toEqual([{ text: 'v499' }])
  expect(entries[499]!.at('n')).toEqual([{ text: '1' }])
  expect(entries[499]!.at('r')).toHaveLength(4_999)
})

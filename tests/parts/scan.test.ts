// Facts, keys and rules are read from the bytes by a reader of our own. It must see what libxml2 sees, in every sample
// and however the same message may be written: with comments, CDATA, entities, other prefixes, other line ends.
import { readdirSync, readFileSync } from 'node:fs'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, test } from 'vitest'
import { decodeXml } from '../../messages/charset.js'
import { createReadingPlans } from '../../xsd/reading-plan.js'
import { ScanShape, scan } from '../../xsd/scan.js'
import { compilePath } from '../../xsd/compiled-path.js'
import { some } from '../support/every.js'
import { documents } from '../support/data.js'
import { samplePath } from '../support/hub.js'

const types = documents.flatMap((family) => family.documents)
const { readMessage } = createReadingPlans(documents, [])

/** What XPath says of a path: every occurrence, as text. */
function byXPath(doc: XmlDocument, path: string): string[] {
  const steps = path.split(/\/|(?=@)/).map((step) => (step.startsWith('@') ? step : `*[local-name()="${step}"]`))
  return doc.find(`/*/${steps.join('/')}`).map((node) => node.content)
}

function compare(bytes: Uint8Array, file: string): number {
  const decoded = decodeXml(bytes)
  if ('fault' in decoded) throw new Error(`${file} is in no encoding`)
  using doc = XmlDocument.fromBuffer(
    Buffer.from(
      Buffer.from(decoded.utf8)
        .toString()
        .replace(/^(<\?xml[^>]*?) encoding=(['"]).*?\2/, '$1'),
    ),
  )
  const name = { name: doc.root.name, namespace: doc.root.namespaceUri }
  const mine = types.filter(
    (type) => type.root === name.name && [type.namespace, ...(type.alsoIn ?? [])].includes(name.namespace),
  )
  const page = readMessage(name, decoded.utf8)
  // Types of one root ask for the same paths.
  const known = new Map<string, string[]>()
  const found = (path: string): string[] => {
    if (!known.has(path)) known.set(path, byXPath(doc, path))
    return known.get(path)!
  }
  for (const type of mine) {
    const facts = Object.entries(type.facts).map(([fact, path]) => [fact, (found(path)[0] ?? '').slice(0, 500)])
    expect({ file, facts: page.facts(type) }).toMatchObject({ file, facts: Object.fromEntries(facts) as object })
    const values = (path: string) => {
      const parts = path.split('+').map((part) => found(part).map((v) => v.trim()))
      if (parts.length === 1) return parts[0]!
      return parts.every(([first = '']) => first !== '') ? [parts.map(([first]) => first).join('|')] : []
    }
    const keys = Object.entries(type.keys).flatMap(([key, path]) =>
      [...new Set(values(path))].filter((v) => v !== '' && v.length <= 200).map((value) => ({ name: key, value })),
    )
    expect({ file, keys: page.keys(type) }).toEqual({ file, keys })
  }
  return mine.length
}

/** The same message, written otherwise: the seed chooses where. */
function rewritten(text: string, seed: number): string {
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  const declared = /^<\?xml[^>]*\?>/.exec(text)?.[0] ?? ''
  const body = text.slice(declared.length).replace(/>([^<>]+)</g, (whole, value: string) => {
    const pick = random()
    if (pick < 0.1) return `><![CDATA[${value}]]><`
    if (pick < 0.2) return `><!-- <DecHead a='>'> & "-->${value}<?note <a></b>?><`
    if (pick < 0.3)
      return `>${[...value].map((c) => (/\s/.test(c) ? c : `&#x${c.codePointAt(0)!.toString(16)};`)).join('')}<`
    if (pick < 0.35) return `>${value}&amp;&lt;&#62;&quot;<![CDATA[&amp;<]]><`
    if (pick < 0.4) return `>\r\n ${value}\r<`
    return whole
  })
  const spread = body.replace(/<([\w:]+)((?: [^<>]*[^<>/])?)>/g, (whole, name: string, rest: string) =>
    random() < 0.1 ? `<${name}\n ${rest} >` : whole,
  )
  return `<?xml version="1.0"?><!-- <a> -->${spread}<!-- the end -->`
}

describe.each(documents.map(({ family }) => family))('%s', (family) => {
  const files = readdirSync(samplePath(`${family}/`)).filter((f) => f.endsWith('.xml'))
  test('every sample reads as libxml2 reads it', () => {
    for (const file of files) compare(readFileSync(samplePath(`${family}/${file}`)), file)
  })
  test('so does the same message written otherwise', () => {
    for (const file of some(files)) {
      const decoded = decodeXml(readFileSync(samplePath(`${family}/${file}`)))
      if ('utf8' in decoded)
        for (let seed = 1; seed < 4; seed++)
          compare(Buffer.from(rewritten(Buffer.from(decoded.utf8).toString(), seed)), `${file} seed ${seed}`)
    }
  })
})

test('a place is told by its path and line, an attribute by its owner', () => {
  const shape = new ScanShape('a', 0)
  const ways = ['b/c', 'b@d'].map((path) => compilePath(path, shape))
  const page = scan(
    Buffer.from(
      '<x:a>\n<b d="1"\n e=\'>\'><c/></b>\n<z><b><c>9</c></b></z>\n<b d = "&#50; &amp;\n3"><c>2</c></b></x:a>',
    ),
    shape,
  )
  expect(ways.map((way) => way.each(page).map((m) => [m.path, m.line, m.text]))).toEqual([
    [
      ['/a/b[1]/c', 3, ''],
      ['/a/b[2]/c', 6, '2'],
    ],
    [
      ['/a/b[1]/@d', 2, '1'],
      ['/a/b[2]/@d', 5, '2 & 3'],
    ],
  ])
})

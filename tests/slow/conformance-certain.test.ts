// What the hub holds to be certainly valid, in one pass over the bytes, libxml2 holds to be valid: asked of every
// sample, of samples with one thing wrong, with one value odd, and with one place changed. CONFORMANCE_MUTANTS bounds
// how many are made of each sample (default 40); CONFORMANCE_SEED chooses them.
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { decodeXml } from '../../messages/charset.js'
import { createCertain } from '../../xsd/certain/certain.js'
import { edifactSchema } from '../../xsd/edi-tables.js'
import { createEdifact } from '../../xsd/edifact.js'
import { mutate, mutations, seeded } from './conformance/mutate.js'
import { routing } from '../support/data.js'
import { samplePath } from '../support/hub.js'
import { openLibxml2 } from './conformance/libxml2.js'
import { allSamples, schemas, wantedFamily, type Sample } from './conformance/samples.js'
import { byFamily, print } from './conformance/table.js'

const perSample = Number(process.env.CONFORMANCE_MUTANTS ?? 40)
const seed = Number(process.env.CONFORMANCE_SEED ?? 20260101)

const bytesOf = (file: string) => edifactSchema(file) ?? schemas.bytes(file)
const certainly = createCertain(bytesOf)
const libxml2 = openLibxml2({ ...schemas, bytes: bytesOf })

/** Samples of which the schema is known, as text in UTF-8. */
let samples: (Sample & { schema: string; text: string })[] = []
beforeAll(() => {
  samples = allSamples().flatMap((one) => {
    const decoded = decodeXml(one.bytes)
    if (one.schema === undefined || 'fault' in decoded) return []
    const text = Buffer.from(decoded.utf8)
      .toString()
      .replace(/^\ufeff?(<\?xml[^>]*?) encoding=(['"]).*?\2/, '$1')
    return [{ ...one, schema: one.schema, text }]
  })
  if (wantedFamily('edifact')) samples.push(...edifactSamples())
})

/** What the hub makes of EDIFACT messages to have it judged by the schema of their directory. */
function edifactSamples(): typeof samples {
  return readdirSync(samplePath('edifact/'))
    .filter((file) => file.endsWith('.edi'))
    .flatMap((file) => {
      const made: typeof samples = []
      const inspect = createEdifact({
        documents: routing.documents,
        faultLimit: 100,
        today: () => '2026-01-01',
        mapped: () => undefined,
        validate(bytes, schema) {
          const text = Buffer.from(bytes).toString()
          made.push({ family: 'edifact', file, bytes: Buffer.from(bytes), text, schema, valid: true })
          return []
        },
      })
      inspect(readFileSync(samplePath(`edifact/${file}`)))
      return made
    })
}

function isValid(schema: string, bytes: Uint8Array): boolean {
  try {
    return libxml2(schema, bytes).valid
  } catch {
    return false
  }
}

/** One message made of a good one. */
interface Made {
  family: string
  file: string
  what: string
  certain: boolean
  valid: boolean
}

/** Those that would have been let through wrongly. There must be none. */
function wrong(all: readonly Made[], title: string): Made[] {
  const share = (some: readonly Made[]) => {
    const valid = some.filter((one) => one.valid)
    return `${valid.filter(({ certain }) => certain).length} of ${valid.length}`
  }
  print(title, ['family', 'made', 'certain, of those that are valid'], byFamily(all, [(some) => some.length, share]))
  return all.filter(({ certain, valid }) => certain && !valid)
}

function judged(sample: Sample & { schema: string }, text: string | Buffer, what: string): Made {
  const { family, file, schema } = sample
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text)
  const certain = certainly.valid(schema, bytes, true)
  return { family, file, what, certain, valid: isValid(schema, bytes) }
}

const good = () => samples.filter(({ valid }) => valid)

test('nine of ten good samples are certain, and every one that is certain is valid', () => {
  const all = samples.map((sample) => judged(sample, sample.text, 'as it is'))
  expect(wrong(all, 'samples')).toEqual([])
  const valid = all.filter((one) => one.valid)
  expect(valid.filter(({ certain }) => certain).length / valid.length).toBeGreaterThan(0.9)
})

test(`no sample with one thing wrong is certain (${perSample} of each, seed ${seed})`, () => {
  const random = seeded(seed)
  const all = good().flatMap((sample) =>
    Array.from({ length: perSample }, (_, i) => {
      const made = mutate(sample.text, mutations[i % mutations.length]!, random)
      return made ? [judged(sample, made.xml, made.what)] : []
    }).flat(),
  )
  expect(wrong(all, 'one element dropped, doubled, moved, too long, of an unknown code')).toEqual([])
  expect(all.some(({ certain, valid }) => !certain && !valid)).toBe(true)
})

/** Values as senders write them where others are meant, and at the edges of what types take. */
const odd = [
  ...['', ' ', '  ', ' 1', '1 ', '1  2', 'a b', 'a\tb', 'a\nb', '\n', '.', '1.', '.5', '0.5', '+1', '-1', '-0', '--1'],
  ...['0', '00', '007', '1e5', '1E5', 'INF', 'NaN', '1,5', '１', '1.50', '1.500000000', '0.000000000000000000000001'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '9007199254740993', '18446744073709551616'],
  ...['12345678901234567.123456', '123456789012345678901234567890', '99999999999999.99999', '99999999999999.9'],
  ...['2025-02-28', '2025-02-29', '2024-02-29', '1900-02-29', '2000-02-29', '0000-01-01', '-2025-01-01', '2025-13-01'],
  ...['2025-01-01Z', '2025-01-01+08:00', '12025-01-01', '2025-1-1', '20250101', '20251301', '20250101120000'],
  ...['2025-01-01T00:00:00', '2025-01-01T24:00:00', '2025-01-01T23:59:60', '2025-01-01T12:00:00.123456789+08:00'],
  ...[
    '2025-01-01T12:00:00+14:00',
    '2025-01-01T12:00:00+15:00',
    '2025-01-01 12:00:00',
    '12:00:00',
    '2025-01-01T1:00:00',
  ],
  ...[
    'true',
    'True',
    '1',
    'YES',
    'yes',
    'N',
    'Y',
    'I',
    'E',
    'CNY',
    '142',
    '测试',
    '测试公司',
    '测 试',
    '\u00a0',
    '\u3000',
  ],
  ...[
    '\ud842\udfb7',
    'é',
    'e\u0301',
    '\ufeff',
    '\ufffd',
    '\u2028',
    '\u0085',
    '\u007f',
    '|',
    '-',
    '^',
    '$',
    '\\',
    '[]',
    ']]',
  ],
  ...['&amp;', '&lt;', '&#65;', '&#x4e00;', '<![CDATA[1]]>', '<!-- -->', '<?a b?>', '1<!-- -->2', 'a>b', ']]&gt;'],
  ...['AA==', 'AB==', 'AAA=', 'AAB=', 'AAAA', 'AAA', 'AA A', 'A A = =', 'QUJD\nREVG', '_', '-_', 'http://a.test/b#c'],
  ...['http://测试', '%', '%zz', 'a b://', '#', 'x'.repeat(18), 'x'.repeat(255), '字'.repeat(256), '9'.repeat(19)],
]

test(`no sample with one odd value is certain and not valid (${perSample * 4} of each, seed ${seed})`, () => {
  const random = seeded(seed + 1)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  const all = good().flatMap((sample) => {
    const leaves = [...sample.text.matchAll(/<([\w:.-]+)([^<>/]*)>([^<]*)<\/\1>|\s[\w:.-]+="([^"]*)"/g)]
    if (leaves.length === 0) return []
    return Array.from({ length: perSample * 4 }, () => {
      const leaf = pick(leaves)
      const [whole, name, , value, attribute] = leaf
      const other = pick(odd)
      const put =
        name === undefined
          ? whole.replace(`"${attribute}"`, () => `"${other.replaceAll('"', '')}"`)
          : `${whole.slice(0, whole.length - name.length - 3 - value!.length)}${other}</${name}>`
      return judged(sample, sample.text.slice(0, leaf.index) + put + sample.text.slice(leaf.index + whole.length), put)
    })
  })
  expect(wrong(all, 'one value that is odd')).toEqual([])
})

/** What changes the meaning of bytes near it, and what is no text at all. */
const bytes = [
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '/',
    '=',
    '!',
    '?',
    '-',
    '--',
    '[',
    ']',
    ']]>',
    ':',
    ';',
    '#',
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
  ],
  ...[
    '\0',
    '\x01',
    '\x1f',
    '\x7f',
    'a',
    'Z',
    '0',
    '.',
    '_',
    '测',
    '<!--',
    '-->',
    '<![CDATA[',
    '<?',
    '?>',
    '</',
    '/>',
    '<a>',
  ],
  ...['<a/>', '<!-- a -->', '<!-- -- -->', ' a="1"', ' xmlns="urn:a"', ' xmlns:p="urn:a"', ' xmlns=""', ' p:a="1"'],
  ...[' xsi:nil="true"', ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', ' xml:lang="zh"', 'xmlns:xml="a"'],
].map((text) => Buffer.from(text))
const notUtf8 = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbf, 0xbe], [0xef, 0xbf, 0xbf], [0x80], [0xe6, 0xb5]]
const pieces = [...bytes, ...notUtf8.map((one) => Buffer.from(one)), Buffer.alloc(0)]

test(`no sample with one place changed is certain and not valid (${perSample * 4} of each, seed ${seed})`, () => {
  const random = seeded(seed + 2)
  const upTo = (n: number) => Math.floor(random() * n)
  const all = good().flatMap((sample) => {
    const whole = Buffer.from(sample.text)
    // Half of them near the beginning or the end, where a document says what it is.
    const place = () => {
      const near = upTo(Math.min(300, whole.length))
      return [upTo(whole.length), near, whole.length - 1 - near, upTo(whole.length)][upTo(4)]!
    }
    return Array.from({ length: perSample * 4 }, () => {
      const at = place()
      const piece = pieces[upTo(pieces.length)]!
      const gone = upTo(3)
      const made = Buffer.concat([whole.subarray(0, at), piece, whole.subarray(at + gone)])
      return judged(sample, made, `${at}: ${piece.toString('latin1')} for ${gone}`)
    })
  })
  expect(wrong(all, 'one place changed')).toEqual([])
})

// xml-mutants — a good message made wrong in one way each, as senders' programs make them: a field left out, doubled,
// moved, renamed, emptied, nilled, padded, too long, of another kind, given attributes or text it may not have; and
// bytes that are no XML any more.

export interface Mutant {
  what: string
  text: string
}

const leaf = /<([\w:.-]+)((?:\s[^<>]*)?)>([^<>]*)<\/\1>/g
const broken: [string, (text: string) => string][] = [
  ['an end tag is missing', (t) => t.replace(/<\/[\w:.-]+>(?=[^<]*<\/)/, '')],
  ['it is cut off', (t) => t.slice(0, Math.floor(t.length * 0.7))],
  ['an ampersand is bare', (t) => t.replace(leaf, '<$1$2>A & B</$1>')],
  ['an entity is unknown', (t) => t.replace(leaf, '<$1$2>&nbsp;</$1>')],
  ['an attribute has no quotes', (t) => t.replace(/<([\w:.-]+)>/, '<$1 a=b>')],
  ['an attribute stands twice', (t) => t.replace(/<([\w:.-]+)>/, '<$1 a="1" a="2">')],
  ['a control character', (t) => t.replace(leaf, '<$1$2>\u0001</$1>')],
  ['a prefix nobody declared', (t) => t.replace(leaf, '<zz:$1>1</zz:$1>')],
  ['two roots', (t) => `${t}<more/>`],
  ['text behind the root', (t) => `${t}more`],
  ['a comment without end', (t) => t.replace(/<([\w:.-]+)>/, '<$1><!-- ')],
  ['CDATA without end', (t) => t.replace(leaf, '<$1$2><![CDATA[x</$1>')],
  ['a tag of digits', (t) => t.replace(leaf, '<1$1>x</1$1>')],
  ['a declaration in the middle', (t) => t.replace(leaf, '<?xml version="1.0"?><$1$2>$3</$1>')],
  ['a number of no character', (t) => t.replace(leaf, '<$1$2>&#0;</$1>')],
  ['nothing in it', () => '<?xml version="1.0" encoding="UTF-8"?>\n'],
]

/** @param pick from 0 up to, not including, its argument: which field, each time it is called */
export function mutantsOf(text: string, pick: (below: number) => number): Mutant[] {
  const leaves = [...text.matchAll(leaf)]
  if (leaves.length === 0) return []
  const at = (change: (whole: string, name: string, attributes: string, value: string) => string) => {
    const found = leaves[pick(leaves.length)]!
    const [whole, name, attributes, value] = found as unknown as [string, string, string, string]
    return text.slice(0, found.index) + change(whole, name, attributes, value) + text.slice(found.index + whole.length)
  }
  const value = (make: (old: string) => string) => at((_, name, more, old) => `<${name}${more}>${make(old)}</${name}>`)
  const nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:'
  return [
    { what: 'a field left out', text: at(() => '') },
    { what: 'a field twice', text: at((whole) => whole + whole) },
    { what: 'a field of another name', text: at((_, name, more, old) => `<${name}X${more}>${old}</${name}X>`) },
    { what: 'a strange field', text: at((whole) => `${whole}<Colour>red</Colour>`) },
    { what: 'two fields changed about', text: swapped(text, leaves, pick) },
    { what: 'an empty field', text: value(() => '') },
    { what: 'a blank field', text: value(() => ' ') },
    { what: 'a padded field', text: value((old) => ` ${old} `) },
    { what: 'a field too long', text: value((old) => old + '9'.repeat(5000)) },
    { what: 'letters', text: value(() => '不是数字 x') },
    { what: 'a number with many decimals', text: value(() => '-1.123456789012345') },
    { what: 'a day that does not exist', text: value((old) => old.replace(/^\d{8}/, '20250230')) },
    { what: 'nil', text: at((_, name) => `<${name} ${nil}nil="true"/>`) },
    { what: 'nil with a value', text: at((_, name, __, old) => `<${name} ${nil}nil="true">${old}x</${name}>`) },
    { what: 'nil that is neither', text: at((_, name, __, old) => `<${name} ${nil}nil="maybe">${old}</${name}>`) },
    { what: 'another type', text: at((_, name, __, old) => `<${name} ${nil}type="none">${old}</${name}>`) },
    { what: 'a strange attribute', text: at((_, name, more, old) => `<${name}${more} colour="red">${old}</${name}>`) },
    { what: 'an element in a field', text: value((old) => `${old}<b>1</b>`) },
    { what: 'text between elements', text: at((whole) => `${whole} stray text `) },
    {
      what: 'an attribute too long',
      text: text.replace(/(\s(?!xmlns)[\w]+=")([^"]*)"(?=[^<>]*>[^<])/g, '$1$29999999999999"'),
    },
    {
      what: 'an attribute left out',
      text: text.replace(/(<[\w:.-]+[^<>?]*?)\s(?!xmlns|version|encoding)[\w]+="[^"]*"/, '$1'),
    },
    ...broken.map(([what, change]) => ({ what, text: change(text) })),
  ].filter((one) => one.text !== text)
}

function swapped(text: string, leaves: RegExpMatchArray[], pick: (below: number) => number): string {
  const i = pick(Math.max(1, leaves.length - 1))
  const [a, b] = [leaves[i]!, leaves[i + 1] ?? leaves[i]!]
  if (a === b) return text
  return (
    text.slice(0, a.index) +
    b[0] +
    text.slice(a.index! + a[0].length, b.index) +
    a[0] +
    text.slice(b.index! + b[0].length)
  )
}

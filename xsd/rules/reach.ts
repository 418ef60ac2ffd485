// reach — does a schema have the elements that rules name? A path with a slip in it would never find a fault, and
// nobody would notice.
import { XmlDocument, XmlElement } from 'libxml2-wasm'
import type { DocumentFamily, DocumentType } from '../../messages/document-type.js'
import type { SchemaFiles } from '../schema-files.js'
import { shapeOf } from './compile.js'
import type { Rule, RuleFamily } from './rule.js'
import type { ScanShape } from '../scan.js'

/**
 * @returns a sentence for each rule that names what no schema of its document type has. The times of a family stand in
 *   one rule for all its
 * documents: each of these paths must stand in one of them.
 */
export function unreachable(
  families: readonly RuleFamily[],
  documents: readonly DocumentFamily[],
  schemas: SchemaFiles,
): string[] {
  const types = documents.flatMap((family) => family.documents)
  const books = new Map<string, Book>()
  const bookOf = (file: string) => books.get(file) ?? books.set(file, openBook(schemas, file)).get(file)!
  /** Editions and variants differ: what one of them has may be named. */
  const lacking = (rule: Rule, type: DocumentType): string[] => {
    const shape = shapeOf(type.root, rule)
    const missing = type.schemas.map(({ file }) =>
      missingIn(bookOf(file), shape, bookOf(file).find('element', type.root), ''),
    )
    return (missing[0] ?? []).filter((path) => missing.every((m) => m.includes(path)))
  }
  const typesOf = (rule: Rule) => types.filter(({ id }) => rule.documents.includes(id))
  try {
    return families.flatMap(({ rules }) => {
      const times = new Map<string, boolean>()
      const others = rules.flatMap((rule) => {
        if (!rule.date)
          return typesOf(rule).flatMap((type) =>
            lacking(rule, type).map((path) => `rule ${rule.id} names ${path}, which no schema of ${type.id} has`),
          )
        for (const path of [rule.date.path].flat()) {
          const one: Rule = { ...rule, date: { ...rule.date, path } }
          const name = `rule ${rule.id} names ${path}, which no schema of its documents has`
          times.set(name, (times.get(name) ?? false) || typesOf(rule).some((type) => lacking(one, type).length === 0))
        }
        return []
      })
      return [...others, ...[...times].flatMap(([name, reached]) => (reached ? [] : [name]))]
    })
  } finally {
    for (const book of books.values()) book.close()
  }
}

interface Book {
  find(kind: string, name: string): XmlElement | undefined
  close(): void
}

function openBook(schemas: SchemaFiles, file: string): Book {
  const docs = schemas.closure(file).map((one) => XmlDocument.fromBuffer(schemas.bytes(one)))
  const named = new Map<string, XmlElement>()
  for (const doc of docs)
    for (const node of inside(doc.root)) named.set(`${node.name} ${attribute(node, 'name') ?? ''}`, node)
  return { find: (kind, name) => named.get(`${kind} ${name}`), close: () => docs.forEach((doc) => doc.dispose()) }
}

function missingIn(book: Book, shape: ScanShape, element: XmlElement | undefined, above: string): string[] {
  const path = `${above}/${shape.name}`
  if (!element) return [path]
  const type = attribute(element, 'type')
  const body = [...(type === undefined ? [] : [book.find('complexType', local(type))]), ...inside(element)].filter(
    (n) => n !== undefined,
  )
  return shape.children.flatMap((child) => {
    const found = body
      .map((one) => seek(book, one, child.name.replace('@', ''), child.name.startsWith('@') ? 'attribute' : 'element'))
      .find((one) => one !== undefined)
    return found === 'anything' ? [] : missingIn(book, child, found, path)
  })
}

/** Looks through groups, extensions and choices, not into other elements. */
function seek(
  book: Book,
  node: XmlElement,
  name: string,
  kind: 'element' | 'attribute',
): XmlElement | 'anything' | undefined {
  if (node.name === kind && (attribute(node, 'name') ?? local(attribute(node, 'ref') ?? '')) === name)
    return attribute(node, 'name') === undefined ? book.find(kind, name) : node
  if (node.name === 'any' && kind === 'element') return 'anything'
  if (node.name === 'element' || node.name === 'attribute') return undefined
  const other = attribute(node, 'ref') ?? attribute(node, 'base')
  const beyond =
    other === undefined
      ? undefined
      : book.find(node.name === 'extension' || node.name === 'restriction' ? 'complexType' : node.name, local(other))
  for (const one of [...(beyond ? [beyond] : []), ...inside(node)]) {
    const found = seek(book, one, name, kind)
    if (found !== undefined) return found
  }
  return undefined
}

const attribute = (node: XmlElement, name: string) => node.attrs.find((a) => a.name === name)?.value
const local = (name: string) => name.slice(name.indexOf(':') + 1)

function inside(node: XmlElement): XmlElement[] {
  const all: XmlElement[] = []
  for (let child = node.firstChild; child; child = child.next) if (child instanceof XmlElement) all.push(child)
  return all
}

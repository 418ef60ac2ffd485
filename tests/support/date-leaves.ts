// date-leaves — which fields of a document are days or times, as its schema names and describes them and as its samples
// fill them in.
import { XmlDocument, XmlElement } from 'libxml2-wasm'
import type { DocumentType } from '../../messages/document-type.js'
import { readModel, type Declared, type Particle } from '../../xsd/explain/model.js'
import type { RuleFamily } from '../../xsd/rules/rule.js'
import type { SchemaFiles } from '../../xsd/schema-files.js'
import { sample } from './hub.js'

const saysDate = /date|time|(^|[a-z_])(d|D)t$|[a-z](Day|Tm)$|_(DT|TM|DAY)$/i
const describedAsDate = /日期|时间|时刻|年月日|yyyy/i
const looksLikeDate =
  /^(19|20)\d\d-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])([T ]?([01]\d|2[0-3]):?[0-5]\d(:?[0-5]\d)?\d{0,3}(086|Z|[+-]\d\d:?\d\d)?)?$/

/** Paths below the root, `A/B`, of every field a schema says is a day or a time. */
export function datesOfSchemas(type: DocumentType, schemas: SchemaFiles): Set<string> {
  const found = new Set<string>()
  for (const { file } of type.schemas) {
    const dates = describedDates(schemas, file)
    const visit = (one: Declared, path: string[], above: readonly string[]): void => {
      const content = one.content()
      // A block may hold one of its own kind.
      if (content.kind === 'complex' && above.filter((name) => name === one.name).length < 2)
        for (const child of elementsOf(content.particle)) visit(child, [...path, child.name], [...above, one.name])
      if (content.kind === 'simple' && (saysDate.test(one.name) || dates.has(one.name))) found.add(path.join('/'))
    }
    const root = readModel(schemas, file).root(type.root)
    if (root) visit(root, [], [])
  }
  return found
}

/** The same of every field a sample fills in with what is a day or a time. */
export function datesOfSamples(type: DocumentType): Set<string> {
  const found = new Set<string>()
  for (const file of type.samples)
    for (const { path, value } of leavesOf(sample(file))) if (looksLikeDate.test(value)) found.add(path)
  return found
}

/** Every field with text of its own, with its path below the root. */
export function leavesOf(bytes: Uint8Array): { path: string; value: string; line: number }[] {
  const doc = XmlDocument.fromBuffer(bytes)
  try {
    const found: { path: string; value: string; line: number }[] = []
    const visit = (node: XmlElement, path: string[]): void => {
      let leaf = true
      for (let child = node.firstChild; child; child = child.next)
        if (child instanceof XmlElement) {
          leaf = false
          visit(child, [...path, child.name])
        }
      if (leaf) found.push({ path: path.join('/'), value: node.content.trim(), line: node.line })
    }
    visit(doc.root, [])
    return found
  } finally {
    doc.dispose()
  }
}

/** Paths that a rule of the kind `date` holds to its forms. */
export function datesRuled(type: DocumentType, rules: readonly RuleFamily[]): Set<string> {
  return new Set(
    rules
      .flatMap((family) => family.rules)
      .filter((rule) => rule.date && rule.documents.includes(type.id))
      .flatMap((rule) =>
        [rule.date!.path].flat().map((path) => (rule.for === undefined ? path : `${rule.for}/${path}`)),
      ),
  )
}

const elementsOf = (particle: Particle): Declared[] =>
  particle.kind === 'any'
    ? []
    : particle.kind === 'element'
      ? [particle.declared]
      : particle.parts.flatMap((part) => elementsOf(part))

const described = new Map<string, string[]>()

/** The names of elements that a schema, or one it includes, describes as a day or a time. */
function describedDates(schemas: SchemaFiles, file: string): Set<string> {
  return new Set(
    schemas.closure(file).flatMap((one) => {
      const known = described.get(one) ?? describedIn(schemas.bytes(one))
      described.set(one, known)
      return known
    }),
  )
}

function describedIn(schema: Uint8Array): string[] {
  const doc = XmlDocument.fromBuffer(schema)
  try {
    return doc.find('//*[local-name()="element"][@name]/*[local-name()="annotation"]').flatMap((node) => {
      const name = node instanceof XmlElement ? node.parent?.attr('name')?.value : undefined
      return name !== undefined && describedAsDate.test((node as XmlElement).content) ? [name] : []
    })
  } finally {
    doc.dispose()
  }
}

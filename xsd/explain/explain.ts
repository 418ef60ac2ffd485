// explain — what libxml2 found wrong with a document, as faults its sender can act on. libxml2 says whether a document
// is valid; where it says that the content of an element is wrong, the schema is read for all that is wrong there, and
// for the words of a type.
import { XmlElement, type XmlDocument, type XmlValidateError } from 'libxml2-wasm'
import type { Fault } from '../../messages/fault.js'
import { limited } from '../../messages/fault-limit.js'
import { missing, readMessage, repeats, toFault, type ExplainedFault } from './faults.js'
import type { SchemaFiles } from '../schema-files.js'
import { readModel, type Model } from './model.js'
import { declarationOf, explainContent } from './structure.js'
import { describe } from './value.js'

/** Models kept in a thread; those of EDIFACT messages are large. */
const modelsKept = 40

/** At most `faultLimit` faults a document, in the order of their lines, and one more that says it has others. */
export function createExplain(schemas: Pick<SchemaFiles, 'bytes' | 'closure'>, faultLimit: number) {
  const models = new Map<string, Model>()

  function modelOf(file: string): Model {
    const known = models.get(file)
    if (known) return known
    if (models.size >= modelsKept) models.delete(models.keys().next().value!)
    const made = readModel(schemas, file)
    models.set(file, made)
    return made
  }

  return function explain(doc: XmlDocument, file: string, details: XmlValidateError['details']): Fault[] {
    const rootOf = () => modelOf(file).root(doc.root.name)
    const found = new Map<string, Fault>()
    const explained = new Set<string>()
    const full = () => found.size > faultLimit
    const add = (read: { element: string; reading: ExplainedFault }, path: string, line: number) => {
      const one = toFault(read, path, line)
      const key = `${one.code} ${one.path} ${one.code === 'HUB_XSD_ELEMENT_MISSING' ? one.rule : ''}`
      if (!found.has(key)) found.set(key, one)
    }
    /** All that is wrong below an element; false when the schema model finds nothing wrong with its content. */
    const addContent = (element: XmlElement, path: string): boolean => {
      if (explained.has(path)) return true
      const declared = declarationOf(rootOf(), element)
      if (!declared) return false
      const told = explainContent(element, declared, faultLimit)
      if (!told.some(({ structural }) => structural)) return false
      explained.add(path)
      for (const { node, reading } of told) {
        if (full()) break
        add({ element: node.name, reading }, pathOf(node), node.line)
      }
      return true
    }

    let previous: { xpath: string | undefined; reading: ExplainedFault } | undefined
    for (const { message, xpath, line } of details) {
      if (full()) break
      const read = readMessage(message)
      if (repeats(previous, xpath, read.reading)) continue
      previous = { xpath, reading: read.reading }
      const node = elementAt(doc, xpath)
      const { reading } = read
      const elsewhere =
        node && reading.code === 'HUB_XSD_ELEMENT_UNEXPECTED' ? inOtherNamespace(node, message) : undefined
      if (elsewhere) {
        add({ ...read, reading: elsewhere }, pathOf(node), line)
        continue
      }
      if (node && (reading.code === 'HUB_XSD_ELEMENT_MISSING' || reading.code === 'HUB_XSD_ELEMENT_UNEXPECTED')) {
        const parent = reading.code === 'HUB_XSD_ELEMENT_MISSING' ? node : node.parent
        if (parent && addContent(parent, pathOf(parent))) continue
      }
      if (node && reading.key !== undefined) {
        const required = declarationOf(rootOf(), node)?.required ?? []
        const absent = required.filter((child) => !node.get(`*[local-name()="${child}"]`))
        // libxml2 says so of a field whose value is wrong, too; that is told already.
        for (const child of absent) add(missing(node.name, child), pathOf(node), line)
        if (required.length > 0) continue
      }
      add({ ...read, reading: inWords(reading, node, file, rootOf) }, pathOf(node), line)
    }
    const faults = [...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    return limited(faults, faultLimit)
  }

  /** The type by what it asks for, the length with the value that has it. */
  function inWords(
    reading: ExplainedFault,
    node: XmlElement | null,
    file: string,
    rootOf: () => ReturnType<Model['root']>,
  ): ExplainedFault {
    if (reading.code === 'HUB_XSD_LENGTH' && reading.value === undefined && node && reading.attribute === undefined) {
      const value = node.content.slice(0, 200)
      return value === '' ? reading : { ...reading, value }
    }
    if (reading.type === undefined) return reading
    const declared = reading.attribute === undefined && node ? declarationOf(rootOf(), node)?.content() : undefined
    const type = declared?.kind === 'simple' ? declared.type : modelOf(file).type(reading.type)
    if (!type) return reading
    const { zh, en } = describe(type)
    return { ...reading, values: { ...reading.values, zh, en }, rule: `type=${en}` }
  }
}

/** A right name in a wrong namespace: libxml2 says which names it expects, and in which namespaces. */
function inOtherNamespace(node: XmlElement, message: string): ExplainedFault | undefined {
  const expected = /Expected is (?:one of )?\((.*)\)/s.exec(message)?.[1] ?? ''
  const same = expected
    .split(',')
    .flatMap((one) => [/^(?:\{([^}]*)\})?([^{}]+)$/.exec(one.trim())])
    .filter((one) => one?.[2] === node.name)
    .map((one) => one![1] ?? '')
  const found = node.namespaceUri
  if (same.length === 0 || same.includes(found)) return undefined
  const wanted = same.map((one) => one || '""').join(' | ')
  return {
    code: 'HUB_XSD_ELEMENT_UNEXPECTED',
    values: {
      zh: `其命名空间应为 ${wanted}，实际为 ${found || '""'}`,
      en: `it must be in namespace ${wanted}, not ${found || '""'}`,
    },
    rule: `namespace=${same.join('|')}`,
  }
}

/**
 * libxml2's path names no namespaced element; this one names all, with a position only where there is more than one of
 * the name.
 */
export function pathOf(from: XmlElement | null): string {
  let path = ''
  for (let node = from; node; node = node.parent ?? null) {
    const same = `*[name()="${node.prefix ? `${node.prefix}:` : ''}${node.name}"]`
    const before = Number(node.eval(`count(preceding-sibling::${same})`))
    const position = before > 0 || node.eval(`boolean(following-sibling::${same})`) ? `[${before + 1}]` : ''
    path = `/${node.name}${position}${path}`
  }
  return path
}

/** The element libxml2 speaks of, or that of the attribute it speaks of. */
function elementAt(doc: XmlDocument, xpath: string | undefined): XmlElement | null {
  if (xpath === undefined) return null
  // Where the message uses prefixes, libxml2's path does too, and would have to be told what they mean.
  const found = doc.get(xpath.replace(/\/([^/:@[\]]+:[^/[\]]+)/g, '/*[name()="$1"]'))
  return found instanceof XmlElement ? found : (found?.parent ?? null)
}

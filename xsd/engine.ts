// engine — one look at one message: decode, parse, identify, read facts and keys, check. Runs inside a worker thread; parses once;
// frees everything it makes. Schemas are compiled when first used, once a thread.
import { ParseOption, XmlDocument, XmlElement, XmlParseError, XmlValidateError, XmlXPath, XsdValidator } from 'libxml2-wasm'
import { decodeXml } from '../messages/charset.js'
import type { Facts } from '../messages/condition.js'
import type { DocumentFamily, DocumentType } from '../messages/document-type.js'
import type { Envelope } from '../messages/envelope.js'
import { fault } from '../messages/errors.js'
import type { Fault } from '../messages/fault.js'
import { identify, indexDocuments, type PlacedType } from '../messages/identify.js'
import type { Inspection, Key } from '../messages/inspection.js'
import { detectSyntax } from '../messages/syntax.js'
import { readMessage, repeats, toFault, type Reading } from './faults.js'
import { hasDoctype } from './prolog.js'
import { compileRules, type Judge } from './ruling/compile.js'
import type { RuleFamily } from './ruling/rule.js'
import { registerSchemaFiles, type SchemaFiles } from './schema-files.js'

export interface EngineParts {
  documents: DocumentFamily[]
  schemas: SchemaFiles
  rules: RuleFamily[]
  /** Most faults listed for one message. */
  faultLimit: number
  today?: () => string
}

const keyLimit = 200
/** Stands in no XML document: U+E000, a private character nobody files declarations in. */
const separator = '\ue000'
const xinclude = 'http://www.w3.org/2001/XInclude'

interface Paths {
  names: string[]
  all: XmlXPath | undefined
  keys: [string, XmlXPath][]
}

export function createEngine({ documents, schemas, rules, faultLimit, today = () => new Date().toISOString().slice(0, 10) }: EngineParts) {
  registerSchemaFiles(schemas)
  const index = indexDocuments(documents)
  const envelopes = documents.flatMap((family) => family.envelopes ?? [])
  const validators = new Map<string, XsdValidator>()
  const paths = new Map<PlacedType, Paths>()
  const questions = new Map<string, XmlXPath>()
  const allRules = rules.flatMap((family) => family.rules)
  const judges = new Map<DocumentType, Judge | undefined>()

  function validator(file: string): XsdValidator {
    let found = validators.get(file)
    if (!found) {
      const schema = XmlDocument.fromBuffer(schemas.bytes(file), { url: schemas.url(file) })
      try {
        validators.set(file, (found = XsdValidator.fromDoc(schema)))
      } finally {
        schema.dispose()
      }
    }
    return found
  }

  function pathsOf(type: PlacedType) {
    let found = paths.get(type)
    if (!found) {
      const namespaces = type.namespace === '' ? {} : { d: type.namespace }
      const names = Object.keys(type.facts)
      // One expression for all facts: crossing into wasm costs more than what it does there.
      const all = names.length === 0 ? undefined : XmlXPath.compile(`concat(${[...Object.values(type.facts).map((path) => `string(${toXPath(type, path, '[1]')}),'${separator}'`), "''"].join(',')})`, namespaces)
      const keys = Object.entries(type.keys).map(([name, path]): [string, XmlXPath] => [name, XmlXPath.compile(toXPath(type, path), namespaces)])
      paths.set(type, (found = { names, all, keys }))
    }
    return found
  }

  function inspect(bytes: Uint8Array, inside = false): Inspection {
    const syntax = detectSyntax(bytes)
    if (syntax === 'empty') return { faults: [fault('HUB_EMPTY')] }
    if (syntax !== 'xml') return { faults: [fault('HUB_SYNTAX_UNKNOWN')] }
    const decoded = decodeXml(bytes)
    if ('fault' in decoded) return { faults: [fault('HUB_ENCODING', { value: decoded.encoding })] }
    const { utf8 } = decoded
    if (hasDoctype(utf8)) return { faults: [fault('HUB_XML_DOCTYPE')] }
    let doc: XmlDocument
    try {
      const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_BIG_LINES
      doc = XmlDocument.fromBuffer(utf8, { option: decoded.asDeclared ? option : option | ParseOption.XML_PARSE_IGNORE_ENC })
    } catch (error) {
      return { faults: [parseFault(error, decoded.encoding)] }
    }
    try {
      const envelope = inside ? undefined : envelopeOf(doc)
      return envelope ? opened(doc, envelope) : look(doc, utf8)
    } finally {
      doc.dispose()
    }
  }

  function envelopeOf(doc: XmlDocument): Envelope | undefined {
    return envelopes.find(({ root, namespace }) => root === doc.root.name && namespace === doc.root.namespaceUri)
  }

  /** The envelope by its own XSD, then the message inside as if it had come alone; faults are told at their place in the whole. */
  function opened(doc: XmlDocument, envelope: Envelope): Inspection {
    const root = { name: doc.root.name, namespace: doc.root.namespaceUri }
    const faults = validate(doc, envelope.schema)
    if (faults.length > 0) return { root, envelope: envelope.id, faults }
    const place = `/${envelope.root}/${envelope.inner}`
    const node = doc.get(`/*/${envelope.inner.split('/').map((name) => `*[local-name()="${name}"]`).join('/')}`)
    if (!(node instanceof XmlElement)) return { root, envelope: envelope.id, faults: [fault('HUB_XSD_ELEMENT_MISSING', { element: envelope.root, expected: envelope.inner }, { path: `/${envelope.root}`, rule: 'required' })] }
    // Canonical form carries along the namespaces that were declared further out.
    const bytes = envelope.holds === 'base64' ? Buffer.from(node.content, 'base64') : Buffer.from(node.canonicalizeToString())
    const inner = inspect(bytes, true)
    const keys = Object.entries(envelope.keys ?? {}).map(([name, path]): Key => ({ name, value: valueOf(doc, envelope, path).trim() })).filter(({ value }) => value !== '' && value.length <= 200)
    const within = envelope.holds === 'base64' ? place : place.slice(0, place.lastIndexOf('/'))
    return {
      ...inner,
      root,
      envelope: envelope.id,
      ...(inner.document ? { document: { ...inner.document, keys: inner.faults.length === 0 ? [...keys, ...inner.document.keys] : [] } } : {}),
      faults: inner.faults.map((f) => ({ ...f, path: `${within}${f.path ?? ''}`, ...(f.line === undefined || envelope.holds === 'base64' ? {} : { line: f.line + node.line - 1 }) })),
    }
  }

  function look(doc: XmlDocument, utf8: Uint8Array): Inspection {
    const root = { name: doc.root.name, namespace: doc.root.namespaceUri }
    if (Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).includes(xinclude) && doc.get('//*[namespace-uri()="http://www.w3.org/2001/XInclude"]')) return { root, faults: [fault('HUB_XML_DOCTYPE')] }
    const identified = identify(index, root, { value: (type, path) => valueOf(doc, type, path), facts: (type) => factsOf(doc, type) }, today())
    if ('fault' in identified) return { root, faults: [identified.fault] }
    const { known, facts, schema } = identified
    const { type } = known
    const faults = validate(doc, schema.file)
    // Only of what has its form: the rules would repeat what the XSD has said, and rely on what it has made sure of.
    if (faults.length === 0) faults.push(...ruled(type, utf8))
    const reference = type.reference === undefined ? undefined : facts[type.reference]?.trim()
    if (type.reference !== undefined && !reference && faults.length === 0) faults.push(fault('HUB_REFERENCE_MISSING', { path: `/${type.root}/${type.facts[type.reference]}` }, { path: `/${type.root}/${type.facts[type.reference]}`, rule: 'required' }))
    const identity = joined(type.identity ?? (type.reference === undefined ? [] : [type.reference]), facts)
    const order = joined(type.order ?? [], facts)
    return {
      root,
      document: {
        type: type.id, family: known.family, facts, schema: { file: schema.file, version: schema.version },
        keys: faults.length === 0 ? keysOf(doc, type) : [],
        ...(reference ? { reference } : {}), ...(identity === undefined ? {} : { identity }), ...(order === undefined ? {} : { order }),
      },
      faults,
    }
  }

  function ruled(type: DocumentType, utf8: Uint8Array): Fault[] {
    if (!judges.has(type)) judges.set(type, compileRules(type, allRules))
    const faults = judges.get(type)?.(utf8, faultLimit) ?? []
    return faults.length > faultLimit ? [...faults.slice(0, faultLimit), fault('HUB_FAULT_LIMIT', { limit: faultLimit })] : faults
  }

  /** One value, asked for before it is known which of several types it is. */
  function valueOf(doc: XmlDocument, type: Pick<PlacedType, 'root' | 'namespace'>, path: string): string {
    const xpath = `string(${toXPath(type, path, '[1]')})`
    const key = `${type.namespace} ${xpath}`
    let question = questions.get(key)
    if (!question) questions.set(key, (question = XmlXPath.compile(xpath, type.namespace === '' ? {} : { d: type.namespace })))
    return (doc.eval(question) as string).slice(0, 500)
  }

  function factsOf(doc: XmlDocument, type: PlacedType): Facts {
    const { names, all } = pathsOf(type)
    const values = all ? (doc.eval(all) as string).split(separator) : []
    return Object.fromEntries(names.map((name, i) => [name, values[i]!.slice(0, 500)]))
  }

  function keysOf(doc: XmlDocument, type: PlacedType): Key[] {
    return pathsOf(type).keys.flatMap(([name, path]) => {
      const values = new Set<string>()
      for (const node of doc.find(path)) {
        const value = node.content.trim()
        if (value !== '' && value.length <= 200) values.add(value)
        if (values.size === keyLimit) break
      }
      return [...values].map((value) => ({ name, value }))
    })
  }

  function validate(doc: XmlDocument, file: string): Fault[] {
    try {
      validator(file).validate(doc)
      return []
    } catch (error) {
      if (!(error instanceof XmlValidateError)) throw error
      const faults: Fault[] = []
      let previous: { xpath: string | undefined; reading: Reading } | undefined
      for (const { message, xpath, line } of error.details) {
        const read = readMessage(message)
        if (repeats(previous, xpath, read.reading)) continue
        if (faults.length === faultLimit) return [...faults, fault('HUB_FAULT_LIMIT', { limit: faultLimit })]
        faults.push(toFault(read, namedPath(doc, xpath), line))
        previous = { xpath, reading: read.reading }
      }
      return faults.length > 0 ? faults : [fault('HUB_XSD_CONTENT', { element: doc.root.name, detail: error.message })]
    }
  }

  /** Compiles one schema; for `hub schema check`. @throws what libxml2 says of it */
  return { inspect: (bytes: Uint8Array) => inspect(bytes), compile: (file: string) => void validator(file) }
}

/**
 * `Head/MessageID` → `/d:Manifest/d:Head/d:MessageID`; `@guid` is the root's own attribute. With `which` only the first of each
 * repeated element is looked at: three times as fast, and what a fact means.
 */
function toXPath(type: Pick<PlacedType, 'root' | 'namespace'>, path: string, which: '' | '[1]' = ''): string {
  const prefix = type.namespace === '' ? '' : 'd:'
  const steps = path.split('/').map((step) => {
    const [element, attribute] = step.split('@')
    return [...(element === '' ? [] : [prefix + element + which]), ...(attribute === undefined ? [] : [`@${attribute}`])].join('/')
  })
  return `/${prefix}${type.root}/${steps.join('/')}`
}

function joined(names: string[], facts: Facts): string | undefined {
  const values = names.map((name) => (facts[name] ?? '').trim())
  return values.some((v) => v !== '') ? values.join('|') : undefined
}

/** libxml2's path names no namespaced element; this one names all, with a position only where there is more than one of the name. */
function namedPath(doc: XmlDocument, xpath: string | undefined): string {
  if (xpath === undefined) return ''
  // Where the message uses prefixes, libxml2's path does too, and would have to be told what they mean.
  const found = doc.get(xpath.replace(/\/([^/:@[\]]+:[^/[\]]+)/g, '/*[name()="$1"]'))
  let path = ''
  for (let node = found instanceof XmlElement ? found : found?.parent; node; node = node.parent ?? null) {
    const same = `*[name()="${node.prefix ? `${node.prefix}:` : ''}${node.name}"]`
    const before = Number(node.eval(`count(preceding-sibling::${same})`))
    const position = before > 0 || node.eval(`boolean(following-sibling::${same})`) ? `[${before + 1}]` : ''
    path = `/${node.name}${position}${path}`
  }
  return path
}

function parseFault(error: unknown, encoding: string): Fault {
  if (!(error instanceof XmlParseError)) throw error
  const first = error.details[0]
  const detail = (first?.message ?? error.message).trim()
  const at = { ...(first && first.line > 0 ? { line: first.line } : {}), ...(first && first.col > 0 ? { column: first.col } : {}) }
  if (error.details.some((d) => /Excessive depth|maximum depth/i.test(d.message))) return fault('HUB_TOO_DEEP', { limit: 256 }, at)
  if (error.details.some((d) => /not proper UTF-8|encoding error|Unsupported encoding|Invalid bytes|conv(erter|ersion) error/i.test(d.message))) return fault('HUB_ENCODING', { value: encoding }, at)
  return fault('HUB_XML_NOT_WELL_FORMED', { detail }, { ...at, rule: 'well-formed' })
}

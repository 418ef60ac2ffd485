// engine — one look at one message: decode, parse, identify, read facts and keys, check. Runs inside a worker thread;
// parses once; frees everything it makes. libxml2 parses and checks against the XSD; facts, keys and rules come from
// one scan of the same bytes. Schemas are compiled when first used, once a thread.
import { ParseOption, XmlDocument, XmlElement, XmlParseError, XmlValidateError } from 'libxml2-wasm'
import { decodeXml } from '../messages/charset.js'
import { encodingFault } from '../messages/encoding-fault.js'
import { meets, type Facts } from '../messages/condition.js'
import { orderFact, orderValue, type DocumentFamily } from '../messages/document-type.js'
import { bytesInside, type Envelope } from '../messages/envelope.js'
import { fault } from '../messages/errors.js'
import { isWarning, type Fault } from '../messages/fault.js'
import { identify, indexDocuments, saidType } from '../messages/identify.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { Inspection, OpenQuestion, ReadingOptions as Wished } from '../messages/inspection.js'
import { readReply } from '../messages/reply.js'
import { chinaTime } from '../messages/china-time.js'
import { detectSyntax } from '../messages/syntax.js'
import { createEdifact } from './edifact.js'
import { edifactSchema } from './edi-tables.js'
import { factName } from './form/document.js'
import { formSchema } from './form-store/files.js'
import { fromJson } from './form/from-json.js'
import { storedForm, type FormSource } from './form-store/stored.js'
import { readFlatTables } from './flat-tables.js'
import { createFlatfile } from './flatfile.js'
import { createIntoEdifact } from './into-edifact.js'
import { innerElement } from './inner-element.js'
import { createMappedInspection } from './mapped-message.js'
import { createCertain } from './certain/certain.js'
import { createCounterChecks } from './certain/counter-checks.js'
import { rootOf } from './certain/root.js'
import { createExplain } from './explain/explain.js'
import { parseFault } from './explain/parse-fault.js'
import { createReadingPlans } from './reading-plan.js'
import { hasDoctype } from './prolog.js'
import type { RuleFamily } from './rules/rule.js'
import { registerSchemaFiles } from './registered-schemas.js'
import type { SchemaFiles } from './schema-files.js'
import { createValidators } from './validators.js'
import { limited } from '../messages/fault-limit.js'

/** Short texts stand in their node: a tree that is only read needs no memory of its own for each. */
const parsing = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_BIG_LINES | ParseOption.XML_PARSE_COMPACT

/** What a thread is given at its start, by worker.ts. */
interface EngineParts {
  documents: DocumentFamily[]
  /** From EDI to the XML that agencies take. Default: none. */
  mappings?: readonly Mapping[]
  schemas: SchemaFiles
  rules: RuleFamily[]
  /** Most faults listed for one message. */
  faultLimit: number
  today?: () => string
  /** A form by its document. Default: those of the build. */
  forms?: FormSource
  /** Folder of the record tables of flat files. Default: the one in the repository. */
  flatTables?: string
  /**
   * Told of a schema by which a message was held to be certainly valid, and libxml2 refused it. Default: nobody.
   * @see [startChecking](../hub/boot/checking.ts)
   */
  disputed?: (schema: string) => void
}

/** @param asDeclared its declaration names the encoding it is in */
const parsed = (utf8: Uint8Array, asDeclared: boolean) =>
  XmlDocument.fromBuffer(utf8, { option: asDeclared ? parsing : parsing | ParseOption.XML_PARSE_IGNORE_ENC })

interface Root {
  name: string
  namespace: string
}
const rootIn = ({ root }: XmlDocument): Root => ({ name: root.name, namespace: root.namespaceUri })

const includes = ({ buffer, byteOffset, byteLength }: Uint8Array, text: string) =>
  Buffer.from(buffer, byteOffset, byteLength).includes(text)

/** Answers are short; looking for one in what is longer costs more than its name is worth. */
const longestAnswerBytes = 4 * 1024 * 1024

const xinclude = 'http://www.w3.org/2001/XInclude'

/**
 * `inspect` gives what one message is and what is wrong with it, and throws only for a fault of the hub (a schema that
 * does not compile). It is synchronous: run it in a thread, as `createChecker` does.
 */
export function createEngine({
  documents,
  mappings = [],
  schemas,
  rules,
  faultLimit,
  today = isoDay,
  flatTables,
  forms = storedForm,
  disputed = () => {},
}: EngineParts) {
  /** A schema that no file holds. */
  const made = (file: string) => edifactSchema(file) ?? formSchema(file, forms)
  registerSchemaFiles(schemas)
  const index = indexDocuments(documents)
  const envelopes = documents.flatMap((family) => family.envelopes ?? [])
  const receiptTypes = documents.flatMap((family) => family.receipts)
  const { readMessage, readEnvelope } = createReadingPlans(documents, rules, forms)
  const validator = createValidators({ made, schemas })
  const certain = createCertain((file) => made(file) ?? schemas.bytes(file))
  const counterChecks = createCounterChecks()
  /** By root and namespace, the schema that the last message with it was valid by. */
  const lastSchemas = new Map<string, string>()
  const explain = createExplain(
    {
      bytes: (file) => made(file) ?? schemas.bytes(file),
      closure: (file) => (made(file) ? [file] : schemas.closure(file)),
    },
    faultLimit,
  )
  const inspectXml = (xml: Uint8Array) => inspect(xml, {}, true)
  const mappedBy = (asked: boolean) =>
    createMappedInspection({
      mappings: mappings.filter((one) => (one.asked ?? false) === asked),
      faultLimit,
      inspectXml,
    })
  const mapped = mappedBy(false)
  const edifact = createEdifact({ documents, faultLimit, today, validate: validateMade, mapped })
  const edifactAsXml = createEdifact({ documents, faultLimit, today, validate: validateMade, mapped: mappedBy(true) })
  const finished = createEdifact({ documents, faultLimit, today, validate: validateMade, mapped: () => undefined })
  const intoEdifact = createIntoEdifact({
    mappings,
    envelopes,
    faultLimit,
    inspectEdifact: (bytes, charset) => finished(bytes, charset === undefined ? {} : { charset }),
  })
  const flatfile = createFlatfile({
    documents,
    faultLimit,
    today,
    validate: validateMade,
    tables: () => readFlatTables(flatTables),
    mapped,
  })

  function inspect(bytes: Uint8Array, wished: Wished = {}, inside = false): Inspection {
    if (wished.into && !inside) return intoEdifact(bytes, wished.into)
    const syntax = detectSyntax(bytes)
    if (syntax === 'empty') return { faults: [fault('HUB_EMPTY')] }
    if (syntax === 'edifact' && !inside) return (wished.asXml ? edifactAsXml : edifact)(bytes, wished.edifact)
    if (syntax === 'flatfile' && !inside) return flatfile(bytes)
    if (syntax === 'json' && !inside) return lookAtJson(bytes)
    if (syntax !== 'xml') return { faults: [fault('HUB_SYNTAX_UNKNOWN')] }
    const decoded = decodeXml(bytes)
    if ('fault' in decoded) return { faults: [encodingFault(decoded)] }
    const { utf8 } = decoded
    if (hasDoctype(utf8)) return { faults: [fault('HUB_XML_DOCTYPE')] }
    const found = certainly(utf8, decoded.asDeclared, wished, inside)
    if (found) return found
    let doc: XmlDocument
    try {
      doc = parsed(utf8, decoded.asDeclared)
    } catch (error) {
      return { faults: [parseFault(error, decoded.encoding, utf8)] }
    }
    try {
      const envelope = inside ? undefined : envelopeOf(rootIn(doc))
      return envelope ? opened(doc, utf8, envelope) : look(doc, utf8, wished)
    } finally {
      doc.dispose()
    }
  }

  /** Of documents of ours: the XML made of it is checked and sent on; faults are told where they are in the JSON. */
  function lookAtJson(bytes: Uint8Array): Inspection {
    const { xml, faults, back } = fromJson(bytes, (document) => forms(document)?.form, faultLimit)
    if (!xml) return { faults }
    const { warnings, questions, ...seen } = inspect(xml, {}, true)
    return {
      ...seen,
      ...(warnings ? { warnings: warnings.map(back) } : {}),
      ...(questions ? { questions: questions.map((one) => ({ ...one, fault: back(one.fault) })) } : {}),
      faults: seen.faults.map(back),
      derived: { bytes: xml, mapping: 'json' },
    }
  }

  function envelopeOf({ name, namespace }: Root): Envelope | undefined {
    return envelopes.find((one) => one.root === name && one.namespace === namespace)
  }

  /**
   * Of a message that is certainly valid, all that is found in it: most are, and need no libxml2. Undefined: it has the
   * say.
   */
  function certainly(utf8: Uint8Array, asDeclared: boolean, wished: Wished, inside: boolean): Inspection | undefined {
    const root = rootOf(utf8)
    if (!root || (!inside && envelopeOf(root)) || includes(utf8, xinclude)) return undefined
    const key = `${root.namespace} ${root.name}`
    const guess = lastSchemas.get(key)
    const guessed = guess !== undefined && certain.valid(guess, utf8, asDeclared)
    // Nothing is read from bytes of which it is not known that they are well-formed.
    if (!guessed && !certain.wellFormed(utf8, asDeclared)) return undefined
    const known = identified(root, utf8)
    if ('fault' in known) return undefined
    const { file } = known.schema
    if (!(guessed && guess === file) && !certain.valid(file, utf8, asDeclared)) return undefined
    lastSchemas.set(key, file)
    return isConfirmed(file, utf8, asDeclared) ? described(root, known, [], wished) : undefined
  }

  /**
   * Now and then libxml2 is asked about what is certain, too. Should it refuse that, its verdict counts, and nothing by
   * this schema is certain any more.
   */
  function isConfirmed(file: string, utf8: Uint8Array, asDeclared: boolean): boolean {
    if (!counterChecks.isDue(file)) return true
    try {
      if (validateText(utf8, file, asDeclared).length === 0) return true
    } catch (error) {
      if (!(error instanceof XmlParseError)) throw error
    }
    certain.distrust(file)
    disputed(file)
    return false
  }

  /**
   * The envelope by its own XSD, then the message inside as if it had come alone; faults are told at their place in the
   * whole.
   */
  function opened(doc: XmlDocument, utf8: Uint8Array, envelope: Envelope): Inspection {
    const root = rootIn(doc)
    const faults = validate(doc, envelope.schema)
    if (faults.length > 0) return { root, envelope: envelope.id, faults }
    const place = `/${envelope.root}/${envelope.inner}`
    const node = innerElement(doc, envelope)
    if (!node)
      return {
        root,
        envelope: envelope.id,
        faults: [
          fault(
            'HUB_XSD_ELEMENT_MISSING',
            { element: envelope.root, expected: envelope.inner },
            { path: `/${envelope.root}`, rule: 'required' },
          ),
        ],
      }
    // Canonical form carries along the namespaces that were declared further out.
    const bytes = envelope.holds === 'base64' ? bytesInside(node.content) : Buffer.from(standsAlone(node))
    const inner = inspect(bytes, {}, true)
    const keys = readEnvelope(envelope, utf8)
    const within = envelope.holds === 'base64' ? place : place.slice(0, place.lastIndexOf('/'))
    return {
      ...inner,
      root,
      envelope: envelope.id,
      ...(inner.document
        ? {
            document: {
              ...inner.document,
              keys: signatureAside(inner.faults) ? [...keys, ...inner.document.keys] : [],
            },
          }
        : {}),
      faults: inner.faults.map((f) => ({
        ...f,
        path: `${within}${f.path ?? ''}`,
        ...(f.line === undefined || envelope.holds === 'base64' ? {} : { line: f.line + node.line - 1 }),
      })),
    }
  }

  /** A message inside an envelope may leave out its namespace; it is in that of the type it says it is. */
  function standsAlone(node: XmlElement): string {
    const text = node.canonicalizeToString()
    if (node.namespaceUri !== '') return text
    const named = (path: string) => path.split('/').map((name) => `*[local-name()="${name}"]`)
    const said = saidType(
      documents.flatMap((family) => family.documents).filter(({ root }) => root === node.name),
      (path) => node.get(named(path).join('/'))?.content ?? '',
    )
    return said && said.namespace !== ''
      ? text.replace(`<${node.name}`, `<${node.name} xmlns="${said.namespace}"`)
      : text
  }

  /** What is no document to file may be an answer; whoever sends one is told so by its name. */
  function answerFault(utf8: Uint8Array, root: string): Fault | undefined {
    if (utf8.length > longestAnswerBytes || !receiptTypes.some((type) => type.root === root)) return undefined
    // Already UTF-8, whatever its declaration says.
    const text = Buffer.from(utf8)
      .toString()
      .replace(/^\s*<\?xml[\s\S]*?\?>/, '')
    const found = readReply(Buffer.from(text), receiptTypes)?.receiptType
    return (
      found &&
      fault(
        'HUB_DOCUMENT_RECEIPT',
        { receipt: found.id, zh: found.title.zh, en: found.title.en },
        { path: `/${root}`, line: 1, rule: 'receipt' },
      )
    )
  }

  function look(doc: XmlDocument, utf8: Uint8Array, wished: Wished): Inspection {
    const root = rootIn(doc)
    if (includes(utf8, xinclude) && doc.get('//*[namespace-uri()="http://www.w3.org/2001/XInclude"]'))
      return { root, faults: [fault('HUB_XML_DOCTYPE')] }
    const known = identified(root, utf8)
    if ('fault' in known) return { root, faults: [answerFault(utf8, root.name) ?? known.fault] }
    return described(root, known, validate(doc, known.schema.file), wished)
  }

  /** Which document it is, and its page to read on in. */
  function identified(root: Root, utf8: Uint8Array) {
    const page = readMessage(root, utf8)
    const found = identify(index, root, page, today())
    return 'fault' in found ? found : { ...found, page }
  }

  /** @param faults by its schema */
  function described(
    root: Root,
    { page, known, facts, schema }: Exclude<ReturnType<typeof identified>, { fault: Fault }>,
    faults: Fault[],
    { places = false }: Wished,
  ): Inspection {
    const { type } = known
    // Only of what has its form: the rules would repeat what the XSD has said, and rely on what it has made sure of.
    const all = faults.length === 0 ? page.judge(type, faultLimit) : []
    const asked = all.filter(({ code }) => code === 'HUB_RULE_KNOWN')
    const found = asked.length === 0 ? all : all.filter((one) => !asked.includes(one))
    const warnings = limited(found.filter(isWarning), faultLimit)
    faults.push(
      ...limited(
        found.filter((one) => !isWarning(one)),
        faultLimit,
      ),
    )
    const questions =
      faults.length === 0 ? [...page.questions(type), ...asked.flatMap((one) => filed(type.id, one))] : []
    const reference = type.reference === undefined ? undefined : facts[type.reference]?.trim()
    if (type.reference !== undefined && !reference && signatureAside(faults))
      faults.push(
        fault(
          'HUB_REFERENCE_MISSING',
          { path: `/${type.root}/${type.facts[type.reference]}` },
          { path: `/${type.root}/${type.facts[type.reference]}`, rule: 'required' },
        ),
      )
    const identity = joined(type.identity ?? (type.reference === undefined ? [] : [type.reference]), facts)
    const order = joined(type.order ?? [], facts)
    return {
      root,
      document: {
        type: type.id,
        family: known.family,
        facts,
        schema: { file: schema.file, version: schema.version },
        keys: signatureAside(faults) ? page.keys(type) : [],
        companies: page.companies(type),
        ...portsOf(page.ports(type)),
        ...(places
          ? {
              places: Object.fromEntries(
                Object.entries(type.facts).map(([name, path]) => [name, page.place(type, path)]),
              ),
            }
          : {}),
        ...(reference ? { reference } : {}),
        ...(identity === undefined ? {} : { identity }),
        ...(order === undefined ? {} : { order }),
        ...(type.changes && meets(type.changes, facts) ? { changes: true } : {}),
      },
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(questions.length > 0 ? { questions } : {}),
      faults,
    }
  }

  /** What the ledger is asked of a number that is to be known. */
  function filed(document: string, one: Fault): OpenQuestion[] {
    const rule = forms(document)?.rules.find(({ id }) => id === one.rule)?.known
    return rule && one.value
      ? [{ filed: { document: rule.document, key: factName(rule.at), value: one.value }, fault: one }]
      : []
  }

  /** XML the hub has made itself. */
  function validateMade(utf8: Uint8Array, file: string): Fault[] {
    return certain.valid(file, utf8, true) && isConfirmed(file, utf8, true) ? [] : validateText(utf8, file)
  }

  function validateText(utf8: Uint8Array, file: string, asDeclared = true): Fault[] {
    const doc = parsed(utf8, asDeclared)
    try {
      return validate(doc, file)
    } finally {
      doc.dispose()
    }
  }

  function validate(doc: XmlDocument, file: string): Fault[] {
    // Outside the try: a schema that does not compile is the hub's fault, and must not be told to the sender as his.
    const schema = validator(file)
    try {
      schema.validate(doc)
      return []
    } catch (error) {
      if (!(error instanceof XmlValidateError)) throw error
      const faults = explain(doc, file, error.details)
      return faults.length > 0
        ? faults
        : [fault('HUB_XSD_CONTENT', { element: doc.root.name, zh: '不符合报文规范', en: 'it does not fit the schema' })]
    }
  }

  /** Compiles one schema; for `hub schema check`. @throws what libxml2 says of it */
  return {
    inspect: (bytes: Uint8Array, wished?: Wished) => inspect(bytes, wished),
    compile: (file: string) => void validator(file),
    /** By one schema, whatever document it is: an answer. */
    validate: validateText,
  }
}

/**
 * A signature may still come on the way, and only the hub knows from whom: a message that lacks nothing else is read to
 * its end.
 */
const signatureAside = (faults: readonly Fault[]) => faults.every(({ code }) => code === 'HUB_SIGNATURE_MISSING')

let day = { hour: -1, iso: '' }
/** The date in China, spelt out once an hour: doing so for every message would cost as much as reading its facts. */
function isoDay(): string {
  const now = new Date()
  const hour = Math.floor(now.getTime() / 3_600_000)
  if (hour !== day.hour) day = { hour, iso: chinaTime(now).slice(0, 10) }
  return day.iso
}

function joined(names: string[], facts: Facts): string | undefined {
  const values = names.map((name) => orderValue(name, (facts[orderFact(name)] ?? '').trim()))
  return values.some((v) => v !== '') ? values.join('|') : undefined
}

const portsOf = (ports: string[]) => (ports.length === 0 ? {} : { ports })

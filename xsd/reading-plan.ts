// reading-plan — what is looked for in a message: the facts, keys and rules of every document type its root may mean,
// all in one shape, so that the bytes are gone through once. Made when first needed, once a thread.
import { companiesIn, type NamedCompany } from '../messages/companies.js'
import type { Facts } from '../messages/condition.js'
import type { DocumentFamily, DocumentType } from '../messages/document-type.js'
import type { Envelope } from '../messages/envelope.js'
import { fault } from '../messages/errors.js'
import type { Fault } from '../messages/fault.js'
import type { MessageReader } from '../messages/identify.js'
import type { Key, OpenQuestion } from '../messages/inspection.js'
import { compileRules, type RuleCheck } from './rules/compile.js'
import { storedForm, type FormSource } from './form-store/stored.js'
import type { RuleFamily } from './rules/rule.js'
import { longestFact, longestKeyValue, mostValuesOfKey } from './document-keys.js'
import { ScanShape, scan, type Mark } from './scan.js'
import { compilePath, type CompiledPath } from './compiled-path.js'

/** One message as it is read: by paths, as one type or another. */
interface ReadMessage extends MessageReader {
  place(type: DocumentType, path: string): { path: string; line: number }
  keys(type: DocumentType): Key[]
  companies(type: DocumentType): NamedCompany[]
  ports(type: DocumentType): string[]
  questions(type: DocumentType): OpenQuestion[]
  /** At most `limit + 1`. Only of a message that its XSD has found valid. */
  judge(type: DocumentType, limit: number): Fault[]
}

interface Form {
  facts: [string, CompiledPath][]
  /** A key of several values has several ways. */
  keys: [string, CompiledPath[]][]
  companies: ReadonlyMap<string, CompiledPath>
  ports: CompiledPath[]
  files: { name: CompiledPath; beside: { way: CompiledPath; holds: string }[] }[]
  judge: RuleCheck
}

const mostPorts = 50

function* texts(marks: Iterable<{ text: string }>): Generator<string> {
  for (const mark of marks) yield mark.text
}

const mostFiles = 200

/** The files that a message names, each once: where it stands first. */
function filesOf(files: Form['files'], page: Mark): OpenQuestion[] {
  const questions = new Map<string, OpenQuestion>()
  for (const { name, beside } of files) {
    const parents = new Set<Mark | undefined>()
    for (const { way, holds } of beside)
      for (const one of way.each(page))
        if (one.text !== '' && (holds === '*' || one.text === holds)) parents.add(one.parent)
    for (const { text: file, path, line, parent } of name.each(page)) {
      if (file === '' || parents.has(parent) || questions.has(file) || questions.size === mostFiles) continue
      const value = file.slice(0, 200)
      const missing = fault('HUB_ATTACHMENT_MISSING', { value }, { path, line, value })
      questions.set(file, { file, fault: { ...missing, level: 'warn' } })
    }
  }
  return [...questions.values()]
}

/** Readers of messages. A plan is made with the first message of its root and kept as long as the thread lives. */
export function createReadingPlans(
  documents: readonly DocumentFamily[],
  rules: readonly RuleFamily[],
  source: FormSource = storedForm,
) {
  // There are hundreds, and every message is looked for among them.
  const typesOf = new Map<string, DocumentType[]>()
  for (const type of documents.flatMap((family) => family.documents))
    typesOf.set(type.root, [...(typesOf.get(type.root) ?? []), type])
  const allRules = rules.flatMap((family) => family.rules)
  const roots = new Map<string, { shape: ScanShape; forms: Map<string, Form>; ways: Map<string, CompiledPath> }>()

  function rootOf(root: { name: string; namespace: string }) {
    const ofName = typesOf.get(root.name) ?? []
    const exact = ofName.filter((type) => [type.namespace, ...(type.alsoIn ?? [])].includes(root.namespace))
    // What a stranger calls his root or its namespace is not remembered: he could think of names without end.
    const key = exact.length > 0 ? `${root.namespace} ${root.name}` : ofName.length > 0 ? `? ${root.name}` : '?'
    let found = roots.get(key)
    if (!found) {
      const shape = new ScanShape(root.name, 0)
      const ways = new Map<string, CompiledPath>()
      const way = (path: string) => ways.get(path) ?? ways.set(path, compilePath(path, shape)).get(path)!
      const named = (paths: Record<string, string>) =>
        Object.entries(paths).map(([name, path]): [string, CompiledPath] => [name, way(path)])
      const keyed = (paths: Record<string, string>) =>
        Object.entries(paths).map(([name, path]): [string, CompiledPath[]] => [name, path.split('+').map(way)])
      // A known root in a strange namespace is read for the facts that may say what is meant.
      if (exact.length === 0) for (const type of ofName) named(type.facts)
      const forms = new Map(
        exact.map((type) => [
          type.id,
          {
            facts: named(type.facts),
            keys: keyed(type.keys),
            companies: new Map(
              Object.values(type.companies ?? {}).flatMap((paths) => paths.map((path) => [path, way(path)])),
            ),
            ports: (type.ports ?? []).map((path) => way(path)),
            files: (type.files ?? []).map(({ path, unless = {} }) => ({
              name: way(path),
              beside: Object.entries(unless).map(([name, holds]) => ({
                way: way(path.replace(/[^/]+$/, name)),
                holds,
              })),
            })),
            judge: compileRules(
              type.schemas[0]?.file.startsWith('forms/')
                ? (source(type.id)?.rules ?? [])
                : allRules.filter((rule) => rule.documents.includes(type.id)),
              shape,
            ),
          },
        ]),
      )
      roots.set(key, (found = { shape, forms, ways }))
    }
    return found
  }

  const envelopeForms = new Map<Envelope, { shape: ScanShape; keys: [string, CompiledPath][] }>()

  /** The first value of each key that an envelope carries. */
  function readEnvelope(envelope: Envelope, utf8: Uint8Array): Key[] {
    let form = envelopeForms.get(envelope)
    if (!form) {
      const shape = new ScanShape(envelope.root, 0)
      envelopeForms.set(
        envelope,
        (form = {
          shape,
          keys: Object.entries(envelope.keys ?? {}).map(([name, path]) => [name, compilePath(path, shape)]),
        }),
      )
    }
    const page = scan(utf8, form.shape)
    return form.keys
      .map(([name, way]) => ({ name, value: way.first(page)?.text ?? '' }))
      .filter(({ value }) => value !== '' && value.length <= longestKeyValue)
  }

  /** @param utf8 of a well-formed message without DOCTYPE */
  function readMessage(root: { name: string; namespace: string }, utf8: Uint8Array): ReadMessage {
    const { shape, forms, ways } = rootOf(root)
    const page = scan(utf8, shape)
    return {
      value: (_, path) => ways.get(path)?.first(page)?.raw.slice(0, longestFact) ?? '',
      place(_, path) {
        const way = ways.get(path)
        const found = way?.first(page) ?? way?.gaps(page)[0]
        if (!found) return { path: `/${root.name}/${path}`, line: page.line }
        return { path: found.path, line: ('near' in found ? found.near : found).line }
      },
      facts: (type): Facts =>
        Object.fromEntries(
          forms.get(type.id)!.facts.map(([name, way]) => [name, way.first(page)?.raw.slice(0, longestFact) ?? '']),
        ),
      keys: (type) =>
        forms.get(type.id)!.keys.flatMap(([name, parts]) => {
          const values = new Set<string>()
          const add = (value: string) => value !== '' && value.length <= longestKeyValue && values.add(value)
          if (parts.length > 1) {
            const each = parts.map((way) => way.first(page)?.text ?? '')
            if (!each.includes('')) add(each.join('|'))
          } else
            for (const mark of parts[0]!.each(page)) {
              add(mark.text)
              if (values.size === mostValuesOfKey) break
            }
          return [...values].map((value) => ({ name, value }))
        }),
      companies: (type) =>
        companiesIn(type.companies, (path) => texts(forms.get(type.id)!.companies.get(path)!.each(page))),
      ports: (type) => [
        ...new Set(forms.get(type.id)!.ports.flatMap((one) => [...texts(one.each(page))].slice(0, mostPorts))),
      ],
      questions: (type) => filesOf(forms.get(type.id)!.files, page),
      judge: (type, limit) => forms.get(type.id)!.judge(page, limit),
    }
  }

  return { readMessage, readEnvelope }
}

// read — the forms of xsd/forms with the types and code lists they use. All faults of all forms are told at once, each
// with file and line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument, type Document } from 'yaml'
import type { Rule } from '../ruling/rule.js'
import { readCodes } from './codes.js'
import { compileFormRules } from './form-rules.js'
import type { WrittenRule } from './form-rules/written.js'
import { readLeaf, wrongWith, type NamedType, type TypeLibrary } from './leaf-types.js'
import { isPublished, limitOf, type Limits } from './limits.js'
import { englishOf } from './words.js'
import { nodeAt, walk, type Form, type Node, type Stage } from './node.js'
import { readShort, withShort } from './short.js'

/** All that is wrong with the forms, one sentence each: `04-licences/X.yaml:12 …`. */
export class FormDataError extends Error {
  override name = 'FormDataError'
  constructor(readonly faults: string[]) {
    super(`the forms have ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

export interface ReadForm {
  form: Form
  rules: Rule[]
}

/**
 * Names of functions → what stands in Head/FunctionCode: UN/EDIFACT 1225 where it has the function, else the name
 * itself.
 */
export const functionCodes: Readonly<Record<string, string>> = {
  original: '9',
  replace: '5',
  change: '4',
  delete: '3',
  cancel: '1',
  query: '13',
}

const statuses = ['submitted', 'processing', 'approved', 'rejected', 'released', 'failed']
const formKeys = [
  'document', 'title', 'kind', 'system', 'source', 'marks', 'serves', 'agencies', 'identity', 'keys', 'short', 'fields',
  'rules', 'life', 'note',
] // prettier-ignore
const fieldKeys = ['zh', 'en', 'type', 'occurs', 'eg', 'own', 'note', 'fields', 'plus']

export type RawMap = Record<string, unknown>
type Map_ = RawMap
/** A scalar of the YAML as text; '' for what is none. */
const written = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
export const isMap = (value: unknown): value is Map_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Library extends TypeLibrary {
  blocks: Readonly<Record<string, Map_>>
  /** Fields that stand one after the other in several forms, without a group of their own. */
  runs: Readonly<Record<string, Map_>>
  /** Block → examples for its second, third … use in a form: two companies of one story are not the same. */
  others: Readonly<Record<string, Record<string, string>[]>>
  /** What is wrong with the code lists, one sentence each. */
  codeFaults: string[]
  /** How often a block was used in the form that is being read. */
  used: Map<string, number>
  limits: Limits
  /** The form that is being read, `04-licences/X.yaml`: its lengths must be the house's; undefined: of a query. */
  reading?: string
}

/** Where a fault is told: the path of keys in the YAML. */
export type Tell = (at: (string | number)[], sentence: string) => void

export function readLibrary(formsDir: string, codesDir: string): Library {
  const yaml = (name: string) =>
    parseDocument(readFileSync(join(formsDir, 'types', name), 'utf8'), { merge: true }).toJS() as Record<string, Map_>
  const codeFaults: string[] = []
  return {
    lists: readCodes(codesDir, (sentence) => codeFaults.push(sentence)),
    codeFaults,
    types: yaml('types.yaml').types as unknown as Record<string, NamedType>,
    blocks: yaml('blocks.yaml').blocks as Record<string, Map_>,
    runs: yaml('blocks.yaml').runs as Record<string, Map_>,
    others: yaml('blocks.yaml').others as unknown as Library['others'],
    used: new Map(),
    limits: yaml('limits.yaml') as unknown as Limits,
  }
}

/** Categories and form files below `dir`: `04-licences/DualUseLicenceApplication.yaml`. */
export function listForms(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true })
    .filter((one) => one.isDirectory() && /^\d\d-/.test(one.name))
    .flatMap((one) => readdirSync(join(dir, one.name)).map((file) => `${one.name}/${file}`))
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('/queries.yaml'))
    .sort()
}

/** @throws FormDataError with every fault of every form */
export function readForms(dir: string, codesDir: string): ReadForm[] {
  const library = readLibrary(dir, codesDir)
  const faults = [...library.codeFaults]
  const seen = new Map<string, string>()
  const forms = listForms(dir).flatMap((file) => {
    const read = readForm(file, readFileSync(join(dir, file), 'utf8'), library)
    if ('faults' in read) {
      faults.push(...read.faults)
      return []
    }
    const before = seen.get(read.form.document)
    if (before !== undefined) faults.push(`${file}:1 document ${read.form.document} stands in ${before} too`)
    seen.set(read.form.document, file)
    return [read]
  })
  if (faults.length > 0) throw new FormDataError(faults)
  return forms
}

/** @param file below the forms folder; its folder is the category */
export function readForm(file: string, text: string, library: Library): ReadForm | { faults: string[] } {
  const counter = new LineCounter()
  const doc = parseDocument(text, { lineCounter: counter, merge: true })
  const faults: string[] = []
  const tell: Tell = (at, sentence) => faults.push(`${file}:${lineOf(doc, counter, at)} ${sentence}`)
  for (const error of doc.errors) faults.push(`${file}:${error.linePos?.[0].line ?? 1} ${error.message.split('\n')[0]}`)
  if (faults.length > 0) return { faults }
  const raw = doc.toJS() as unknown
  library.used.clear()
  library.reading = file
  if (!isMap(raw)) return { faults: [`${file}:1 is no form`] }
  const read = readRaw(file, raw, library, tell)
  delete library.reading
  return faults.length > 0 || !read ? { faults } : read
}

export function lineOf(doc: Document, counter: LineCounter, at: (string | number)[]): number {
  for (let depth = at.length; depth >= 0; depth--) {
    const node = depth === 0 ? doc.contents : doc.getIn(at.slice(0, depth), true)
    const range = (node as { range?: [number, number, number] } | undefined)?.range
    if (range) return counter.linePos(range[0]).line
  }
  return 1
}

function readRaw(file: string, raw: Map_, library: Library, tell: Tell): ReadForm | undefined {
  const text = (key: string): string => {
    const value = raw[key]
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
    tell([key], `${key} is missing`)
    return ''
  }
  const paths = (key: string): string[] => {
    const value = raw[key] ?? []
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    tell([key], `${key} is a list of paths`)
    return []
  }
  for (const key of Object.keys(raw)) if (!formKeys.includes(key)) tell([key], `there is no ${key} in a form`)
  const document = text('document')
  if (!/^[A-Z][A-Za-z0-9]{3,59}$/.test(document)) tell(['document'], `document ${document} is no UpperCamel name`)
  if (file.replace(/^.*\/|\.yaml$/g, '') !== document) tell(['document'], `document ${document} does not name its file`)
  const title = isMap(raw.title) ? { zh: written(raw.title.zh), en: written(raw.title.en) } : { zh: '', en: '' }
  if (!title.zh || !title.en) tell(['title'], 'title has zh and en')
  const kind = text('kind')
  if (kind !== 'filing' && kind !== 'notice') tell(['kind'], `kind is filing or notice, not ${kind}`)
  const source = text('source')
  const marks = typeof raw.marks === 'string' ? raw.marks : ''
  const agencies = paths('agencies')
  if (agencies.length === 0) tell(['agencies'], 'agencies names whom it is owed to')

  const serves = Object.entries(isMap(raw.serves) ? raw.serves : {}).map(([operation, said]) => {
    const {
      functions = ['original'],
      when = {},
      eg = {},
    } = (said ?? {}) as {
      functions?: string[]
      when?: Record<string, string | string[]>
      eg?: Record<string, unknown>
    }
    if (!/^\d+(\.\d+){4}$/.test(operation)) tell(['serves', operation], `${operation} is no operation`)
    for (const one of functions)
      if (typeof one !== 'string' || !/^[a-z][a-z-]*$/.test(one))
        tell(['serves', operation], `${String(one)} is no function`)
    return {
      operation,
      functions,
      when,
      eg: Object.fromEntries(Object.entries(eg).map(([path, value]) => [path, String(value)])),
    }
  })
  if (serves.length === 0) tell(['serves'], 'serves names at least one operation')
  const functions = [...new Set(serves.flatMap((one) => one.functions))].map((name) => ({
    name,
    code: functionCodes[name] ?? name,
  }))

  const fields = isMap(raw.fields) ? readFields(raw.fields, ['fields'], library, tell, []) : []
  if (fields.length === 0) tell(['fields'], 'fields are missing')
  if (fields.some(({ name }) => name === 'Head')) tell(['fields', 'Head'], 'Head is every document’s own')
  const life = (Array.isArray(raw.life) ? raw.life : []).map((one: unknown, i) =>
    readStage(one, ['life', i], library, tell),
  )
  const twice = life.find((one, i) => life.findIndex((other) => other.code === one.code) !== i)
  if (twice) tell(['life'], `two steps of life are called ${twice.code}`)
  if (kind === 'filing' && life.length === 0) tell(['life'], 'a filing has the answers of its authority')

  const brought = new Set(life.flatMap((stage) => [...walk(stage.brings)].map(({ path }) => path)))
  for (const key of ['identity', 'keys'])
    paths(key).forEach((path, i) => {
      const node = nodeAt(fields, path)
      if (node?.fields) tell([key, i], `${key} ${path} is a group`)
      if (!node && !(key === 'keys' && brought.has(path))) tell([key, i], `${key} ${path} is no field`)
    })
  for (const { operation, eg } of serves)
    for (const [path, value] of Object.entries(eg)) {
      const leaf = nodeAt(fields, path)?.leaf
      const wrong = leaf ? wrongWith(codeOf(leaf, value), leaf) : 'is of no field'
      if (wrong !== undefined) tell(['serves', operation, 'eg', path], `${path}: ${value} ${wrong}`)
    }
  for (const { operation, when } of serves)
    for (const [path, value] of Object.entries(when)) {
      const leaf = nodeAt(fields, path)?.leaf
      if (!leaf) tell(['serves', operation, 'when', path], `${path} is no field`)
      else
        for (const said of [value].flat()) {
          const one = codeOf(leaf, String(said))
          const wrong = wrongWith(String(one), leaf)
          if (wrong !== undefined) tell(['serves', operation, 'when', path], `${path}: ${String(one)} ${wrong}`)
        }
    }
  const system =
    typeof raw.system === 'string' ? raw.system : (serves[0]?.operation.split('.').slice(0, 2).join('.') ?? '')
  const form: Form = {
    document,
    title,
    kind: kind === 'notice' ? 'notice' : 'filing',
    system,
    namespace: `urn:singlewindow:${system}:${document}:1`,
    category: file.replace(/\/.*$/, ''),
    source,
    marks,
    agencies,
    identity: paths('identity'),
    keys: paths('keys'),
    functions,
    serves: serves.map((one) => ({
      ...one,
      eg: Object.fromEntries(
        Object.entries(one.eg).map(([path, value]) => [path, codeOf(nodeAt(fields, path)?.leaf, value)]),
      ),
      when: Object.fromEntries(
        Object.entries(one.when).map(([path, value]) => {
          const leaf = nodeAt(fields, path)?.leaf
          return [path, Array.isArray(value) ? value.map((v) => codeOf(leaf, String(v))) : codeOf(leaf, String(value))]
        }),
      ),
    })),
    fields,
    notes: [],
    life,
  }
  const own = (Array.isArray(raw.rules) ? raw.rules : []) as WrittenRule[]
  const short = readShort(raw.short, form, tell)
  if (short) form.short = short
  const rules = compileFormRules(form, short ? withShort(form, short, own) : own, (i, sentence) =>
    tell(['rules', i], sentence),
  )
  return { form, rules }
}

/** 是 reads better than its code. */
const codeOf = (leaf: Node['leaf'], said: string) =>
  leaf?.codes?.some(({ code }) => code === said) ? said : (leaf?.codes?.find(({ zh }) => zh === said)?.code ?? said)

export const readFieldMap = (raw: RawMap, at: (string | number)[], library: Library, tell: Tell): Node[] =>
  readFields(raw, at, library, tell, [])
export const readFieldOrNone = (
  name: string,
  said: RawMap,
  at: (string | number)[],
  library: Library,
  tell: Tell,
): Node | undefined => readField(name, said, at, library, tell, [])

function readFields(raw: Map_, at: (string | number)[], library: Library, tell: Tell, within: string[]): Node[] {
  return Object.entries(raw).flatMap(([name, said]) => {
    const here = [...at, name]
    if (!isMap(said)) {
      tell(here, `${name} is no field`)
      return []
    }
    if (said.use !== undefined) return readRun(said, here, library, tell, within)
    return readField(name, said, here, library, tell, within) ?? []
  })
}

/**
 * `Line: { use: exemptGoods, eg: { … }, but: { Model: { occurs: 0..1 } } }`: the fields of a run of blocks.yaml stand
 * here, in its order, as if they were written out; `Line` is in no message. `eg`: other examples; `but`: what this form
 * says otherwise of one of them.
 */
function readRun(said: Map_, at: (string | number)[], library: Library, tell: Tell, within: string[]) {
  const run = library.runs[written(said.use)]
  if (!run) {
    tell([...at, 'use'], `there is no run ${written(said.use)} in types/blocks.yaml`)
    return []
  }
  for (const key of Object.keys(said))
    if (!['use', 'eg', 'but'].includes(key)) tell([...at, key], `there is no ${key} beside use`)
  const but = isMap(said.but) ? said.but : {}
  const eg = isMap(said.eg) ? said.eg : {}
  for (const [key, of] of Object.entries({ but, eg }))
    for (const field of Object.keys(of))
      if (run[field] === undefined) tell([...at, key, field], `${written(said.use)} has no ${field}`)
  const fields = Object.entries(run).map(([field, shared]) => {
    const other = isMap(but[field]) ? but[field] : {}
    return [field, { ...(shared as Map_), ...(eg[field] === undefined ? {} : { eg: eg[field] }), ...other }]
  })
  return readFields(Object.fromEntries(fields) as Map_, at.slice(0, -1), library, tell, within)
}

function readField(
  name: string,
  said: Map_,
  at: (string | number)[],
  library: Library,
  tell: Tell,
  within: string[],
): Node | undefined {
  for (const key of Object.keys(said)) if (!fieldKeys.includes(key)) tell([...at, key], `there is no ${key} in a field`)
  if (!/^[A-Z][A-Za-z0-9]{0,59}$/.test(name)) tell(at, `${name} is no UpperCamel name`)
  const zh = typeof said.zh === 'string' ? said.zh.trim() : ''
  if (!/[\u4e00-\u9fff]|^[A-Z]/.test(zh)) tell(at, `${name} needs its Chinese label`)
  const occurs = readOccurs(said.occurs)
  if (!occurs) tell([...at, 'occurs'], `occurs of ${name} is 0..1, 1..20 or 0..n`)
  const node: Node = {
    name,
    zh,
    en: typeof said.en === 'string' ? said.en : englishOf(name),
    ...(occurs ?? { min: 1, max: 1 }),
    ...(said.own === true ? { own: true as const } : {}),
    ...(typeof said.note === 'string' ? { note: said.note } : {}),
  }
  const type = typeof said.type === 'string' ? said.type : undefined
  const block = type === undefined ? undefined : library.blocks[type]
  if (type !== undefined && block) {
    if (within.includes(type)) {
      tell(at, `block ${type} holds itself`)
      return undefined
    }
    const shared = exampleNumber(readFields(block, at, library, tell, [...within, type]), type, library)
    const plus = isMap(said.plus) ? readFields(said.plus, [...at, 'plus'], library, tell, within) : []
    for (const one of plus)
      if (shared.some((other) => other.name === one.name))
        tell([...at, 'plus', one.name], `${type} has ${one.name} already`)
    const own = isMap(said.eg) ? said.eg : {}
    for (const name of Object.keys(own))
      if (!shared.some((one) => one.name === name)) tell([...at, 'eg', name], `${type} has no ${name}`)
    const told = shared.map((one) => (own[one.name] === undefined ? one : { ...one, eg: String(own[one.name]) }))
    for (const one of told) {
      const wrong = one.leaf && one.eg !== undefined ? wrongWith(one.eg, one.leaf) : undefined
      if (wrong !== undefined) tell([...at, 'eg'], `${one.name}: example ${one.eg} ${wrong}`)
    }
    return { ...node, fields: [...told, ...plus] }
  }
  if (isMap(said.fields)) {
    if (type !== undefined) tell(at, `${name} has a type or fields, not both`)
    const fields = readFields(said.fields, [...at, 'fields'], library, tell, within)
    const lines = Array.isArray(said.eg)
      ? said.eg.map((line: unknown, i) => readLine(line, fields, [...at, 'eg', i], tell))
      : []
    if (said.eg !== undefined && (lines.length === 0 || lines.length >= node.max))
      tell([...at, 'eg'], `eg of a list is its second and further lines`)
    return { ...node, fields, ...(lines.length > 0 ? { lines } : {}) }
  }
  if (type === undefined) {
    tell(at, `${name} has neither type nor fields`)
    return undefined
  }
  const limit = limitOf(library.limits, { name, zh, type })
  if (limit !== undefined && limit !== type && library.reading !== undefined) {
    const path = at.filter((step) => typeof step === 'string' && /^[A-Z]/.test(step)).join('/')
    if (!isPublished(library.limits, library.reading, path))
      tell([...at, 'type'], `${name} is ${limit} in all forms (types/limits.yaml), not ${type}`)
  }
  const leaf = readLeaf(type, library)
  if (typeof leaf === 'string') {
    tell([...at, 'type'], `${name}: ${leaf}`)
    return undefined
  }
  return { ...node, leaf, ...exampleOf(name, said.eg, type, leaf, at, library, tell) }
}

function readLine(
  said: unknown,
  fields: readonly Node[],
  at: (string | number)[],
  tell: Tell,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(isMap(said) ? said : {}).map(([path, value]) => {
      const node = nodeAt(fields, path)
      if (!node) tell([...at, path], `${path} is no field of the list`)
      if (value === null || !node?.leaf) return [path, null]
      const text = codeOf(node.leaf, written(value))
      const wrong = wrongWith(node.leaf.attribute ? text.replace(/\s.*$/, '') : text, node.leaf)
      if (wrong !== undefined) tell([...at, path], `${path}: example ${text} ${wrong}`)
      return [path, node.leaf.attribute ? text.replace(/\s.*$/, '') : text]
    }),
  )
}

function exampleNumber(fields: Node[], block: string, { used, others }: Library): Node[] {
  const before = used.get(block) ?? 0
  used.set(block, before + 1)
  const other = before === 0 ? undefined : others[block]?.[(before - 1) % others[block].length]
  return other ? fields.map((one) => (other[one.name] === undefined ? one : { ...one, eg: other[one.name]! })) : fields
}

function exampleOf(
  name: string,
  given: unknown,
  type: string,
  leaf: NonNullable<Node['leaf']>,
  at: (string | number)[],
  library: Library,
  tell: Tell,
): { eg?: string; egAttribute?: string } {
  const fallback = type === 'sequence' ? '1' : library.types[type]?.eg
  const said =
    given === undefined ? fallback : given instanceof Date ? given.toISOString().slice(0, 10) : written(given)
  if (said === undefined) {
    tell(at, `${name} needs an example`)
    return {}
  }
  let eg = said
  let egAttribute: string | undefined
  if (leaf.attribute) {
    const parts = /^(-?[\d.]+)\s*(\S+)$/.exec(said)
    if (!parts) {
      tell([...at, 'eg'], `${name}: example ${said} is no ${type} with its ${leaf.attribute.name}`)
      return {}
    }
    eg = parts[1]!
    const named = leaf.attribute.codes?.find(({ code, zh }) => code === parts[2] || zh === parts[2])
    if (leaf.attribute.codes && !named) tell([...at, 'eg'], `${name}: there is no unit ${parts[2]}`)
    egAttribute = named?.code ?? parts[2]!
  } else if (leaf.codes && !leaf.codes.some(({ code }) => code === eg))
    // 是 and 千克 read better than their codes.
    eg = leaf.codes.find(({ zh }) => zh === eg)?.code ?? eg
  if (leaf.base === 'time' && /^\d\d:\d\d$/.test(eg)) eg += ':00'
  const wrong = wrongWith(eg, leaf)
  if (wrong !== undefined) tell([...at, 'eg'], `${name}: example ${said} ${wrong}`)
  return { eg, ...(egAttribute === undefined ? {} : { egAttribute }) }
}

function readOccurs(said: unknown): { min: number; max: number } | undefined {
  if (said === undefined) return { min: 1, max: 1 }
  const [, min, max] = /^(\d+)\.\.(\d+|n)$/.exec(written(said)) ?? []
  if (min === undefined) return undefined
  const most = max === 'n' ? Infinity : Number(max)
  return most >= Number(min) && most > 0 ? { min: Number(min), max: most } : undefined
}

function readStage(said: unknown, at: (string | number)[], library: Library, tell: Tell): Stage {
  const stage = isMap(said) ? said : {}
  const { zh, en, status } = stage as { zh?: string; en?: string; status?: string }
  if (!zh || !en) tell(at, 'a step of life has zh and en')
  if (!statuses.includes(status ?? '')) tell(at, `status is one of ${statuses.join(', ')}`)
  for (const key of Object.keys(stage))
    if (!['zh', 'en', 'status', 'code', 'on', 'brings', 'own', 'note'].includes(key))
      tell([...at, key], `there is no ${key} in a step of life`)
  const code =
    typeof stage.code === 'string'
      ? stage.code
      : (en ?? '')
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '')
          .slice(0, 40)
  return {
    code,
    zh: zh ?? '',
    en: en ?? '',
    status: status ?? '',
    ...(Array.isArray(stage.on) ? { on: stage.on.map((one) => functionCodes[String(one)] ?? String(one)) } : {}),
    brings: isMap(stage.brings) ? readFields(stage.brings, [...at, 'brings'], library, tell, []) : [],
  }
}

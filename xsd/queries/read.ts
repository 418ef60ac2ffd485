// read — the queries and prints of xsd/forms/<category>/queries.yaml: what each is of, what may be asked, what a row
// holds. An entry whose documents are not all here yet waits, and its operation stays planned. All faults are told at
// once, with file and line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { FilingCondition } from '../../messages/queries/shape.js'
import type { Form } from '../form/node.js'
import { readField, readFields } from '../form/read/fields.js'
import type { ReadForm } from '../form/read/form.js'
import type { Library } from '../form/read/library.js'
import { isMap, lineOf, type RawMap, type Tell } from '../form/read/written.js'
import type { Node } from '../form/node.js'
import { makeQuery } from './make.js'
import { printForm } from './print-form.js'
import { inGroup, plain } from './titles.js'
import { upper, type Print, type Published, type PublishedField, type ReadQuery, type WrittenQuery } from './written.js'

/** What all queries.yaml say. `faults`: one sentence each, with file and line. */
interface ReadQueries {
  queries: ReadQuery[]
  /** Requests to print, each made into a form. */
  prints: { print: Print; form: ReadForm }[]
  /** Entries whose documents are not all here, and which ones are not. */
  waiting: { name: string; serves: string[]; lacks: string[] }[]
  faults: string[]
}

const queryKeys = [
  'query', 'title', 'serves', 'of', 'reference', 'agencies', 'when', 'by', 'rows', 'titles', 'extra', 'groupBy',
  'measures', 'note',
] // prettier-ignore
const printKeys = ['print', 'title', 'serves', 'of', 'when', 'format', 'note']
const measureKeys = ['count', 'sum']

/** The files there are: `04-licences/queries.yaml`. */
export function listQueries(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((one) => one.isDirectory() && /^\d\d-/.test(one.name))
    .map(({ name }) => `${name}/queries.yaml`)
    .filter((file) => existsSync(join(dir, file)))
    .sort()
}

/** xsd/forms/types/published.yaml: fields of published documents that a query may ask for, by their path. */
function readPublished(formsDir: string, library: Library, faults: string[]): Published {
  const file = 'types/published.yaml'
  if (!existsSync(join(formsDir, file))) return { documents: [], fields: {} }
  const raw = parseDocument(readFileSync(join(formsDir, file), 'utf8')).toJS() as {
    documents: string[]
    fields: Record<string, RawMap>
  }
  const tell: Tell = (at, sentence) => faults.push(`${file}:1 ${at.join(' ')} ${sentence}`)
  const fields = Object.entries(raw.fields).flatMap(([path, said]): [string, PublishedField][] => {
    const {
      at = [path],
      also = [],
      key = false,
      type = 'text(200)',
      meanings,
      ...rest
    } = said as RawMap & {
      at?: string[]
      also?: string[]
      key?: boolean
      meanings?: string
    }
    const name = upper(path.split('/').at(-1)!)
    const reading = { at: ['fields', path], library, tell }
    const node = readField(name, { ...rest, type }, reading)
    const { leaf } = (meanings === undefined ? undefined : readField(name, { ...rest, type: meanings }, reading)) ?? {}
    return node ? [[path, { node, at, also, key, meanings: leaf?.codes ?? [] }]] : []
  })
  return { documents: raw.documents, fields: Object.fromEntries(fields) }
}

/**
 * Reads the queries of all categories.
 * @param forms all there are: what a query is of
 */
export function readQueries(dir: string, library: Library, forms: readonly Form[]): ReadQueries {
  const faults: string[] = []
  const found: ReadQueries = { queries: [], prints: [], waiting: [], faults }
  const published = readPublished(dir, library, faults)
  const byName = new Map(forms.map((form) => [form.document, form]))
  const seen = new Map<string, string>(forms.map((form) => [form.document, `${form.category}/${form.document}.yaml`]))
  for (const file of listQueries(dir)) {
    const counter = new LineCounter()
    const doc = parseDocument(readFileSync(join(dir, file), 'utf8'), { lineCounter: counter, merge: true })
    const told = (at: (string | number)[], sentence: string) =>
      void faults.push(`${file}:${lineOf(doc, counter, at)} ${sentence}`)
    for (const error of doc.errors) told([], error.message.split('\n')[0]!)
    const raw = doc.errors.length > 0 ? [] : (doc.toJS() as unknown)
    if (!Array.isArray(raw)) {
      told([], 'queries.yaml is a list')
      continue
    }
    raw.forEach((said: unknown, i) => {
      const tell: Tell = (at, sentence) => told([i, ...at], sentence)
      if (!isMap(said)) return tell([], 'an entry is a query or a print')
      // One limit a name: queries keep to that of the forms.
      library.reading = file
      const before = faults.length
      const entry = readEntry(said, file.replace(/\/.*$/, ''), library, tell)
      delete library.reading
      if (!entry) return undefined
      const name = 'query' in entry ? entry.query : entry.print
      const other = seen.get(name)
      if (other !== undefined) tell([], `${name} stands in ${other} too`)
      seen.set(name, file)
      const known = (one: string) => byName.has(one) || published.documents.includes(one)
      const lacks = 'query' in entry && entry.reference ? [] : entry.of.filter((one) => !known(one))
      if (lacks.length > 0) return found.waiting.push({ name, serves: entry.serves, lacks })
      if ('print' in entry) {
        // As a form it would have the same faults once more.
        if (faults.length > before) return undefined
        const form = printForm(entry, { forms: byName, published, library }, tell)
        if (!form) return undefined
        // What becomes of a request to print may be asked, too.
        byName.set(entry.print, form.form)
        return found.prints.push({ print: entry, form })
      }
      const made = makeQuery(entry, { forms: byName, published, library }, tell)
      return made && found.queries.push(made)
    })
  }
  return found
}

function readEntry(said: RawMap, category: string, library: Library, tell: Tell): WrittenQuery | Print | undefined {
  const isPrint = said.print !== undefined
  for (const key of Object.keys(said))
    if (!(isPrint ? printKeys : queryKeys).includes(key))
      tell([key], `there is no ${key} in a ${isPrint ? 'print' : 'query'}`)
  const texts = (key: string): string[] => {
    const value = said[key] ?? []
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    tell([key], `${key} is a list of names`)
    return []
  }
  const name = said.query ?? said.print
  if (typeof name !== 'string' || !/^[A-Z][A-Za-z0-9]{3,59}$/.test(name)) {
    tell([], `${String(name)} is no UpperCamel name of 4 to 60 letters and digits`)
    return undefined
  }
  const { zh = '', en = '' } = (isMap(said.title) ? said.title : {}) as { zh?: string; en?: string }
  const title = { zh, en }
  if (!title.zh || !title.en) tell(['title'], 'title has zh and en')
  const serves = texts('serves')
  for (const one of serves) if (!/^\d+(\.\d+){4}$/.test(one)) tell(['serves'], `${one} is no operation`)
  if (serves.length === 0) tell([], 'serves names at least one operation')
  const of = texts('of')
  if (of.length === 0) tell([], 'of names the documents')
  const only = (isMap(said.when) ? said.when : {}) as FilingCondition
  if (isPrint) {
    const { format = 'pdf' } = said
    if (format !== 'pdf' && format !== 'csv') tell(['format'], 'format is pdf or csv')
    return { print: name, title, serves, of, only, format: format === 'csv' ? 'csv' : 'pdf', category }
  }
  library.used.clear()
  const { extra, found } = readExtra(isMap(said.extra) ? said.extra : {})
  const groupBy = texts('groupBy')
  const written = isMap(said.measures) ? said.measures : {}
  const measures = Object.entries(written).flatMap(([measure, value]) => {
    if (!isMap(value)) return []
    const field = Object.fromEntries(Object.entries(value).filter(([key]) => !measureKeys.includes(key)))
    const node = readField(measure, field, { at: ['measures', measure], library, tell })
    const { count, sum } = value as { count?: true | string[] | string; sum?: string }
    return node ? [{ node, ...(count ? { count } : {}), ...(sum === undefined ? {} : { sum }) }] : []
  })
  if (groupBy.length > 0 !== measures.length > 0) tell([], 'statistics have groupBy and measures')
  if (groupBy.length === 0 && said.rows === undefined) tell([], 'rows says what a row of the answer holds')
  return {
    query: name,
    title,
    serves,
    of,
    reference: said.reference === true,
    only,
    by: texts('by'),
    rows: texts('rows'),
    titles: isMap(said.titles) ? (said.titles as WrittenQuery['titles']) : {},
    extra: readFields(extra, { at: ['extra'], library, tell }).flatMap(asLeaves),
    found,
    groupBy,
    measures,
    category,
    system: serves[0]?.split('.').slice(0, 2).join('.') ?? '',
    agencies: said.agencies === undefined ? undefined : texts('agencies'),
  }
}

/** Fields, and beside them what only a query says of one: `at`, `if`. */
function readExtra(raw: RawMap): { extra: RawMap; found: WrittenQuery['found'] } {
  const found: WrittenQuery['found'] = {}
  const extra = Object.entries(raw).map(([name, said]) => {
    if (!isMap(said) || (said.at === undefined && said.if === undefined)) return [name, said]
    const { at, if: beside, ...field } = said as RawMap & { at?: string[]; if?: Record<string, string | string[]> }
    found[name] = {
      ...(at ? { at: [at].flat() } : {}),
      ...(beside
        ? {
            if: Object.fromEntries(
              Object.entries(beside).map(([other, values]) => [other, [values].flat().map(String)]),
            ),
          }
        : {}),
    }
    return [name, field]
  })
  return { extra: Object.fromEntries(extra) as RawMap, found }
}

/** A row is flat: of a group each leaf, named with it. */
const asLeaves = (node: Node): Node[] =>
  node.fields
    ? node.fields.flatMap(asLeaves).map(({ usual: _, ...one }) => {
        const { en } = inGroup(one, node, { zh: false, en: plain.test(one.name) })
        return { ...one, name: `${node.name}${one.name}`, en, min: 0, max: node.max }
      })
    : [node]

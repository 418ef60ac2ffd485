// make — a query made of its entry: the form that asks it, the row that answers it, and its shape as the hub and the
// simulator read it.
import {
  commonFacts,
  lowerName,
  type Column,
  type CommonFact,
  type Criterion,
  type QueryShape,
} from '../../messages/queries/shape.js'
import { joined } from '../form/answers.js'
import { nodeAt, walk, type Code, type Form, type Leaf, type Node } from '../form/node.js'
import type { Library } from '../form/read/library.js'
import type { Tell } from '../form/read/written.js'
import { englishOf } from '../form/words.js'
import { queryForm } from './query-form.js'
import { upper, type Published, type ReadQuery, type WrittenQuery } from './written.js'
import { commonNode, stateCodes } from './common.js'
import {
  common as titleOfAll,
  endOfRange,
  heading,
  inGroup,
  plain,
  saysTooLittle,
  sharedEnd,
  type Titled,
} from './titles.js'

interface Sources {
  forms: ReadonlyMap<string, Form>
  published: Published
  library: Library
}

/** A value that is asked for, or given back: where it comes from, and how it looks. */
interface Meant {
  /** As the entry writes it. */
  written: string
  node: Node
  common?: CommonFact
  paths?: string[]
  also: string[]
  key: boolean
  many: boolean
  /** The group it stands in. */
  group?: Titled
  /** What its codes mean, where its type says nothing of them. */
  meanings?: readonly Code[]
}

/** Of a list that is shown with what may be asked. */
const mostCodes = 60
/** Of a list by which the codes in rows are given their names: 监管方式 has 102, 计量单位 128. */
const mostMeanings = 200

/** Undefined where it cannot be made; what is wrong has been told. */
export function makeQuery(entry: WrittenQuery, sources: Sources, tell: Tell): ReadQuery | undefined {
  let sound = true
  const lost = (at: (string | number)[], sentence: string) => {
    sound = false
    tell(at, sentence)
  }
  const find = (written: string): Meant | undefined => meant(written, entry, sources)
  const columns = new Map<string, Meant>()
  const addColumn = (written: string, at: (string | number)[]) => {
    if (columns.has(written)) return
    const one = find(written)
    if (one) columns.set(written, one)
    else lost(at, `${entry.query}: ${written} is nothing its documents, extra or every filing has`)
  }
  entry.rows.forEach((one, i) => addColumn(one, ['rows', i]))
  entry.groupBy.forEach((one, i) => addColumn(one, ['groupBy', i]))
  if (entry.groupBy.length === 0)
    for (const { name, min } of entry.extra)
      // A range that is asked is no value of a row.
      if (!/(From|To)$/.test(name) || min > 0)
        if (!entry.by.includes(name) || entry.rows.includes(name)) addColumn(name, ['extra'])

  const criteria: { meant: Meant; how: Criterion['how']; column?: string }[] = []
  entry.by.forEach((written, i) => {
    const range = /^(.+?)(From|To)$/.exec(written)
    const inside = range ? rangeOf(range[1]!, find, columns) : undefined
    const own = find(written)
    if (range && (inside || own || isDate(written))) {
      const base = inside ?? own
      const node = dated(written, base?.node ?? own?.node)
      criteria.push({
        meant: { ...(inside ?? { paths: undefined, also: [], key: false, many: false }), written, node } as Meant,
        how: range[2] === 'From' ? 'from' : 'to',
      })
    } else if (own) criteria.push({ meant: own, how: 'is', ...(columns.has(written) ? { column: written } : {}) })
    else lost(['by', i], `${entry.query}: ${written} is nothing its documents, extra or every filing has`)
  })
  for (const written of Object.keys(entry.titles))
    if (!columns.has(written) && !entry.by.includes(written))
      lost(['titles', written], `${entry.query}: ${written} is none of its columns or criteria`)
  for (const [written, { if: beside = {} }] of Object.entries(entry.found))
    for (const other of Object.keys(beside))
      if (other !== 'State' && !columns.has(other))
        lost(['extra', written], `${entry.query}: ${other} is none of its columns`)
  if (!sound) return undefined

  const names = shortNames([...new Set([...columns.keys(), ...criteria.map(({ meant }) => meant.written)])])
  // Two that are called alike, or by a word that says nothing (名称), are called by their group too, as their names are.
  const own = new Map(
    [...columns.values(), ...criteria.map(({ meant }) => meant)].map((one) => [one.written, one.node]),
  )
  const all = [...own.values(), ...entry.measures.map(({ node }) => node)].map(heading)
  const titled = (one: Meant): Titled => {
    if (entry.titles[one.written]) return entry.titles[one.written]!
    const own = heading(one.node)
    if (!one.group) return own
    const little = saysTooLittle(own, one.written.split('/').at(-1)!)
    const alike = (in_: 'zh' | 'en') => all.filter((other) => other[in_] === own[in_]).length > 1
    return inGroup(own, one.group, { zh: little.zh || alike('zh'), en: little.en || alike('en') })
  }
  const asColumn = (one: Meant): { column: Column; node: Node } => {
    const { written, node, common, paths, many, key } = one
    const name = names.get(written)!
    const { zh, en } = titled(one)
    const codes = node.leaf?.codes ?? one.meanings ?? []
    const { attribute } = node.leaf ?? {}
    const own = common || paths ? undefined : entry.extra.find((one) => one.name === written)
    const { if: beside } = entry.found[written] ?? {}
    return {
      node: { ...bare(node), zh, en, name, min: 0, max: many ? Infinity : 1 },
      column: {
        name,
        zh,
        en,
        many,
        ...(codes.length > 0 && codes.length <= mostMeanings ? { codes: codes.map(coded) } : {}),
        ...(attribute ? { attribute: attribute.name } : {}),
        ...(attribute?.codes ? { attributeCodes: attribute.codes.map(coded) } : {}),
        eg: node.eg ?? '',
        ...(node.egAttribute === undefined ? {} : { egAttribute: node.egAttribute }),
        ...(key ? { key: true as const } : {}),
        ...(own?.min === 0 ? { optional: true as const } : {}),
        ...(beside ? { beside } : {}),
        ...(common ? { common } : {}),
        ...(paths ? { paths } : {}),
      },
    }
  }
  const asked = criteria.map(({ meant: one, how, column }): { criterion: Criterion; node: Node } => {
    const name = names.get(one.written)!
    const leaf = withoutAttribute(one.node.leaf!)
    const { zh, en } = titled(one)
    const node: Node = { name, zh, en, min: 0, max: 1, leaf, eg: one.node.eg ?? '' }
    return {
      node,
      criterion: {
        name,
        zh: node.zh,
        en: node.en,
        how,
        eg: node.eg ?? '',
        ...(column === undefined ? {} : { column: names.get(column)! }),
        ...(one.common ? { common: one.common } : {}),
        ...(one.paths ? { paths: one.paths } : {}),
        parameters: parametersOf(name, one),
        ...(leaf.codes ? { codes: leaf.codes.slice(0, mostCodes).map(coded) } : {}),
      },
    }
  })
  withShortRange(asked.map(({ criterion }) => criterion))
  const rows = [...columns.values()].map(asColumn)
  const measures = entry.measures.map(({ node }) => ({ ...bare(node), min: 0 }))
  const agencies = entry.agencies ?? agenciesOf(entry, sources)
  const form = queryForm(
    entry,
    agencies,
    asked.map(({ node }) => node),
  )
  const shape: QueryShape = {
    query: entry.query,
    title: entry.title,
    namespace: form.namespace,
    resultNamespace: form.namespace.replace(`:${entry.query}:`, `:${entry.query}Result:`),
    operations: entry.serves,
    agencies,
    of: entry.reference ? [] : entry.of,
    ...(entry.reference ? { reference: true as const } : {}),
    only: onlyOf(entry, sources),
    criteria: asked.map(({ criterion }) => criterion),
    columns: [
      ...rows.map(({ column }) => column),
      ...measures.map((node) => ({
        ...asColumn({ written: node.name, node, also: [], key: false, many: false }).column,
        name: node.name,
      })),
    ],
    ...(entry.groupBy.length > 0
      ? {
          statistics: {
            groupBy: entry.groupBy.map((one) => names.get(one)!),
            measures: entry.measures.map(({ node, count, sum }) => ({
              name: node.name,
              ...(count ? { count } : node.name === 'Count' ? { count: true as const } : {}),
              ...(sum === undefined ? {} : { sum }),
            })),
          },
        }
      : {}),
  }
  const columnNodes = [...rows.map(({ node }) => node), ...measures]
  return { form, shape, columns: columnNodes, own: [...entry.extra, ...measures] }
}

/**
 * The last two steps of what is written, where the last alone is plain or another has it too; more while that is so.
 */
function shortNames(written: readonly string[]): Map<string, string> {
  const short = (path: string, steps: number) => path.split('/').slice(-steps).map(upper).join('')
  const taken = new Map<string, string>()
  for (const one of written) {
    const all = one.split('/').length
    let steps = all > 1 && plain.test(one.split('/').at(-1)!) ? 2 : 1
    while (steps < all && written.some((other) => other !== one && short(other, steps) === short(one, steps))) steps++
    taken.set(one, short(one, steps))
  }
  return taken
}

function meant(written: string, entry: WrittenQuery, { forms, published, library }: Sources): Meant | undefined {
  const extra = entry.extra.find(({ name }) => name === written)
  const basis = { written, also: [] as string[], key: false, many: false }
  if (extra)
    return extra.leaf ? { ...basis, node: extra, many: extra.max > 1, ...given(written, entry, forms) } : undefined
  // Before the documents: how a filing stands is no State of a seal or a wagon in it. That one has a longer path.
  if ((commonFacts as readonly string[]).includes(written)) {
    const common = written as CommonFact
    return { ...basis, node: commonNode(common, library), common, key: common === 'Reference' }
  }
  const inForms = entry.of.flatMap((document) => {
    const form = forms.get(document)
    const found = form && inForm(form, written)
    return found ? [found] : []
  })
  const known = published.fields[written]
  const isPublished = known && entry.of.some((one) => published.documents.includes(one))
  const nodes = [...inForms.map(({ node }) => node), ...(isPublished ? [known.node] : [])]
  if (nodes.length > 0) {
    const paths = [...new Set([...inForms.flatMap((one) => one.paths), ...(isPublished ? known.at : [])])]
    return {
      ...basis,
      node: {
        ...nodes.reduce(joined),
        ...titleOfAll(nodes.map(({ zh, en }) => ({ zh, en })) as [Titled, ...Titled[]]),
      },
      ...(paths.length > 0 ? { paths } : {}),
      ...groupOf(inForms.flatMap(({ group }) => group ?? [])),
      meanings: meaningsIn([...nodes.map(({ leaf }) => leaf?.codes ?? []), ...(isPublished ? [known.meanings] : [])]),
      also: isPublished ? known.also : [],
      key: inForms.some(({ key }) => key) || (isPublished === true && known.key),
      many: inForms.some(({ many }) => many),
    }
  }
  return undefined
}

const coded = ({ code, zh }: Code) => ({ code, zh })

/** Of documents that have different lists: a code that means two things is told of neither. */
function meaningsIn(lists: readonly (readonly Code[])[]): Code[] {
  const all = lists.flat()
  const meanings = new Map(all.map((one) => [one.code, one]))
  return [...meanings.values()].filter(({ code, zh }) => all.every((one) => one.code !== code || one.zh === zh))
}

/** Of documents that call the group by several names, what these end with; the first where they share nothing. */
function groupOf([first, ...others]: Titled[]): { group?: Titled } {
  if (!first) return {}
  return { group: others.reduce(sharedEnd, first) }
}

/** What only the authority knows, its answers may bring. */
function given(written: string, { of, found }: WrittenQuery, forms: Sources['forms']): { paths?: string[] } {
  const { at } = found[written] ?? {}
  if (at) return { paths: at }
  const brings = of.flatMap((document) => forms.get(document)?.life.flatMap((stage) => stage.brings) ?? [])
  return leafAt(brings, written) ? { paths: [`Result/${written}`] } : {}
}

/**
 * A field of the form, of what its answers bring, or the only one whose path ends so. What an answer brings counts
 * before what was filed.
 */
function inForm(
  form: Form,
  written: string,
): { node: Node; paths: string[]; key: boolean; many: boolean; group?: Titled } | undefined {
  const brought = form.life.flatMap(({ brings }) => brings)
  const [filed, given] = [leafAt(form.fields, written), leafAt(brought, written)]
  const node = filed?.node ?? given?.node
  if (!node) return undefined
  const steps = filed?.path.split('/') ?? []
  // What was granted is called so, and not 原…, as a change of it calls it.
  const { zh, en } = (given ?? filed)!.node
  const title = { zh: given && filed ? zh.replace(/^新/, '') : zh, en }
  const group = given
    ? nodeAt(brought, given.path.split('/').slice(0, -1).join('/'))
    : nodeAt(form.fields, steps.slice(0, -1).join('/'))
  const many = steps.some((_, i) => (nodeAt(form.fields, steps.slice(0, i + 1).join('/'))?.max ?? 1) > 1)
  return {
    node: filed && given ? { ...joined(filed.node, given.node), ...title } : node,
    paths: [...(given ? [`Result/${given.path}`] : []), ...(filed ? [`/${filed.path}`] : [])],
    many,
    ...(group ? { group: { zh: group.zh, en: group.en } } : {}),
    key: [...form.identity, ...form.keys].includes(filed?.path ?? given!.path) && !many,
  }
}

function leafAt(fields: readonly Node[], written: string): { node: Node; path: string } | undefined {
  const exact = nodeAt(fields, written)
  if (exact) return exact.leaf ? { node: exact, path: written } : undefined
  return [...walk(fields)].find(({ path, node }) => node.leaf !== undefined && path.endsWith(`/${written}`))
}

const isDate = (written: string) =>
  /^(Submitted|Decided|Applied|Issued|Cleared|Declared|Valid|Sent|Period|Paid|Closed)/.test(written)

/** `Submitted` → SubmittedAt; `Issued` → IssuedOn, IssuedAt, IssuedDate: whatever the query or its documents have. */
function rangeOf(
  base: string,
  find: (written: string) => Meant | undefined,
  columns: ReadonlyMap<string, Meant>,
): Meant | undefined {
  for (const ending of ['At', 'On', 'Date', '']) {
    const one = columns.get(`${base}${ending}`) ?? find(`${base}${ending}`)
    if (one) return one
  }
  return undefined
}

/** A range is asked by day, or in the unit of what is looked at (months, numbers). */
function dated(written: string, like: Node | undefined): Node {
  const last = written.endsWith('To')
  const title = like ?? { zh: '日期', en: englishOf(written.replace(/(From|To)$/, '')) }
  const day = like?.leaf === undefined || ['date', 'dateTime'].includes(like.leaf.base)
  return {
    name: written,
    ...endOfRange(title, last),
    min: 0,
    max: 1,
    leaf: day ? { type: 'date', base: 'date' } : withoutAttribute(like.leaf!),
    eg: day ? (last ? '2026-12-31' : '2026-01-01') : (like.eg ?? ''),
  }
}

function bare(node: Node): Node {
  const { lines: _, fields: __, own: ___, usual: ____, ...rest } = node
  return rest
}
function withoutAttribute(leaf: Leaf): Leaf {
  const { attribute: _, check: __, ...rest } = leaf
  return rest
}

function parametersOf(name: string, { written, common, also }: Meant): string[] {
  const own = lowerName(name)
  const others = [...also, ...(common === 'State' && written === 'State' ? ['status'] : [])]
  return [...new Set([own, ...others])]
}

/** `from` and `to` mean the first range there is, the days of filing before others. */
function withShortRange(criteria: Criterion[]): void {
  for (const how of ['from', 'to'] as const) {
    const ranges = criteria.filter((one) => one.how === how)
    const first = ranges.find(({ common }) => common === 'SubmittedAt') ?? ranges[0]
    if (first && !criteria.some(({ parameters }) => parameters.includes(how))) first.parameters.push(how)
  }
}

function agenciesOf({ of }: WrittenQuery, { forms }: Sources): string[] {
  return [...new Set(of.flatMap((document) => forms.get(document)?.agencies ?? []))]
}

/** `function: withdraw` is what Head/FunctionCode says; a code's meaning is its code. */
function onlyOf({ only, of }: WrittenQuery, { forms }: Sources): QueryShape['only'] {
  return Object.fromEntries(
    Object.entries(only).map(([path, wanted]) => {
      if (path !== 'function') return [path, wanted]
      const named = of.flatMap((document) => forms.get(document)?.functions ?? [])
      const code = named.find(({ name }) => name === wanted)?.code ?? wanted
      return ['Head/FunctionCode', code]
    }),
  )
}

export type { Code }
export { stateCodes }

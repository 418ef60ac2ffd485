// remarks — what is wrong with the names and the examples of queries, over all of them together: a value that is called
// as an element of the forms and is something else, a name of two types, one label under two names, a count that does
// not say so, an example whose times contradict each other. For `hub form check`.
import { commonFacts } from '../../messages/queries/shape.js'
import { shapeOf } from '../form/name-kinds.js'
import { walk, type Form, type Node } from '../form/node.js'
import { plain } from './titles.js'
import { unwritten } from '../form/words.js'
import type { ReadQuery } from './written.js'

type RemarkedQuery = Pick<ReadQuery, 'form' | 'shape' | 'columns' | 'own'>

/** What a label measures, and how the element then is called. The first that fits counts. */
const measured: readonly [label: RegExp, name: RegExp][] = [
  [/（吨）$/, /Tonnes$/],
  [/(天数|工作日)(（|$)/, /Days/],
  [/次数(（|$)/, /(Count|Times|Uses)/],
  [/([票份项条人箱清单辆件批艘张本]|车次|集装箱|[^天小时]种)数(（|$)|批次(（|$)|种次$/, /(Count|Batches)$/],
  [/(数量|余量)(合计)?(（|$)/, /(Quantity|Weight|Balance)/],
  [/重量(（|$)/, /Weight/],
  [/金额|总价|货值/, /(Amount|Value|Total|Price|Cost)/],
  [/率(（%）)?$/, /(Rate|Share|Ratio)/],
]
/** Names of published messages, whose labels the forms give to others. */
const published: Readonly<Record<string, string>> = {
  AplKind: '检验检疫报文（ITMS）',
  CustomsTax: '跨境电商电子税单（CEB816）',
  EntryId: '报关单报文（DEC）',
  FeedbackMsg: '智能卡口报文',
  FeedbackTime: '智能卡口报文',
  Gcode: '跨境电商电子税单（CEB816）',
  GdsNm: '保税报文（SAS）',
  ResponseCode: '舱单回执报文',
  ResponseText: '舱单回执报文',
  ResponseTime: '舱单回执报文',
  RtnFlag: '快件回执报文（EXP312）',
  SpTrnSeqNo: '转关回执报文',
  StatementCode: '公路舱单回执报文',
  StatementDescription: '公路舱单回执报文',
  ValueAddedTax: '跨境电商电子税单（CEB816）',
}
/** Each authority has its own course, with its own steps. */
const ownCodes = ['Stage', 'Step']

/**
 * @param queries all there are: two of them may contradict each other
 * @returns sentences by the name of the query
 */
export function queryRemarks(queries: readonly RemarkedQuery[], forms: readonly Form[]): Map<string, string[]> {
  const elements = elementsOf(forms)
  const before = { names: new Map<string, Seen>(), labels: new Map<string, Seen>() }
  const told = new Map<string, string[]>()
  for (const query of queries) {
    const found = [
      ...query.own.flatMap((node) => [
        ...nameOf(node, elements),
        ...labelOf(node, elements),
        ...beside(query.form.document, node, before),
      ]),
      ...(query.shape.reference ? [] : timesOf(query)),
    ]
    if (found.length > 0) told.set(query.form.document, found)
  }
  return told
}

interface Elements {
  /** Name → the shapes of its leaves, each with a place. */
  shapes: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Label → names, each with how many forms call it so. */
  labels: ReadonlyMap<string, ReadonlyMap<string, number>>
}

function elementsOf(forms: readonly Form[]): Elements {
  const shapes = new Map<string, Map<string, string>>()
  const labels = new Map<string, Map<string, number>>()
  const under = <K, V>(map: Map<K, Map<string, V>>, key: K) => map.get(key) ?? map.set(key, new Map()).get(key)!
  for (const form of forms)
    for (const { path, node } of walk([...form.fields, ...form.life.flatMap(({ brings }) => brings)])) {
      if (!node.leaf) continue
      under(shapes, node.name).set(shapeOf(node.leaf), `${form.document}/${path}`)
      const names = under(labels, node.zh)
      names.set(node.name, (names.get(node.name) ?? 0) + 1)
    }
  return { shapes, labels }
}

function nameOf({ name, zh, leaf }: Node, { shapes }: Elements): string[] {
  const found: string[] = []
  if ((commonFacts as readonly string[]).includes(name)) found.push(`${name} is what every filing has: extra hides it`)
  const known = shapes.get(name)
  const shape = shapeOf(leaf!)
  if (known && !known.has(shape)) {
    const [[other, place]] = [...known] as [[string, string]]
    found.push(`${name} (${zh}) is ${shape} here and ${other} in ${place}`)
  }
  const rule = ['integer', 'decimal'].includes(leaf!.base) && measured.find(([label]) => label.test(zh))
  if (rule && !known?.has(shape) && !rule[1].test(name))
    found.push(`${name} (${zh}) does not say what it counts: ${rule[1].source}`)
  return found
}

/** What nearly all forms call by one name has it in queries too. */
function labelOf({ name, zh, en }: Node, { labels }: Elements): string[] {
  if (!/\p{Script=Han}/u.test(zh)) return [`${name} needs a Chinese label, not ${zh}`]
  if (unwritten(en).length > 0) return [`${name} is called ${en} in English: write it out (en, or words.ts)`]
  const names = labels.get(zh)
  if (!names || names.has(name) || published[name] !== undefined) return []
  const [[usual, often]] = [...names].sort(([, a], [, b]) => b - a) as [[string, number]]
  const all = [...names.values()].reduce((sum, one) => sum + one, 0)
  return often >= 3 && often >= 0.75 * all && !plain.test(usual)
    ? [`${zh} is called ${usual} in the forms, not ${name}`]
    : []
}

/** Alike, or one says more: `Quantity`, `TaxedGoodsQuantity`. */
const sameName = (one: string, other: string) =>
  one.endsWith(other) || other.endsWith(one) || [one, other].some((name) => published[name] !== undefined)

interface Seen {
  query: string
  node: Node
}

/** Beside the queries before it: one name, one type and one meaning a code; one label, one name. */
function beside(query: string, node: Node, { names, labels }: Record<'names' | 'labels', Map<string, Seen>>): string[] {
  const found: string[] = []
  const named = names.get(node.name)
  if (!named) names.set(node.name, { query, node })
  else {
    const [here, there] = [node, named.node].map(({ leaf }) => shapeOf(leaf!))
    if (here !== there) found.push(`${node.name} is ${here} here and ${there} in ${named.query}`)
    for (const { code, zh } of ownCodes.includes(node.name) ? [] : (node.leaf!.codes ?? [])) {
      const other = named.node.leaf!.codes?.find((one) => one.code === code)
      if (other && other.zh !== zh) found.push(`${node.name} ${code} is ${zh} here and ${other.zh} in ${named.query}`)
    }
  }
  const labelled = labels.get(node.zh)
  if (!labelled) labels.set(node.zh, { query, node })
  else if (!sameName(node.name, labelled.node.name))
    found.push(`${node.zh} is called ${node.name} here and ${labelled.node.name} in ${labelled.query}`)
  return found
}

/** What an authority does with a filing, it does after the filing; what it grants does not end before it begins. */
function timesOf({ columns, own, shape }: RemarkedQuery): string[] {
  const dayOf = (name: string) => (columns.find((one) => one.name === name)?.eg ?? '').slice(0, 10)
  const after = (name: string) =>
    own.some((one) => one.name === name) ||
    shape.columns.some(
      (one) => one.name === name && one.paths !== undefined && one.paths.every((path) => path.startsWith('Result/')),
    )
  const late = columns
    .filter(({ name, leaf }) => ['date', 'dateTime'].includes(leaf!.base) && after(name))
    .map(({ name }) => ['SubmittedAt', name] as const)
  const pairs = [...late, ['SubmittedAt', 'DecidedAt'], ['IssuedOn', 'ValidTo'], ['ValidFrom', 'ValidTo']] as const
  return pairs
    .filter(([first, last]) => dayOf(last) !== '' && dayOf(last) < dayOf(first))
    .map(([first, last]) => `the example of ${last}, ${dayOf(last)}, lies before that of ${first}, ${dayOf(first)}`)
}

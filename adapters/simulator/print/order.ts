// order — what a simulated agency prints, as boxes with their labels: made of what was filed and what was decided,
// drawn when it is sent.
import type { XmlDocument } from '../../../messages/xml-reading.js'

/** One box of a form: the label small above the value. */
export interface PrintedBox {
  label: string
  value: string
}

/** Boxes two in a row, or a list with one row an entry. */
interface BoxSection {
  title: string
  boxes: PrintedBox[]
}
/** A section of rows. */
export interface TableSection {
  title: string
  columns: string[]
  rows: string[][]
}
/** A part of a print, under its title. */
export type Section = BoxSection | TableSection

/** Everything a print holds, before it is drawn. */
export interface PrintOrder {
  /** Of the file. */
  name: string
  title: string
  /** What it is about, below the title. */
  subtitle: string
  /** The agency's number; the QR code holds it. */
  number: string
  /** What the agency decided. */
  state: string
  sections: Section[]
  /** Default: a paper. */
  format?: 'pdf' | 'csv'
  /** ISO 8601: the day it bears. */
  at: string
}

/** A form as far as printing looks at it (dist/forms). */
interface PrintedNode {
  name: string
  zh: string
  max: number
  fields?: PrintedNode[]
  leaf?: { type: string; codes?: Codes; attribute?: { name: string; codes?: Codes } }
}
type Codes = readonly { code: string; zh: string }[]
/** A form as a print needs it. */
export interface PrintedForm {
  title: { zh: string }
  /** Numbers by which it is known. */
  keys: readonly string[]
  fields: PrintedNode[]
  life: { code: string; zh: string; brings: PrintedNode[] }[]
}

type Tree = Record<string, unknown>

/** Longest list that is drawn as a table; wider ones are drawn entry by entry. */
const mostColumns = 7

/** A print for each file the answer names. */
export function ordersOf(form: PrintedForm, message: XmlDocument, answer: XmlDocument): PrintOrder[] {
  const tree = answer.tree as Tree
  const stage = form.life.find(({ code }) => code === textOf(tree.State))
  if (!stage) return []
  const result = (one(tree.Result) ?? {}) as Tree
  const decided = sectionsOf('办理结果', withoutFiles(stage.brings), result)
  const filed = sectionsOf(form.title.zh, withoutFiles(form.fields), message.tree)
  const numbers = stage.brings.filter(({ name, leaf }) => leaf && /(Number|No|Code)$/.test(name))
  const known = [...numbers.filter(({ name }) => form.keys.includes(name)), ...numbers]
  const number = known.map(({ name }) => textOf(one(result[name]))).find((value) => value !== '')
  return filesIn(stage.brings, result).map(({ title, name }) => ({
    name,
    title,
    subtitle: form.title.zh,
    number: number ?? textOf(tree.OriginalMessageID),
    state: stage.zh,
    sections: [...decided, ...filed],
    at: textOf(tree.StateTime),
  }))
}

/**
 * A document with what was decided about it: the last answer that brought something goes before the boxes. The paper
 * is called as the one that answer issues, where it issues one.
 */
export function decidedAndFiled(
  form: PrintedForm,
  message: XmlDocument,
  answers: readonly XmlDocument[],
): { title: string; filed: string; state?: string; sections: Section[] } {
  const decided = answers
    .map(({ tree }) => tree as Tree)
    .filter(({ Result }) => Result !== undefined)
    .at(-1)
  const stage = form.life.find(({ code }) => code === textOf(decided?.State))
  const result = asTree(one(decided?.Result))
  const issued = stage && (filesIn(stage.brings, result)[0]?.title ?? paperOf(form, stage.brings, result))
  return {
    title: issued ?? form.title.zh,
    filed: form.title.zh,
    ...(stage ? { state: stage.zh } : {}),
    sections: [
      ...(stage ? sectionsOf('办理结果', withoutFiles(stage.brings), result) : []),
      ...sectionsOf(form.title.zh, withoutFiles(form.fields), message.tree),
    ],
  }
}

/**
 * The paper whose number was granted, where no file is: 合法捕捞产品通关证明编号 is the number of a 合法捕捞产品通关证明, of the kind
 * the application names （金枪鱼、剑鱼）.
 */
function paperOf(form: PrintedForm, brings: readonly PrintedNode[], result: Tree): string | undefined {
  const papers = brings.flatMap(({ name, zh }) => {
    const [, paper] = /^(?:新|原)?(.*(?:证|证明|证明书|证书|单|书|函|批件|批文))(?:编号|号码|号)$/.exec(zh) ?? []
    return paper === undefined || textOf(one(result[name])) === '' ? [] : [{ paper, key: form.keys.includes(name) }]
  })
  const { paper } = papers.find(({ key }) => key) ?? papers[0] ?? {}
  const [kind = ''] = /（[^（）]*）$/.exec(form.title.zh) ?? []
  return paper === undefined ? undefined : paper + (paper.endsWith('）') ? '' : kind)
}

/** A published document by the labels of its schema: its groups are sections, its lists tables. */
export function publishedSections(
  title: string,
  labels: Readonly<Record<string, string>>,
  { tree }: XmlDocument,
): Section[] {
  const nodeOf = (name: string, values: unknown[]): PrintedNode => {
    const below = new Map<string, unknown[]>()
    for (const value of values)
      for (const [child, inner] of Object.entries(asTree(value)))
        if (!/^[@#]/.test(child)) below.set(child, [...(below.get(child) ?? []), ...list(inner)])
    return {
      name,
      // A group without a label is the document itself, or its lines.
      zh: labels[name] ?? (below.size === 0 ? name : values.length > 1 ? '明细' : title),
      max: values.length > 1 ? Infinity : 1,
      ...(below.size === 0 ? {} : { fields: [...below].map(([child, inner]) => nodeOf(child, inner)) }),
    }
  }
  const { fields = [] } = nodeOf(title, [tree])
  return sectionsOf(
    title,
    fields.filter(({ name }) => !unprinted.test(name)),
    tree,
  )
}

/** Signatures and transport data are no boxes of the paper. */
const unprinted = /sign|^Head$|^EnvelopInfo$|^Extend|HashSign|^DecSupplement|^OpType$/i

function withoutFiles(nodes: readonly PrintedNode[]): PrintedNode[] {
  return nodes
    .filter(({ leaf }) => leaf?.type !== 'attachment')
    .map((node) => (node.fields ? { ...node, fields: withoutFiles(node.fields) } : node))
}

function filesIn(nodes: readonly PrintedNode[], tree: Tree): { title: string; name: string }[] {
  return nodes.flatMap((node) =>
    list(tree[node.name]).flatMap((value) => {
      if (node.fields) return filesIn(node.fields, asTree(value))
      return node.leaf?.type === 'attachment' ? [{ title: node.zh, name: textOf(value) }] : []
    }),
  )
}

/** Boxes in the order of the form; a group is a section, a list a table. What is not filled is not printed. */
export function sectionsOf(title: string, nodes: readonly PrintedNode[], tree: Tree): Section[] {
  const boxes: PrintedBox[] = []
  const below: Section[] = []
  for (const node of nodes) {
    const values = list(tree[node.name])
    if (values.length === 0) continue
    if (!node.fields) {
      const value = values.map((one) => shown(node, one)).join('；')
      if (value !== '') boxes.push({ label: node.zh, value })
    } else if (node.max === 1 || values.length === 1) below.push(...sectionsOf(node.zh, node.fields, asTree(values[0])))
    else below.push(...listed(node.zh, node.fields, values.map(asTree)))
  }
  return [...(boxes.length > 0 ? [{ title, boxes }] : []), ...below]
}

function listed(title: string, nodes: readonly PrintedNode[], entries: Tree[]): Section[] {
  const filled = nodes.filter(({ name }) => entries.some((entry) => list(entry[name]).length > 0))
  if (filled.length > mostColumns || filled.some(({ fields }) => fields))
    return entries.flatMap((entry, i) => sectionsOf(`${title}（${i + 1}）`, nodes, entry))
  const cell = (node: PrintedNode, entry: Tree) => list(entry[node.name]).map((value) => shown(node, value))
  return [
    {
      title,
      columns: filled.map(({ zh }) => zh),
      rows: entries.map((entry) => filled.map((node) => cell(node, entry).join('；'))),
    },
  ]
}

/**
 * With the meaning of a code, the currency of money, the unit of a quantity. Of yes and no, and of a code that is its
 * own meaning, only the word.
 */
function shown({ leaf }: PrintedNode, value: unknown): string {
  const text = textOf(value)
  const meaning = meaningOf(leaf?.codes, text)
  if (meaning !== undefined && (leaf?.type === 'yesNo' || meaning === text)) return meaning
  const beside = leaf?.attribute && textOf(asTree(value)[`@${leaf.attribute.name}`])
  return [text, meaning, meaningOf(leaf?.attribute?.codes, beside) ?? beside]
    .filter((one) => one !== undefined && one !== '')
    .join(' ')
}

const meaningOf = (codes: Codes | undefined, text: string | undefined) => codes?.find(({ code }) => code === text)?.zh

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])
const one = (value: unknown): unknown => list(value)[0]
const asTree = (value: unknown): Tree => (typeof value === 'object' && value !== null ? (value as Tree) : {})

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const text = asTree(value)['#text']
  return typeof text === 'string' ? text : ''
}

// broken — messages of a form with one thing wrong each, and the one fault that is to be told: for each kind of limit,
// and each kind of rule, the form has. Where a mistake would break a second rule too, another place of the same kind is
// taken.
import type { Rule } from '../rules/rule.js'
import { createTreeJudge } from './judge-tree.js'
import { wrongWith } from './leaf-types.js'
import type { Form } from './node.js'
import type { Sample } from './samples.js'
import { copy, elementsAt, insert, pathOf, remove, toXml, type Element } from './tree.js'

/** The fault that is to be told, as a receipt has it. */
export interface Expected {
  code: string
  path: string
  /** Of a rule of the form. */
  rule?: string
}
interface BrokenSample {
  /** `too-long`, `rule-sum` */
  name: string
  xml: string
  expected: Expected[]
}

/** What was done to a copy of a good message, and what is to be told of it. */
type Mistake = (tree: Element) => Expected | undefined

/** None where the form has no sample that its own rules take. */
export function brokenOf(form: Form, rules: readonly Rule[], samples: readonly Sample[]): BrokenSample[] {
  const good = samples.filter((one) => one.left.length === 0)
  const base = good[0]
  if (!base) return []
  const write = (name: string, tree: Element, expected: Expected): BrokenSample => ({
    name,
    xml: toXml(tree, form.namespace),
    expected: [expected],
  })
  const limits = Object.entries(limitMistakes).flatMap(([name, mistake]) => {
    const tree = copy(base.tree, undefined)
    const expected = mistake(tree)
    return expected ? [write(name, tree, expected)] : []
  })
  const judge = createTreeJudge(form, rules)
  const kindOf = (rule: Rule) => Object.keys(ruleMistakes).find((kind) => rule[kind as keyof Rule] !== undefined)
  const asked = Object.keys(ruleMistakes).flatMap((kind) => {
    for (const rule of rules.filter((one) => kindOf(one) === kind && one.level === undefined))
      for (const sample of good) {
        for (let nth = 0; nth < 4; nth++) {
          const tree = copy(sample.tree, undefined)
          const expected = ruleMistakes[kind]!(rule, tree, nth)
          if (!expected) break
          const faults = judge(tree, true)
          if (
            faults.length === 1 &&
            faults[0]!.code === expected.code &&
            faults[0]!.path === expected.path &&
            faults[0]!.rule === rule.id
          )
            return [write(`rule-${kind}`, tree, { ...expected, rule: rule.id })]
        }
      }
    return []
  })
  return [...limits, ...asked]
}

// limits of the XSD

function* elements(root: Element): Generator<Element> {
  for (const child of root.children) {
    yield child
    yield* elements(child)
  }
}
const leaves = (root: Element) => [...elements(root)].filter((one) => one.node.leaf !== undefined)
const own = (root: Element) =>
  [...elements(root)]
    .filter((one) => one.parent !== root || one.node.name !== 'Head')
    .filter((one) => !pathOf(one).includes('/Head'))

const wrongValue =
  (fits: (one: Element) => boolean, value: (one: Element) => string, code: string): Mistake =>
  (tree) => {
    const one = leaves(tree).find((leaf) => !pathOf(leaf).includes('/Head/') && fits(leaf))
    if (!one) return undefined
    one.text = value(one)
    return { code, path: pathOf(one) }
  }

const limitMistakes: Record<string, Mistake> = {
  missing(tree) {
    for (const one of own(tree)) {
      const siblings = one.parent!.children
      const next = siblings[siblings.indexOf(one) + 1]
      if (one.node.min === 0 || one.node.max > 1 || !next || next.node === one.node) continue
      remove(one)
      return { code: 'HUB_XSD_ELEMENT_MISSING', path: pathOf(one.parent!) }
    }
    return undefined
  },
  'missing-last'(tree) {
    const one = own(tree).find(
      (child) => child.node.min > 0 && child.node.max === 1 && child.parent!.children.at(-1) === child,
    )
    if (!one) return undefined
    remove(one)
    return { code: 'HUB_XSD_ELEMENT_MISSING', path: pathOf(one.parent!) }
  },
  twice(tree) {
    const one = own(tree).find((leaf) => leaf.node.leaf && leaf.node.max === 1)
    if (!one) return undefined
    const siblings = one.parent!.children
    siblings.splice(siblings.indexOf(one), 0, copy(one, one.parent))
    return { code: 'HUB_XSD_ELEMENT_UNEXPECTED', path: pathOf(one) }
  },
  'too-many'(tree) {
    const one = own(tree).find(({ node }) => node.max > 1 && node.max <= 50)
    if (!one) return undefined
    const siblings = one.parent!.children
    const there = siblings.filter((other) => other.node === one.node).length
    for (let i = there; i <= one.node.max; i++) siblings.splice(siblings.indexOf(one), 0, copy(one, one.parent))
    return {
      code: 'HUB_XSD_ELEMENT_UNEXPECTED',
      path: pathOf(siblings.filter((other) => other.node === one.node)[one.node.max]!),
    }
  },
  'unknown-function'(tree) {
    const one = elementsAt(tree, 'Head/FunctionCode')[0]!
    one.text = '~'
    return { code: 'HUB_XSD_ENUMERATION', path: pathOf(one) }
  },
  'too-long': wrongValue(
    ({ node }) =>
      node.leaf!.base === 'string' &&
      node.leaf!.maxLength !== undefined &&
      node.leaf!.pattern === undefined &&
      !node.leaf!.codes,
    ({ node }) => '测'.repeat(node.leaf!.maxLength! + 1),
    'HUB_XSD_LENGTH',
  ),
  blank: wrongValue(
    ({ node }) =>
      node.leaf!.base === 'string' &&
      node.leaf!.maxLength !== undefined &&
      node.leaf!.pattern === undefined &&
      !node.leaf!.codes,
    () => ' ',
    'HUB_XSD_PATTERN',
  ),
  'unknown-code': wrongValue(
    ({ node }) => node.leaf!.codes !== undefined,
    () => '~',
    'HUB_XSD_ENUMERATION',
  ),
  pattern: wrongValue(
    ({ node }) => node.leaf!.pattern !== undefined,
    () => '~',
    'HUB_XSD_PATTERN',
  ),
  'no-date': wrongValue(
    ({ node }) => node.leaf!.base === 'date',
    () => '2026-02-30',
    'HUB_XSD_TYPE',
  ),
  'no-time': wrongValue(
    ({ node }) => node.leaf!.base === 'dateTime',
    () => '2026-06-01 25:00',
    'HUB_XSD_TYPE',
  ),
  'no-number': wrongValue(
    ({ node }) => node.leaf!.base === 'integer' || node.leaf!.base === 'decimal',
    () => '一百',
    'HUB_XSD_TYPE',
  ),
  'too-great': wrongValue(
    ({ node }) => node.leaf!.base === 'integer' && node.leaf!.max !== undefined,
    ({ node }) => String(node.leaf!.max! + 1),
    'HUB_XSD_RANGE',
  ),
  decimals: wrongValue(
    ({ node }) =>
      node.leaf!.base === 'decimal' &&
      node.leaf!.min === undefined &&
      (node.leaf!.fraction ?? 9) < (node.leaf!.digits ?? 0),
    ({ node }) => `0.${'1'.repeat(node.leaf!.fraction! + 1)}`,
    'HUB_XSD_DIGITS',
  ),
  'no-measure'(tree) {
    const one = leaves(tree).find(({ node }) => node.leaf!.attribute)
    if (!one) return undefined
    one.attribute = undefined
    return { code: 'HUB_XSD_ATTRIBUTE_MISSING', path: pathOf(one) }
  },
  'wrong-measure'(tree) {
    const one = leaves(tree).find(({ node }) => node.leaf!.attribute)
    if (!one) return undefined
    one.attribute = '~'
    const { name, codes } = one.node.leaf!.attribute!
    return { code: codes ? 'HUB_XSD_ENUMERATION' : 'HUB_XSD_PATTERN', path: `${pathOf(one)}/@${name}` }
  },
}

// rules of the form

/** Where a rule's path leads from one of its entries. */
function at(entry: Element, path: string): { from: Element; steps: string[] } {
  let from = entry
  let rest = path
  if (rest.startsWith('/')) {
    while (from.parent) from = from.parent
    rest = rest.slice(1)
  }
  while (rest.startsWith('../')) {
    from = from.parent ?? from
    rest = rest.slice(3)
  }
  return { from, steps: rest.replace(/@.*$/, '').split('/') }
}
const found = (entry: Element, path: string): Element[] => {
  const { from, steps } = at(entry, path)
  return elementsAt(from, steps.join('/'))
}
const entriesOf = (rule: Rule, tree: Element) => (rule.for === undefined ? [tree] : elementsAt(tree, rule.for))
const bare = (one: Element) => pathOf(one).replace(/\[\d+\]$/, '')
const another = (one: Element): string => {
  const other = one.node.leaf?.codes?.find(({ code }) => code !== one.text)?.code
  if (other !== undefined) return other
  return one.text.replace(/[0-9A-Za-z\u4e00-\u9fff](?=[^0-9A-Za-z\u4e00-\u9fff]*$)/, (c) =>
    /\d/.test(c) ? String((Number(c) + 1) % 10) : /[A-Za-z]/.test(c) ? (c === 'B' ? 'C' : 'B') : '测',
  )
}

type RuleMistake = (rule: Rule, tree: Element, nth: number) => Expected | undefined

/** The nth leaf a rule speaks of gets a value; told there with this code. */
const set =
  (
    paths: (rule: Rule) => string[],
    value: (one: Element, rule: Rule) => string | undefined,
    code: string,
  ): RuleMistake =>
  (rule, tree, nth) => {
    const one = entriesOf(rule, tree).flatMap((entry) => paths(rule).flatMap((path) => found(entry, path)))[nth]
    const made = one && value(one, rule)
    if (!one) return undefined
    // What its type does not allow is no mistake of the rule.
    const digit = rule.check !== undefined
    if (made === undefined || (!digit && one.node.leaf && wrongWith(made, one.node.leaf) !== undefined))
      return { code: '', path: '' }
    one.text = made
    return { code, path: pathOf(one) }
  }
const drop =
  (paths: (rule: Rule) => string[]): RuleMistake =>
  (rule, tree, nth) => {
    const one = entriesOf(rule, tree).flatMap((entry) => paths(rule).flatMap((path) => found(entry, path)))[nth]
    if (!one?.parent) return undefined
    const path = bare(one)
    if (one.parent.children.filter((other) => other.node === one.node).length <= one.node.min)
      return { code: '', path: '' }
    remove(one)
    return { code: 'HUB_RULE_REQUIRED', path }
  }

const byMuch = (one: Element) => {
  const decimals = one.text.split('.')[1]?.length ?? 0
  return (Number(one.text) + 7).toFixed(decimals)
}
const listOf = (paths: string | string[]) => [paths].flat()

const ruleMistakes: Record<string, RuleMistake> = {
  require: drop((rule) => listOf(rule.require!)),
  forbid(rule, tree, nth) {
    const places = entriesOf(rule, tree).flatMap((entry) => listOf(rule.forbid!).map((path) => at(entry, path)))
    const place = places[nth]
    if (!place) return undefined
    let parent: Element | undefined = place.from
    for (const step of place.steps.slice(0, -1)) parent = parent?.children.find((one) => one.node.name === step)
    const node = parent?.node.fields?.find((one) => one.name === place.steps.at(-1))
    if (!parent || !node || parent.children.some((one) => one.node === node)) return { code: '', path: '' }
    return { code: 'HUB_RULE_FORBIDDEN', path: pathOf(insert(parent, node)) }
  },
  value: set((rule) => Object.keys(rule.value!), another, 'HUB_RULE_VALUE'),
  check: set((rule) => listOf(rule.check!.path), another, 'HUB_RULE_CHECK_DIGIT'),
  sum: set(
    (rule) => (typeof rule.sum!.total === 'number' ? listOf(rule.sum!.of) : [rule.sum!.total]),
    byMuch,
    'HUB_RULE_SUM',
  ),
  balance: set((rule) => [`${rule.balance!.left.in}/${rule.balance!.left.of}`], byMuch, 'HUB_RULE_SUM'),
  product: set((rule) => [rule.product!.is], byMuch, 'HUB_RULE_SUM'),
  ratio: set((rule) => [rule.ratio!.is], byMuch, 'HUB_RULE_SUM'),
  count: set((rule) => [rule.count!.total], byMuch, 'HUB_RULE_SUM'),
  holds: set(
    (rule) => rule.holds!.left.split(' ').filter((one) => /^[./]*[A-Z]/.test(one)),
    (one, rule) => {
      const { op } = rule.holds!
      const less = op === '<' || op === '<='
      const late = one.node.leaf?.base === 'dateTime' ? 'T09:00:00' : ''
      if (one.node.leaf?.base === 'date' || late) return less ? `2099-12-31${late}` : `1949-10-01${late}`
      if (!/^-?[\d.]+$/.test(one.text)) return undefined
      const { min = 0, max } = one.node.leaf ?? {}
      return less ? String(max ?? Number(one.text) + 100000) : op === '=' ? byMuch(one) : String(min)
    },
    'HUB_RULE_ORDER',
  ),
  unique(rule, tree) {
    const { unique } = rule
    const path = typeof unique === 'string' ? unique : unique!.each
    const of = entriesOf(rule, tree).flatMap((entry) => found(entry, path))
    const leaf = typeof unique === 'string'
    const last = of.at(-1)
    // The leaf itself repeats, or the entry it stands in.
    const entry = leaf && last?.node.max === 1 ? last.parent : last
    if (!entry?.parent || entry.node.max === 1) return undefined
    const siblings = entry.parent.children
    const twin = copy(entry, entry.parent)
    const before = pathOf(entry)
    siblings.splice(siblings.indexOf(entry) + 1, 0, twin)
    // A running number goes on.
    for (const child of twin.children)
      if (child.node.leaf?.type === 'sequence') child.text = String(Number(child.text) + 1)
    if (before === '') return undefined
    if (leaf)
      return {
        code: 'HUB_RULE_UNIQUE',
        path: entry === last ? pathOf(twin) : pathOf(twin.children.find((one) => one.node === last!.node)!),
      }
    const by = typeof unique === 'object' ? unique.by[0]! : ''
    return { code: 'HUB_RULE_UNIQUE', path: `${pathOf(twin)}/${by}` }
  },
  exists(rule, tree) {
    const group = entriesOf(rule, tree).flatMap((entry) => found(entry, rule.exists!.in))
    const [[path = '', wanted] = []] = Object.entries(rule.exists!.where)
    const values = typeof wanted === 'string' ? [wanted] : Array.isArray(wanted) ? wanted : []
    const last = group.at(-1)
    if (!last) return undefined
    for (const one of group)
      for (const leaf of elementsAt(one, path)) {
        const other = leaf.node.leaf?.codes?.find(({ code }) => !values.includes(code))?.code
        if (values.includes(leaf.text) && other !== undefined) leaf.text = other
      }
    return { code: 'HUB_RULE_REQUIRED', path: pathOf(last) }
  },
  together: drop((rule) => rule.together!),
  either(rule, tree) {
    const all = rule.either!.flatMap((path) => found(entriesOf(rule, tree)[0] ?? tree, path))
    const { from, steps } = at(entriesOf(rule, tree)[0] ?? tree, rule.either![0]!)
    all.forEach(remove)
    return all.length === 0 ? undefined : { code: 'HUB_RULE_REQUIRED', path: [pathOf(from), ...steps].join('/') }
  },
  equal: set((rule) => [rule.equal![0]], another, 'HUB_RULE_EQUAL'),
  begins: set(
    (rule) => [rule.begins![0]],
    (one) => one.text.replace(/^./, (c) => (c === '9' ? '8' : '9')),
    'HUB_RULE_VALUE',
  ),
  differ(rule, tree, nth) {
    const entry = entriesOf(rule, tree)[nth]
    const [a, b] = entry ? rule.differ!.map((path) => found(entry, path)[0]) : []
    if (!a || !b) return undefined
    a.text = b.text
    return { code: 'HUB_RULE_DIFFER', path: pathOf(a) }
  },
  refers: set(
    (rule) => [rule.refers![0]],
    (one) => (one.node.leaf?.base === 'integer' ? String(one.node.leaf.max ?? 99) : another(one)),
    'HUB_RULE_REFERS',
  ),
  inForce: set(
    (rule) => [rule.inForce!.path],
    (_, rule) => Object.entries(rule.inForce!.codes).find(([, { to = '9999' }]) => to < '2026')?.[0],
    'HUB_RULE_VALUE',
  ),
  concat: set(
    (rule) => [rule.concat!.is],
    // At its start: the last digit before what else is there.
    (one, rule) =>
      rule.concat!.at === 'start' ? one.text.replace(/\d(?=\D)/, (c) => String((Number(c) + 1) % 10)) : another(one),
    'HUB_RULE_VALUE',
  ),
  one(rule, tree) {
    const entry = entriesOf(rule, tree)[0]
    const missing =
      entry &&
      rule.one!.map((path) => at(entry, path)).find(({ from, steps }) => elementsAt(from, steps.join('/')).length === 0)
    const node = missing?.from.node.fields?.find((one) => one.name === missing.steps.at(-1))
    if (!entry || !missing || !node || missing.steps.length > 1) return undefined
    const made = insert(missing.from, node)
    const there = rule.one!.flatMap((path) => found(entry, path)[0] ?? [])
    return there[1] && made ? { code: 'HUB_RULE_FORBIDDEN', path: pathOf(there[1]) } : undefined
  },
}

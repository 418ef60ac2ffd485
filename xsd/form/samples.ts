// samples — messages of a form, made of its examples: with all it may have, with as little as it may have, and one for
// each function of each operation. What its own rules forbid is left out, what they need is put in.
import type { Fault } from '../../messages/fault.js'
import type { Rule } from '../rules/rule.js'
import { rootOf } from './document.js'
import { wrongWith } from './leaf-types.js'
import { createTreeJudge } from './judge-tree.js'
import type { Form, Node } from './node.js'
import { copy, elementAt, elementsAt, grow, insert, remove, toXml, type Element } from './tree.js'

/** A message of a form, made of its examples. */
export interface Sample {
  /** `full`, `minimal`, `4.24.1.1.1-change` */
  name: string
  tree: Element
  xml: string
  /** Rules its examples break: the form is to be corrected. */
  left: Fault[]
}

const mostSteps = 400

/** `full`, `minimal`, and one for each function of each operation. The same form gives the same bytes each time. */
export function samplesOf(form: Form, rules: readonly Rule[]): Sample[] {
  const judge = createTreeJudge(form, rules)
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const make = (name: string, all: boolean, serve: Form['serves'][number], fn: string): Sample => {
    const tree = grow(rootOf(form), undefined, all)
    if (form.short?.functions.includes(fn))
      tree.children = tree.children.filter(({ node }) => node.name === 'Head' || form.short!.needs.includes(node.name))
    const code = form.functions.find((one) => one.name === fn)!.code
    elementsAt(tree, 'Head/FunctionCode')[0]!.text = code
    const number = elementsAt(tree, 'Head/MessageID')[0]!
    const digits = [...name].reduce((n, c) => (n * 31 + c.codePointAt(0)!) % 10000, 7)
    number.text = `${number.text.replace(/\d+$/, '')}${String(digits).padStart(4, '0')}`
    for (const [path, value] of Object.entries(serve.when)) setAll(tree, path, [value].flat()[0]!)
    for (const [path, value] of Object.entries(serve.eg))
      if (elementsAt(tree, path).length > 0) setAll(tree, path, value)
    const left = followRules(tree, judge, byId, new Set(['Head/FunctionCode', ...Object.keys(serve.when)]))
    return { name, tree, xml: toXml(tree, form.namespace), left }
  }
  const first = form.serves[0]!
  return [
    make('full', true, first, first.functions[0]!),
    make('minimal', false, first, first.functions[0]!),
    ...form.serves.flatMap((serve) => serve.functions.map((fn) => make(`${serve.operation}-${fn}`, true, serve, fn))),
  ]
}

function setAll(tree: Element, path: string, value: string): void {
  if (elementsAt(tree, path).length === 0) ensure(tree, path.split('/'))
  for (const one of elementsAt(tree, path)) one.text = value
}

/** Puts in what is missing on the way to a path; what is there stays. */
function ensure(from: Element, steps: string[]): Element | undefined {
  let at: Element | undefined = from
  for (const step of steps) {
    const [, name, position] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? []
    const there: Element | undefined = at.children.filter((one) => one.node.name === name)[Number(position ?? 1) - 1]
    const node: Node | undefined = at.node.fields?.find((one) => one.name === name)
    if (!there && !node) return undefined
    at = there ?? insert(at, node!)
  }
  return at
}

/** Follows what the rules say until they say nothing more, or nothing that could be done. */
function followRules(
  tree: Element,
  judge: ReturnType<typeof createTreeJudge>,
  rules: ReadonlyMap<string, Rule>,
  fixed: ReadonlySet<string>,
): Fault[] {
  const made = new Map<string, string>()
  for (let step = 0; step < mostSteps; step++) {
    // Also what only warns: an example is to be exemplary.
    const faults = judge(tree, true)
    if (faults.length === 0) return []
    const order = ['HUB_RULE_FORBIDDEN', 'HUB_RULE_VALUE', 'HUB_RULE_REQUIRED']
    const sorted = [...faults].sort((a, b) => ((order.indexOf(a.code) + 9) % 9) - ((order.indexOf(b.code) + 9) % 9))
    if (!sorted.some((fault) => follow(tree, fault, { rule: rules.get(fault.rule ?? ''), fixed, made }))) break
  }
  return judge(tree)
}

const plainPath = (path: string) => path.replace(/\[\d+\]/g, '').replace(/^\/[^/]+\//, '')

/** @param made totals that were put right, and by which rule: two rules of one total are both met by its parts */
function follow(
  tree: Element,
  fault: Fault,
  { rule, fixed, made }: { rule: Rule | undefined; fixed: ReadonlySet<string>; made: Map<string, string> },
): boolean {
  const at = elementAt(tree, fault.path ?? '')
  switch (fault.code) {
    case 'HUB_RULE_FORBIDDEN': {
      for (let one = at; one?.parent; one = one.parent) {
        const same = one.parent.children.filter((other) => other.node === one.node).length
        if (same > one.node.min) {
          remove(one)
          return true
        }
      }
      return false
    }
    case 'HUB_RULE_REQUIRED': {
      if (rule?.exists) {
        const { where } = rule.exists
        const parent = at?.parent ?? ensure(tree, (fault.path ?? '').split('/').slice(2, -1))
        const name = (fault.path ?? '')
          .replace(/\[\d+\]$/, '')
          .split('/')
          .at(-1)
        const node = parent?.node.fields?.find((one) => one.name === name)
        if (!parent || !node) return false
        const last = parent.children.filter((one) => one.node === node).at(-1)
        let made: Element
        if (last && parent.children.filter((one) => one.node === node).length >= node.max) made = last
        else if (last) {
          made = copy(last, parent)
          parent.children.splice(parent.children.indexOf(last) + 1, 0, made)
        } else made = insert(parent, node)
        for (const [path, wanted] of Object.entries(where)) {
          const value = typeof wanted === 'string' ? wanted : Array.isArray(wanted) ? wanted[0] : undefined
          const leaf = ensure(made, path.split('/'))
          if (leaf && value !== undefined && value !== 'present' && !value.startsWith('/')) leaf.text = value
        }
        return true
      }
      const steps = (fault.path ?? '').split('/').slice(2)
      const before = tree.children.length
      const made = ensure(tree, steps)
      if (!made) return false
      return made !== at || tree.children.length !== before
    }
    case 'HUB_RULE_VALUE': {
      const path = plainPath(fault.path ?? '')
      if (!at || !rule?.value || fixed.has(path)) return false
      const [, wanted] =
        Object.entries(rule.value).find(([key]) => path.endsWith(key.replace(/^(\.\.\/)+|^\//, ''))) ?? []
      const codes = at.node.leaf?.codes?.map(({ code }) => code) ?? []
      const value =
        typeof wanted === 'string'
          ? wanted
          : Array.isArray(wanted)
            ? wanted[0]
            : wanted && 'not' in wanted
              ? codes.find((code) => ![wanted.not].flat().includes(code))
              : undefined
      if (value === undefined || value.startsWith('/') || value === at.text) return false
      at.text = value
      return true
    }
    case 'HUB_RULE_EQUAL': {
      const expected = /“([^“”]*)”不一致/.exec(fault.text.zh)?.[1]
      if (!at || expected === undefined || fixed.has(plainPath(fault.path ?? ''))) return false
      if (fault.path!.includes('@')) at.attribute = expected
      else at.text = expected
      return true
    }
    case 'HUB_RULE_SUM': {
      // The examples show one line of each list: a total may be of more.
      const expected = /计算结果 (-?[\d.]+) 不符/.exec(fault.text.zh)?.[1]
      if (!at || expected === undefined || rule?.product || rule?.ratio || rule?.holds) return false
      // Where a list is counted that is not there, it is begun.
      if (rule?.count && expected === '0' && Number(at.text) > 0) {
        const begun = ensure(rule.for === undefined ? tree : at.parent!, rule.count.of.replace(/^\//, '').split('/'))
        if (begun) return true
      }
      const decimals = at.text.split('.')[1]?.length ?? 0
      const value = decimals === 0 && !expected.includes('.') ? expected : Number(expected).toFixed(decimals)
      if (value === at.text) return false
      const before = made.get(fault.path!)
      if (before !== undefined && before !== rule?.id && rule?.sum) {
        const entry = rule.for === undefined ? tree : at.parent!
        const parts = [rule.sum.of]
          .flat()
          .flatMap((path) => elementsAt(entry, rule.sum!.in === undefined ? path : `${rule.sum!.in}/${path}`))
        if (parts.length !== 1 || parts[0]!.text === at.text) return false
        parts[0]!.text = at.text
        return true
      }
      made.set(fault.path!, rule?.id ?? '')
      at.text = value
      return true
    }
    case 'HUB_RULE_UNIQUE': {
      if (!at?.node.leaf || at.node.leaf.codes) return false
      const position = at.parent!.parent
        ? at.parent!.parent.children.filter((one) => one.node === at.parent!.node).indexOf(at.parent!)
        : 0
      const value =
        at.node.leaf.base === 'integer'
          ? String(position + 1)
          : at.text.replace(/\d+$|$/, (n) => String(Number(n || '1') + position).padStart(n.length, '0'))
      if (value === at.text || wrongWith(value, at.node.leaf) !== undefined) return false
      at.text = value
      return true
    }
    default:
      return false
  }
}

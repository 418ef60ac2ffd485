// conditions — the conditions of a form's rule (`if`, `unless`), and what a path must hold in one.
import type { ConditionTest, Conditions, Wanted } from '../../rules/rule.js'
import { wrongWith } from '../leaf-types.js'
import { nodeAt, type Form, type Node } from '../node.js'
import { isWritten, list, type Say, type Written, type WrittenRule } from './written.js'

/**
 * The conditions of a rule: the sets of which one must hold. `if` is one set or several; `unless` turns each of its
 * conditions round.
 * @param say hears what is wrong with one
 */
export function conditionsOf(form: Form, { if: wanted, unless }: WrittenRule, say: Say): Conditions[] {
  const positive = wanted === undefined ? [{}] : list(wanted as Written).map((one) => conditions(form, one, say))
  if (unless === undefined) return positive
  const negative = list(unless as Written | string)
    .map((one) => (typeof one === 'string' ? { [one]: 'present' } : one))
    .map((one) => conditions(form, one, say))
  // Not (all hold) is: one does not. Several sets are each to fail.
  let sets = positive
  for (const set of negative)
    sets = sets.flatMap((before) => Object.entries(set).map(([path, one]) => ({ ...before, [path]: opposite(one) })))
  return sets
}

function opposite(wanted: ConditionTest): ConditionTest {
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    if ('any' in wanted) return { none: wanted.any }
    if ('none' in wanted) return { any: wanted.none }
    if ('not' in wanted) return wanted.not
    const [operator, limit] = wanted.number.split(' ')
    const other = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' }[operator!]
    return other ? { number: `${other} ${limit}` } : { not: limit! }
  }
  if (wanted === 'present') return 'absent'
  return wanted === 'absent' ? 'present' : { not: wanted }
}

function conditions(form: Form, said: unknown, say: Say): Conditions {
  if (!isWritten(said)) {
    say('a condition is path: value')
    return {}
  }
  return Object.fromEntries(
    Object.entries(said).map(([path, value]) => {
      if (path === 'function') {
        const codes = list(value).map(
          (name) =>
            form.functions.find((one) => one.name === name)?.code ??
            say(`${String(name)} is no function of this form`) ??
            '',
        )
        return ['Head/FunctionCode', codes.length === 1 ? codes[0]! : codes]
      }
      return [path, askedOf(nodeAt(form.fields, path), wantedOf(form, path, value, say))]
    }),
  )
}

/** Where several may be chosen, a condition asks whether the value is among them. */
function askedOf(node: Node | undefined, wanted: Wanted): ConditionTest {
  if (!node?.leaf || node.max === 1 || wanted === 'absent') return wanted
  if (typeof wanted === 'string' || Array.isArray(wanted)) return { any: wanted }
  return 'not' in wanted ? { none: wanted.not } : wanted
}

/** What a path must hold, as a rule of xsd/rules says it; codes may be written by their Chinese names. */
export function wantedOf(form: Form, path: string, said: unknown, say: Say): Wanted {
  const node = known(form, path, say)
  if (isWritten(said)) {
    if ('not' in said) return { not: plain(node, path, said.not, say) }
    if (typeof said.pattern === 'string') {
      try {
        new RegExp(`^(?:${said.pattern})$`, 'u')
      } catch (error) {
        say(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      }
      return `/${said.pattern}/`
    }
    say(`${path}: ${JSON.stringify(said)} is no condition`)
    return ''
  }
  if (typeof said === 'string') {
    const [, operator, limit] = /^(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)$/.exec(said) ?? []
    if (operator) return { number: `${operator} ${limit}` }
  }
  return plain(node, path, said, say)
}

function plain(node: Node | undefined, path: string, said: unknown, say: Say): string | string[] {
  const one = (value: unknown): string => {
    const text =
      typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
    if (text === '') say(`${path}: ${JSON.stringify(value)} is no value`)
    if (text === 'present' || text === 'absent' || path.includes('@')) return text
    const codes = node?.leaf?.codes
    const wrong = node?.leaf && !codes ? wrongWith(text, node.leaf) : undefined
    if (wrong !== undefined) say(`${path}: ${text} ${wrong}`)
    if (!codes || codes.some(({ code }) => code === text)) return text
    const code = codes.find(({ zh }) => zh === text)?.code
    if (code === undefined) say(`${path} has no code ${text}`)
    return code ?? text
  }
  return Array.isArray(said) ? said.map(one) : one(said)
}

/** The field a path names; of `Head/…` none, and nothing is wrong with it. */
export function known(form: Form, path: string, say: Say): Node | undefined {
  if (path.startsWith('Head/')) return undefined
  const node = nodeAt(form.fields, path)
  if (!node) say(`${path} is no field`)
  return node
}

/** What the entries of a list must hold to be meant: paths below it. */
export function holding(form: Form, group: string, where: unknown, say: Say): Record<string, Wanted> {
  return Object.fromEntries(
    Object.entries(isWritten(where) ? where : {}).map(([one, value]) => [
      one,
      wantedOf(form, `${group}/${one}`, value, say),
    ]),
  )
}

// obligatory — fields that the form always asks for although one of its rules says when: one of the two is wrong.
import type { ConditionTest, Rule } from '../rules/rule.js'
import { nodeAt, type Form } from './node.js'

/**
 * A rule that forbids a field which must always be there, asks for one only under a condition, counts it among several
 * of which one will do, or asks whether it is absent. @returns a sentence each
 */
export function contradictions(form: Form, rules: readonly Rule[]): string[] {
  const found = new Set<string>()
  for (const rule of rules) {
    const always = (path: string) => isObligatory(form, rule.for, path)
    const tell = (paths: readonly string[], what: string) => {
      for (const path of paths.filter(always))
        found.add(`rule ${rule.id} ${what} ${plain(rule.for, path)}, which must always be there`)
    }
    const conditions = rule.when === undefined ? [] : Array.isArray(rule.when) ? rule.when : [rule.when]
    tell(listed(rule.forbid), 'forbids')
    if (conditions.some((one) => Object.keys(one).length > 0)) tell(listed(rule.require), 'asks under a condition for')
    tell(rule.either ?? [], 'takes any of several for')
    tell(rule.one ?? [], 'takes one of several for')
    tell(rule.together ?? [], 'ties to others')
    for (const one of conditions)
      tell(
        Object.entries(one).flatMap(([path, wanted]) => (asksWhether(wanted) ? [path] : [])),
        'asks whether there is',
      )
  }
  return [...found]
}

const listed = (paths: string | string[] | undefined): string[] => [paths ?? []].flat()
const asksWhether = (wanted: ConditionTest): boolean =>
  wanted === 'absent' ||
  wanted === 'present' ||
  (typeof wanted === 'object' && 'not' in wanted && asksWhether(wanted.not))

/** From the root, whatever the entry. */
export function plain(entry: string | undefined, path: string): string {
  if (path.startsWith('/')) return path.slice(1)
  const ups = /^(\.\.\/)*/.exec(path)![0].length / 3
  const above = entry?.split('/') ?? []
  return [...above.slice(0, above.length - ups), path.slice(ups * 3)].join('/')
}

/** Is it there wherever its entry, or the message, is? */
function isObligatory(form: Form, entry: string | undefined, path: string): boolean {
  const whole = plain(entry, path)
  if (whole.includes('@') || !nodeAt(form.fields, whole)) return false
  const inEntry = entry !== undefined && whole.startsWith(`${entry}/`)
  const steps = whole.split('/')
  const from = inEntry ? entry.split('/').length : 0
  return steps.slice(from).every((_, i) => nodeAt(form.fields, steps.slice(0, from + i + 1).join('/'))!.min > 0)
}

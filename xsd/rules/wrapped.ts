// wrapped — a rule of what one document is by itself and another wraps: the same rule, its paths starting inside the
// wrapper.
import { kinds, type Kind, type Rule } from './rule.js'

/**
 * The rule as it is for the documents that are not wrapped, and once more for each wrapper.
 * @param within document → the path, below its root, of the element the rule's paths start at
 */
export function placed(rule: Rule, within: Readonly<Record<string, string>>): Rule[] {
  const bare = rule.documents.filter((id) => within[id] === undefined)
  const wrapped = rule.documents.flatMap((id) => (within[id] === undefined ? [] : [inside(rule, id, within[id])]))
  return [...(bare.length > 0 ? [{ ...rule, documents: bare }] : []), ...wrapped]
}

function inside(rule: Rule, id: string, start: string): Rule {
  // With an entry named, relative paths follow it; those from the root go through the wrapper.
  const path = (one: string) => (one.startsWith('/') ? `/${start}${one}` : one)
  const keys = (of: object) =>
    Object.fromEntries(Object.entries(of).map(([key, value]) => [path(key), value as unknown]))
  const paths = (shape: unknown): unknown => {
    if (typeof shape === 'string') return path(shape)
    if (Array.isArray(shape)) return shape.map(paths)
    return typeof shape === 'object' && shape !== null
      ? Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, paths(value)]))
      : shape
  }
  const kind = (Object.keys(kinds) as Kind[]).find((one) => rule[one] !== undefined)!
  return {
    ...rule,
    documents: [id],
    for: rule.for === undefined ? start : `${start}/${rule.for}`,
    ...(rule.when === undefined ? {} : { when: Array.isArray(rule.when) ? rule.when.map(keys) : keys(rule.when) }),
    [kind]: kind === 'value' ? keys(rule[kind]!) : paths(rule[kind]),
  } as Rule
}

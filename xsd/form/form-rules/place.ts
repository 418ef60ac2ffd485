// place — where a rule is asked: a form's paths run from the root, and a rule of xsd/rules has paths from the entry of
// the deepest list that its paths share.
import type { Conditions, Kind, Rule } from '../../rules/rule.js'
import { nodeAt, type Form } from '../node.js'
import type { Draft } from './draft.js'

/** The deepest list a path goes through; the leaf itself, where it repeats, is not one. */
export function listOf(form: Form, path: string): string {
  const steps = path.replace(/@.*$/, '').split('/')
  for (let depth = steps.length - 1; depth > 0; depth--) {
    const above = steps.slice(0, depth).join('/')
    if ((nodeAt(form.fields, above)?.max ?? 1) > 1) return above
  }
  return ''
}

/** The draft as a rule of its list: `for`, `when` and its kind, with paths from there. */
export function place(form: Form, { kind, shape, anchors }: Draft, when: Conditions[]): Partial<Rule> {
  const asked = [...new Set(when.flatMap((one) => Object.keys(one)))]
  const lists = [...asked, ...anchors].map((path) => listOf(form, path))
  // Lists that stand side by side cannot both be gone through: the first that is named is, of the other the first entry
  // is meant.
  const entry = lists.reduce((deepest, one) => (one.startsWith(`${deepest}/`) || deepest === '' ? one : deepest), '')
  const inside = (path: string): string => {
    if (entry === '') return path
    if (path.startsWith(`${entry}/`)) return path.slice(entry.length + 1)
    // Another entry's list above this one: climb to it.
    const steps = entry.split('/')
    for (let ups = 1; ups < steps.length; ups++) {
      const above = steps.slice(0, -ups).join('/')
      if (path.startsWith(`${above}/`)) return `${'../'.repeat(ups)}${path.slice(above.length + 1)}`
    }
    return `/${path}`
  }
  const many = (paths: unknown) => (paths as string[]).map(inside)
  const placed = placers[kind]?.(shape as never, inside, many) ?? shape
  return {
    ...(entry === '' ? {} : { for: entry }),
    ...(when.length === 1 && Object.keys(when[0]!).length === 0
      ? {}
      : { when: when.length === 1 ? relative(when[0]!, inside) : when.map((one) => relative(one, inside)) }),
    [kind]: placed,
  }
}

const relative = (when: Conditions, inside: (path: string) => string): Conditions =>
  Object.fromEntries(Object.entries(when).map(([path, wanted]) => [inside(path), wanted]))

const inExpression = (expression: string, inside: (path: string) => string): string =>
  expression
    .split(/\s+/)
    .map((token) => (/^[A-Z]/.test(token) ? inside(token) : token))
    .join(' ')

type Inside = (path: string) => string
/** Which of a shape's strings are paths. */
const placers: Partial<Record<Kind, (shape: never, inside: Inside, many: (paths: unknown) => string[]) => unknown>> = {
  require: (shape, _, many) => many(shape),
  forbid: (shape, _, many) => many(shape),
  either: (shape, _, many) => many(shape),
  one: (shape, _, many) => many(shape),
  together: (shape, _, many) => many(shape),
  equal: (shape, _, many) => many(shape),
  known: (shape: { path: string }, inside) => ({ ...shape, path: inside(shape.path) }),
  differ: (shape, _, many) => many(shape),
  begins: (shape, _, many) => many(shape),
  refers: (shape, _, many) => many(shape),
  same: (shape: string, inside) => inside(shape),
  sequence: (shape: string, inside) => inside(shape),
  value: (shape: Conditions, inside) => relative(shape, inside),
  check: (shape: { path: string[] }, _, many) => ({ ...shape, path: many(shape.path) }),
  unique: (shape: string | { each: string }, inside) =>
    typeof shape === 'string' ? inside(shape) : { ...shape, each: inside(shape.each) },
  holds: (shape: { left: string; right: string }, inside) => ({
    ...shape,
    left: inExpression(shape.left, inside),
    right: inExpression(shape.right, inside),
  }),
  sum: (shape: { total: string | number; of: string[]; less?: string[]; in?: string }, inside, many) => {
    const group = shape.in
    const parts = (all: string[]) => (group === undefined ? many(all) : all.map((one) => one.slice(group.length + 1)))
    return {
      ...shape,
      total: typeof shape.total === 'number' ? shape.total : inside(shape.total),
      of: parts(shape.of),
      ...(shape.less ? { less: parts(shape.less) } : {}),
      ...(group === undefined ? {} : { in: inside(group) }),
    }
  },
  balance: (shape: { left: { in: string }; right: { in: string } }, inside) => ({
    ...shape,
    left: { ...shape.left, in: inside(shape.left.in) },
    right: { ...shape.right, in: inside(shape.right.in) },
  }),
  product: (shape: { is: string; of: (string | number)[] }, inside) => ({
    ...shape,
    is: inside(shape.is),
    of: shape.of.map((one) => (typeof one === 'string' ? inExpression(one, inside) : one)),
  }),
  ratio: (shape: { is: string; part: string; whole: string }, inside) => ({
    ...shape,
    is: inside(shape.is),
    part: inExpression(shape.part, inside),
    whole: inExpression(shape.whole, inside),
  }),
  count: (shape: { total: string; of: string }, inside) => ({
    ...shape,
    total: inside(shape.total),
    of: inside(shape.of),
  }),
  exists: (shape: { in: string }, inside) => ({ ...shape, in: inside(shape.in) }),
  concat: (shape: { is: string; of: string[] }, inside) => ({
    ...shape,
    is: inside(shape.is),
    of: shape.of.map((one) => (one.startsWith('=') ? one : inside(one))),
  }),
  sorted: (shape: { of: string }, inside) => ({ ...shape, of: inside(shape.of) }),
}

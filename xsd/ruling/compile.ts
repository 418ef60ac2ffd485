// compile — the rules of one document type as one function over the sketch of a message: each rule is a few steps through it.
import { errorText } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { descend, wayTo, type Way } from '../way.js'
import { fits, lookFor, type Look, type Report, type Ways } from './kinds.js'
import type { Conditions, Rule } from './rule.js'
import { Mark, Shape } from '../sketch.js'

/** Every element and attribute a rule names, for asking whether the schema has them too. */
export function shapeOf(root: string, rule: Rule): Shape {
  const shape = new Shape(root, 0)
  make(rule, shape)
  return shape
}

/** @returns at most `limit + 1` faults of a message that its XSD has found valid */
export type Judge = (root: Mark, limit: number) => Fault[]

type Ask = { way: Way; right: (value: string) => boolean }
interface Ready {
  rule: Rule
  entries: Way | undefined
  /** Any of these sets must hold; each split into what the root tells once and what the entry tells. */
  when: { root: Ask[]; entry: Ask[] }[]
  look: Look
}

/** @param shape of the root: what the rules look for is added to it */
export function compileRules(rules: readonly Rule[], shape: Shape): Judge {
  const ready = rules.map((rule) => make(rule, shape))
  return (root, limit) => {
    const faults: Fault[] = []
    for (const one of ready) {
      if (faults.length > limit) break
      judge(one, root, faults, limit)
    }
    return faults
  }
}

function make(rule: Rule, root: Shape): Ready {
  const entry = rule.for === undefined ? root : descend(root, rule.for)
  const from = (path: string) => (path.startsWith('/') ? root : entry)
  const ways: Ways = (path, below) => wayTo(path, path.startsWith('/') || below === undefined ? from(path) : descend(from(below), below))
  const split = (conditions: Conditions) => {
    const all = Object.entries(conditions).map(([path, wanted]): Ask => ({ way: ways(path), right: fits(wanted) }))
    const ofRoot = ({ way }: Ask) => rule.for === undefined || way.path.startsWith('/')
    return { root: all.filter(ofRoot), entry: all.filter((one) => !ofRoot(one)) }
  }
  const when = rule.when === undefined ? [] : Array.isArray(rule.when) ? rule.when : [rule.when]
  return { rule, entries: rule.for === undefined ? undefined : wayTo(rule.for, root), when: when.map(split), look: lookFor(rule, ways) }
}

function judge({ rule, entries, when, look }: Ready, root: Mark, faults: Fault[], limit: number): void {
  const holds = (asks: Ask[], at: Mark) => asks.every(({ way, right }) => right(way.first(at)?.text ?? ''))
  const open = when.filter((one) => holds(one.root, root))
  if (when.length > 0 && open.length === 0) return
  const report: Report = (code, at, values = {}) => {
    const mark = at instanceof Mark ? at : at.near
    const path = at instanceof Mark ? at.path : at.path
    const before = faults.at(-1)
    // What several entries ask of the root is told once.
    if (faults.length > limit || (before?.rule === rule.id && before.code === code && before.path === path)) return
    const value = at instanceof Mark ? at.text.slice(0, 200) : undefined
    const text = errorText(code, { element: path.slice(path.lastIndexOf('/') + 1).replace(/\[\d+\]$/, ''), ...(value === undefined ? {} : { value }), ...values })
    faults.push({ code, path, line: mark.line, rule: rule.id, ...(value ? { value } : {}), text: { zh: `${text.zh}${rule.text.zh}`, en: `${text.en} ${rule.text.en}` } })
  }
  for (const entry of entries ? entries.each(root) : [root]) if (when.length === 0 || open.some((one) => holds(one.entry, entry))) look(entry, report)
}

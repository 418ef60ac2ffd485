// short — a withdrawal or a cancellation names the paper it is about and need not repeat it: fields that its functions
// may leave out, and all others must have. A form says `short: { functions: [withdraw, cancel], needs:
// [ApplicationNumber, Applicant] }`.
import type { WrittenRule } from '../form-rules/written.js'
import { functionNames } from '../head.js'
import type { Form } from '../node.js'
import type { Tell } from './written.js'

/** The functions for which most of a form may be left out. */
export interface Short {
  functions: string[]
  /** Fields of the form's own level that these functions must have too. */
  needs: string[]
}

/** Kinds of rules that ask for something to be there. */
const asking = ['require', 'anyOf', 'oneOf', 'exists', 'together', 'count']
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')

/** What a form says under `short`; undefined where it says nothing, or nothing that makes sense. */
export function readShort(said: unknown, { functions, fields }: Form, tell: Tell): Short | undefined {
  if (said === undefined) return undefined
  const { functions: short, needs } = said as Record<string, unknown>
  if (!isTexts(short) || !isTexts(needs)) {
    tell(['short'], 'short has functions and needs')
    return undefined
  }
  for (const name of short)
    if (!functions.some((one) => one.name === name)) tell(['short'], `${name} is no function of this form`)
  if (short.length >= functions.length) tell(['short'], 'short leaves no function that has all the fields')
  for (const name of needs)
    if (!fields.some((one) => one.name === name))
      tell(['short', 'needs'], `${name} is no field of the form's own level`)
  for (const { name, min } of fields)
    if (min > 1 && !needs.includes(name)) tell(['short', 'needs'], `${name} is there ${min} times: it is needed too`)
  return { functions: short, needs }
}

/**
 * Lets the fields be left out, and the rules ask for them where the function is another one. @returns the rules the
 * form then has
 */
export function withShort({ fields, functions }: Form, short: Short, rules: readonly WrittenRule[]): WrittenRule[] {
  const others = functions.map(({ name }) => name).filter((name) => !short.functions.includes(name))
  const left = fields.filter(({ name, min }) => min > 0 && !short.needs.includes(name))
  for (const one of left) Object.assign(one, { usual: one.min, min: 0 })
  const names = short.functions.map((name) => functionNames[name] ?? name)
  return [
    ...rules.map((rule) => (asking.some((kind) => rule[kind] !== undefined) ? unlessShort(rule, others) : rule)),
    ...(left.length === 0
      ? []
      : [
          {
            if: { function: others },
            require: left.map(({ name }) => name),
            zh: `除${names.join('、')}外，各必填栏均须填写。`,
            en: `Every message but one to ${short.functions.join(' or ')} fills all of these.`,
          },
        ]),
  ]
}

function unlessShort(rule: WrittenRule, others: readonly string[]): WrittenRule {
  const sets = (rule.if === undefined ? [{}] : [rule.if].flat()) as Record<string, unknown>[]
  if (sets.some((one) => 'function' in one)) return rule
  return { ...rule, if: sets.map((one) => ({ ...one, function: [...others] })) }
}

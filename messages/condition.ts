// condition — does a set of facts meet a condition? One rule for document variants, schema choices and operations.
import type { Condition } from './document-type.js'
import type { Bilingual } from './text.js'

/** Name of a fact → its value in one message; a fact that is missing counts as the empty string. */
export type Facts = Readonly<Record<string, string | undefined>>

/** True when every named fact has the wanted value. A missing fact counts as the empty string. */
export function meets(condition: Condition | undefined, facts: Facts): boolean {
  return Object.entries(condition ?? {}).every(([name, wanted]) => {
    const value = facts[name] ?? ''
    return (Array.isArray(wanted) ? wanted : [wanted]).some((one) => matches(one, value))
  })
}

/** Written between slashes: a regular expression over the whole value. */
export const isExpression = (wanted: string): boolean =>
  wanted.length > 2 && wanted.startsWith('/') && wanted.endsWith('/')

/** `/expression/` is a regular expression over the whole value; anything else is compared as it is. */
export function matches(wanted: string, value: string): boolean {
  if (!isExpression(wanted)) return wanted === value
  return expression(wanted).test(value)
}

const compiled = new Map<string, RegExp>()
function expression(wanted: string): RegExp {
  let found = compiled.get(wanted)
  if (!found) compiled.set(wanted, (found = new RegExp(`^(?:${wanted.slice(1, -1)})$`, 'u')))
  return found
}

/** Is only asked that there is something? */
export const asksForAny = (value: string): boolean => value === '/.+/' || value === '/[\\s\\S]+/'

/**
 * A value of a condition as people read it; an expression becomes what values begin with, `CN…`, never the expression
 * itself.
 */
export function conditionWords(value: string): Bilingual {
  if (!isExpression(value)) return { zh: value, en: value }
  const inner = value.slice(1, -1)
  if (asksForAny(value)) return { zh: '有值', en: 'some value' }
  if (inner === '.*') return { zh: '任意值', en: 'any value' }
  const starts = /^(?:\((?<choice>[\w|]+)\)|\[(?<letters>[\w]+)\]|(?<text>\w+))\.\*$/.exec(inner)?.groups
  if (!starts) return { zh: '其他值', en: 'another value' }
  const { choice, letters, text } = starts
  const all = choice?.split('|') ?? (letters === undefined ? [text!] : [...letters])
  return { zh: all.map((one) => `${one}…`).join('|'), en: all.map((one) => `${one}…`).join('|') }
}

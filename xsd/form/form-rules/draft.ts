// draft — a rule of xsd/rules before it knows its list, and the reader that the kinds of written rules are read with.
import type { Kind, Comparison } from '../../rules/rule.js'
import type { Form } from '../node.js'
import { known } from './conditions.js'
import { isWritten, list, type Say, type Written } from './written.js'

/** A written rule whose paths still run from the root. */
export interface Draft {
  kind: Kind
  /** What stands under the kind's name; its paths are to be made relative. */
  shape: unknown
  /** Paths whose list the rule is asked of, with the conditions'. Kinds that look at every occurrence name none. */
  anchors: string[]
}

/** Makes drafts of one kind of written rule. */
export type Drafter = (reader: DraftReader) => Draft[]

type DraftReader = ReturnType<typeof draftReader>

/** Reads what stands under `key` of a rule: parts by their name, paths that must be fields of the form. */
export function draftReader(form: Form, key: string, said: unknown, say: Say) {
  const map: Written = isWritten(said) ? said : {}
  const paths = (value: unknown): string[] => {
    const all = list(value as string | string[])
    if (!all.every((one) => typeof one === 'string')) {
      say(`${key} names paths`)
      return []
    }
    for (const path of all) known(form, path, say)
    return all
  }
  const text = (name: string): string => {
    const value = map[name]
    if (typeof value !== 'string') say(`${key} needs ${name}`)
    return typeof value === 'string' ? value : ''
  }
  const path = (name: string): string => {
    const value = text(name)
    if (value !== '') known(form, value, say)
    return value
  }
  /** `Path + 3 months`, `Total * 2`: a path that stands alone is as good. */
  const expression = (value: unknown): string => {
    const one = String(value)
    pathsIn(form, one, say)
    const odd = one
      .split(/\s+/)
      .find(
        (token) =>
          !/^([A-Z][\w/@]*|-?\d+(\.\d+)?|\d{4}-\d\d-\d\d|[-+*]|sum|min|max|(minute|hour|day|month|year)s?)$/.test(
            token,
          ),
      )
    if (odd !== undefined) say(`${key}: ${one}: ${odd} is no path, number or sign`)
    return one
  }
  const anchorsOf = (...expressions: string[]) => expressions.flatMap((one) => pathsIn(form, one, () => {}, false))
  const holds = (left: string, op: Comparison, right: string): Draft => ({
    kind: 'holds',
    shape: { left, op, right },
    anchors: anchorsOf(left, right),
  })
  return { form, said, say, map, paths, text, path, expression, anchorsOf, holds }
}

/** Also of an expression; what is no path in it (numbers, units, signs, dates) is passed over. */
function pathsIn(form: Form, expression: string, say: Say, anywhere = true): string[] {
  return expression
    .split(/\s+/)
    .filter((_, i, all) => anywhere || !/^(sum|min|max)$/.test(all[i - 1] ?? ''))
    .filter((token) => /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*(@[a-z]+)?$/.test(token))
    .filter((path) => known(form, path, say) !== undefined)
}

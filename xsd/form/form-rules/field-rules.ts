// field-rules — written rules about which fields are there and what they hold.
import { checkDigits } from '../../../messages/check-digits/index.js'
import type { Wanted } from '../../rules/rule.js'
import { known, wantedOf } from './conditions.js'
import type { Draft, Drafter } from './draft.js'
import { isWritten, list } from './written.js'

/** By the word that begins the rule (`require:`, `known:` …), how it is read; docs/forms.md says what each means. */
export const fieldRules: Record<string, Drafter> = {
  known: ({ form, map, say }) => {
    const { field } = map
    if (typeof field === 'string') known(form, field, say)
    // Where no document of ours has it (`certificates of the bank`), only the authority knows: a note.
    const asked = /^([A-Z]\w+)\/([A-Z][\w/]*)$/.exec(String(map.in))
    if (!asked || typeof field !== 'string') return []
    return [{ kind: 'known', shape: { path: field, document: asked[1], at: asked[2] }, anchors: [] }]
  },
  require: ({ said, paths }) => [{ kind: 'require', shape: paths(said), anchors: [] }],
  forbid: ({ said, paths }) => [{ kind: 'forbid', shape: paths(said), anchors: [] }],
  only: ({ form, said, paths }) => {
    const allowed = paths(said)
    const rest = form.fields
      .map(({ name }) => name)
      .filter((name) => !allowed.some((one) => one === name || one.startsWith(`${name}/`)))
    return rest.length === 0 ? [] : [{ kind: 'forbid', shape: rest, anchors: [] }]
  },
  anyOf: ({ said, paths }) => [{ kind: 'either', shape: paths(said), anchors: paths(said) }],
  oneOf: ({ said, paths }) => [{ kind: 'one', shape: paths(said), anchors: paths(said) }],
  together: ({ said, paths }) => [{ kind: 'together', shape: paths(said), anchors: paths(said) }],
  check: ({ form, map, say }) => {
    const shape: Record<string, Wanted> = {}
    const digits: Draft[] = []
    for (const [one, value] of Object.entries(map)) {
      if (isWritten(value) && typeof value.type === 'string') {
        known(form, one, say)
        const as = { idCard: 'id-card', uscc: 'credit-code', imo: 'imo-number' }[value.type] ?? value.type
        if (!(as in checkDigits)) say(`there is no check digit ${as}`)
        digits.push({ kind: 'check', shape: { path: [one], as }, anchors: [] })
      } else shape[one] = wantedOf(form, one, value, say)
    }
    return [...(Object.keys(shape).length > 0 ? [{ kind: 'value' as const, shape, anchors: [] }] : []), ...digits]
  },
  same: ({ said, paths }) => {
    const all = paths(said)
    if (all.length === 1) return [{ kind: 'same', shape: all[0], anchors: [] }]
    return all.slice(1).map((other) => ({ kind: 'equal', shape: [all[0], other], anchors: [all[0]!, other] }))
  },
  differ: ({ said, paths }) => [{ kind: 'differ', shape: paths(said), anchors: paths(said) }],
  startsWith: ({ path }) => [
    { kind: 'begins', shape: [path('field'), path('with')], anchors: [path('field'), path('with')] },
  ],
  concat: ({ map, paths, path }) => {
    const of = list(map.of as string | string[]).map(String)
    const named = paths(of.filter((one) => !one.startsWith('=')))
    const place = map.at === undefined ? {} : { at: map.at }
    return [{ kind: 'concat', shape: { is: path('is'), of, ...place }, anchors: [path('is'), ...named] }]
  },
}

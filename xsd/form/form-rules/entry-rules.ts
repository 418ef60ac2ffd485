// entry-rules — written rules about the entries of lists: how many, which, in which order, and what refers to them.
import { nodeAt } from '../node.js'
import { holding, known } from './conditions.js'
import type { Drafter } from './draft.js'
import { isWritten } from './written.js'

/** By the word that begins the rule (`unique:`, `count:` …), how it is read; docs/forms.md says what each means. */
export const entryRules: Record<string, Drafter> = {
  unique: ({ form, said, say, paths }) => {
    const all = paths(said)
    const group = all.length === 1 ? nodeAt(form.fields, all[0]!)?.fields : undefined
    if (group && all[0])
      return [
        {
          kind: 'unique',
          shape: { each: all[0], by: group.filter((one) => one.leaf).map(({ name }) => name) },
          anchors: [],
        },
      ]
    if (all.length === 1) return [{ kind: 'unique', shape: all[0], anchors: [] }]
    const each = all
      .map((one) => one.replace(/\/[^/]+$/, ''))
      .reduce((a, b) => (b.startsWith(a) ? a : a.startsWith(b) ? b : ''))
    if (each === '' || !all.every((one) => one.startsWith(`${each}/`)))
      say(`unique: ${all.join(', ')} are of no one list`)
    return [{ kind: 'unique', shape: { each, by: all.map((one) => one.slice(each.length + 1)) }, anchors: [] }]
  },
  count: ({ form, map, say, text, path }) => {
    const [, distinct, of = ''] = /^(distinct )?(.*)$/.exec(text('of'))!
    known(form, of, say)
    const where = isWritten(map.where) ? holding(form, of, map.where, say) : undefined
    return [
      {
        kind: 'count',
        shape: { total: path('total'), of, ...(distinct ? { distinct: true } : {}), ...(where ? { where } : {}) },
        anchors: [text('total')],
      },
    ]
  },
  exists: ({ form, map, say, path }) => {
    const group = path('in')
    const where = holding(form, group, map.where, say)
    return [{ kind: 'exists', shape: { in: group, where }, anchors: [] }]
  },
  refers: ({ form, map, say }) =>
    Object.entries(map).map(([one, other]) => {
      known(form, one, say)
      known(form, String(other), say)
      return { kind: 'refers', shape: [one, String(other)], anchors: [] }
    }),
  order: ({ path, text }) => [{ kind: 'sorted', shape: { of: path('of'), by: text('by') }, anchors: [] }],
  sequence: ({ said, paths }) => [{ kind: 'sequence', shape: paths(said)[0], anchors: [] }],
}

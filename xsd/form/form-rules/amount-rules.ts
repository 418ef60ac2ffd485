// amount-rules — written rules that compare and calculate: numbers, and dates with the time between them.
import type { Comparison } from '../../rules/rule.js'
import { nodeAt } from '../node.js'
import { holding, known } from './conditions.js'
import type { Drafter } from './draft.js'
import { isWritten, list } from './written.js'

/** By the word that begins the rule (`compare:`, `sum:` …), how it is read; docs/forms.md says what each means. */
export const amountRules: Record<string, Drafter> = {
  compare: ({ map, say, text, expression, holds }) => {
    const op = text('op') as Comparison
    if (!['<', '<=', '>', '>=', '=', '!='].includes(op)) say(`compare: ${op} is no comparison`)
    const [left, right] = [expression(map.left), expression(map.right)]
    const alone = /^[A-Z][\w/]*$/
    // Texts too may be the same or not.
    if (op === '=' && alone.test(left) && alone.test(right))
      return [{ kind: 'equal', shape: [left, right], anchors: [left, right] }]
    if (op === '!=' && alone.test(left) && alone.test(right))
      return [{ kind: 'differ', shape: [left, right], anchors: [left, right] }]
    return [holds(left, op, right)]
  },
  within: ({ map, say, path, holds }) => {
    const [from, to] = [path('from'), path('to')]
    const found = Object.entries(map).find(([name]) =>
      /^(minutes|days|hours|months|years|atLeast(Days|Months|Years))$/.test(name),
    )
    if (!found) {
      say('within needs minutes, hours, days, months or years')
      return []
    }
    const [name, count] = found
    const unit = name.replace('atLeast', '').toLowerCase()
    return [holds(to, name.startsWith('atLeast') ? '>=' : '<=', `${from} + ${String(count)} ${unit}`)]
  },
  deadline: ({ map, say, path, holds }) => {
    const field = path('field')
    if (typeof map.within === 'string') return [holds(field, '<=', `${path('from')} + ${map.within}`)]
    const found = Object.entries(map).find(([one]) => /^(days|hours|months|years)$/.test(one))
    if (!found) {
      say('deadline needs within, or before with days or hours')
      return []
    }
    return [holds(field, '<=', `${path('before')} - ${String(found[1])} ${found[0]}`)]
  },
  days: ({ map, path, holds }) => {
    const span = `${path('to')} - ${path('from')}${map.inclusive === 'both' ? ' + 1' : ''}`
    return [holds(path('is'), '=', span)]
  },
  sum: ({ form, map, say, path }) => {
    const total = typeof map.is === 'number' ? map.is : path('total')
    const of = list(map.of as string | string[]).map(String)
    for (const one of of) known(form, one.replace(/^-/, ''), say)
    const attribute = nodeAt(form.fields, of[0]!.replace(/^-/, ''))?.leaf?.attribute?.name
    const whole = typeof total === 'string' ? nodeAt(form.fields, total)?.leaf?.attribute?.name : undefined
    const less = of.filter((one) => one.startsWith('-')).map((one) => one.slice(1))
    const group = isWritten(map.where) ? of[0]!.replace(/^-/, '').replace(/\/[^/]+$/, '') : ''
    return [
      {
        kind: 'sum',
        shape: {
          total,
          of: of.filter((one) => !one.startsWith('-')),
          ...(less.length > 0 ? { less } : {}),
          ...(typeof map.op === 'string' ? { op: map.op } : {}),
          ...(group === '' ? {} : { in: group, where: holding(form, group, map.where, say) }),
          ...(typeof map.tolerance === 'number' ? { tolerance: map.tolerance } : {}),
          ...(attribute !== undefined && attribute === whole ? { alike: attribute } : {}),
        },
        anchors: typeof total === 'string' ? [total] : [],
      },
    ]
  },
  balance: ({ form, map, say, path }) => {
    const [left, right] = [path('left'), path('right')]
    const by = list(map.by as string | string[]).map(String)
    const part = (of: string) => {
      const group = of.replace(/\/[^/]+$/, '')
      for (const one of by) known(form, `${group}/${one}`, say)
      const all = isWritten(map.where) ? Object.entries(map.where) : []
      const own = all.filter(([one]) => one.startsWith(`${group}/`))
      const where = Object.fromEntries(own.map(([one, value]) => [one.slice(group.length + 1), value]))
      return { in: group, of: of.slice(group.length + 1), where: holding(form, group, where, say) }
    }
    return [{ kind: 'balance', shape: { left: part(left), right: part(right), by }, anchors: [] }]
  },
  max: ({ form, map, say, path }) => {
    const total = typeof map.total === 'number' ? map.total : path('total')
    const of = list((map.sum ?? map.of) as string | string[]).map(String)
    for (const one of of) known(form, one, say)
    // The sum is at most the total: the total at least the sum.
    return [{ kind: 'sum', shape: { total, of, op: '>=' }, anchors: typeof total === 'string' ? [total] : [] }]
  },
  product: ({ map, path, expression, anchorsOf }) => {
    const of = list(map.of as (string | number)[]).map((one) =>
      typeof one === 'string' && /^-?\d+(\.\d+)?$/.test(one) ? Number(one) : one,
    )
    const named = of.filter((one): one is string => typeof one === 'string')
    for (const one of named) expression(one)
    return [
      {
        kind: 'product',
        shape: { is: path('is'), of, ...(typeof map.op === 'string' ? { op: map.op } : {}) },
        anchors: [path('is'), ...anchorsOf(...named)],
      },
    ]
  },
  ratio: ({ form, map, path, expression, anchorsOf }) => {
    const terms = (value: unknown) =>
      expression(
        list(value as string | string[])
          .join(' + ')
          .replaceAll('+ -', '- '),
      )
    const [part, whole, is] = [terms(map.part), terms(map.whole), path('is')]
    const percent = nodeAt(form.fields, is)?.leaf?.type === 'percent'
    const times = typeof map.times === 'number' ? map.times : percent ? 100 : 1
    return [{ kind: 'ratio', shape: { is, part, whole, times }, anchors: [is, ...anchorsOf(part, whole)] }]
  },
}

// retention-rules — how long the bytes of a message are kept: by what it is about, and by whether it was refused.
import { Type, type Static } from 'typebox'
import type { KeptMessage } from '../../store/kept.js'

const days = (description: string, zh: string) => Type.Number({ minimum: 1, maximum: 36_500, description, zh })

export const Retention = Type.Object(
  {
    days: Type.Optional(
      days('Days the bytes of a message are kept after the newest news of it. Absent: for good', '报文保存天数'),
    ),
    refusedDays: Type.Optional(
      days('The same for messages the hub has refused. Absent: 14, or `days` where that is less', '退单报文保存天数'),
    ),
    queryDays: Type.Optional(
      days('The same for queries and their answers. Absent: 7, or `days` where that is less', '查询保存天数'),
    ),
    operationDays: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$' }),
        days('Other days for one operation', '该业务的保存天数'),
        {
          description: 'Catalogue code, or the beginning of one → other days: `{ "10.1": 400 }`',
          zh: '业务代码 → 保存天数',
        },
      ),
    ),
    archive: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Folder the bytes go to then; it must be there. Absent: they are deleted',
        zh: '归档目录',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Retention = Static<typeof Retention>

/** A sender finds out within days what was wrong with a message. */
const usualRefusedDays = 14

/** How long refused messages are kept. */
export const refusedDaysOf = ({ days = Infinity, refusedDays = Math.min(usualRefusedDays, days) }: Retention): number =>
  refusedDays

/** An answer is wanted when it is asked for. */
const usualQueryDays = 7

/** How long queries and their answers are kept. */
export const queryDaysOf = ({ days = Infinity, queryDays = Math.min(usualQueryDays, days) }: Retention): number =>
  queryDays

/** Refused ones by that; of the others the longest beginning of its code decides. */
export function daysBy(rules: Retention) {
  const { days: usual = Infinity, operationDays = {} } = rules
  const refusedDays = refusedDaysOf(rules)
  const prefixes = Object.entries(operationDays).sort(([a], [b]) => b.length - a.length)
  return ({ state, operation }: Pick<KeptMessage, 'state' | 'operation'>): number => {
    if (state === 'refused') return refusedDays
    return prefixes.find(([code]) => operation === code || operation?.startsWith(`${code}.`))?.[1] ?? usual
  }
}

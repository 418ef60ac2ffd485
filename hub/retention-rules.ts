// retention-rules — how long the bytes of a message are kept: by what it is about, and by whether it was refused.
import { Type, type Static } from 'typebox'
import type { KeptMessage } from '../store/kept.js'

const days = (description: string) => Type.Number({ minimum: 1, maximum: 36_500, description })

export const Retention = Type.Object(
  {
    days: days('So long the bytes of a message are kept after the last that was heard of it'),
    refusedDays: Type.Optional(days('The same for messages the hub has refused')),
    operationDays: Type.Optional(
      Type.Record(Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$' }), days('Other days for one operation'), {
        description: 'Catalogue code, or the beginning of one, to days',
      }),
    ),
    archive: Type.Optional(
      Type.String({ minLength: 1, description: 'Folder the bytes go to; it must be there. Absent: they are deleted' }),
    ),
  },
  { additionalProperties: false },
)
export type Retention = Static<typeof Retention>

/** Refused ones by that; of the others the longest beginning of its code decides. */
export function daysBy({ days: usual, refusedDays = usual, operationDays = {} }: Retention) {
  const prefixes = Object.entries(operationDays).sort(([a], [b]) => b.length - a.length)
  return ({ state, operation }: Pick<KeptMessage, 'state' | 'operation'>): number => {
    if (state === 'refused') return refusedDays
    return prefixes.find(([code]) => operation === code || operation?.startsWith(`${code}.`))?.[1] ?? usual
  }
}

// value-faults — what is wrong with a value somebody wrote into a file, all of it at once, each with its place, in words.
import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

// By itself it stops after eight, and who mends those would hear of the ninth at the next start.
Settings.Set({ maxErrors: 10_000 })

/**
 * Empty when the value fits. What may be left out is filled in for the check only.
 * @param at before the place of each
 */
export function valueFaults(schema: TSchema, value: unknown, at = ''): string[] {
  const errors = Value.Errors(schema, Value.Default(schema, structuredClone(value)))
  // A surplus setting is told twice: by name, and as a value no rule fits.
  return [...errors]
    .filter(({ keyword }) => keyword !== 'boolean')
    .map(({ instancePath, message, params }) => {
      const { additionalProperties: surplus, allowedValues: allowed } = params as {
        additionalProperties?: string[]
        allowedValues?: unknown[]
      }
      const place = `${at}${instancePath}` || '/'
      return surplus
        ? `${place} has the unknown setting ${surplus.join(', ')}`
        : `${place} ${message}${allowed ? `: ${allowed.join(', ')}` : ''}`
    })
}

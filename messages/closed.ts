// closed — the shape of a file that people write takes no key it does not name: a slip of the pen is told, and is no
// setting without effect.
import type { TSchema } from 'typebox'

/** The same shape; every table in it that names its keys takes no others. What says so itself stays as it is. */
export const closed = <T extends TSchema>(schema: T): T => close(schema) as T

/** Of a schema what holds schemas by the name of a key, or a list of them, or one. */
const byName = new Set(['properties', 'patternProperties'])
const inside = new Set(['items', 'anyOf', 'allOf'])

function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const node = Object.fromEntries(
    Object.entries(schema).map(([key, value]: [string, unknown]) => [
      key,
      byName.has(key) ? each(value as object) : inside.has(key) ? close(value) : value,
    ]),
  )
  const names = node.type === 'object' && node.properties !== undefined && node.additionalProperties === undefined
  return names ? { ...node, additionalProperties: false } : node
}

const each = (schemas: object) => Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, close(one)]))

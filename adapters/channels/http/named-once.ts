// named-once — a document in which every schema that has a name (its `title`) stands once, below components/schemas,
// and is referred to elsewhere.
import { Fault } from '../../../messages/fault.js'
import { SignerView } from '../../../messages/signer-view.js'
import { Receipt } from '../../../messages/receipt.js'
import { SubscriptionView } from '../../../messages/subscription.js'
import { Bilingual } from '../../../messages/text.js'
import * as views from '../../../messages/views/index.js'
import type { JsonSchema } from './example-of.js'

/** Where a view is used it may be described by what it is there; its own description stands with its name. */
const own = new Map(
  [...Object.values(views), Fault, Receipt, SubscriptionView, SignerView, Bilingual].map((view) => {
    const { title, description } = view as JsonSchema
    return [title, description]
  }),
)

/** As much of a document as is looked at. */
interface Described {
  paths?: object
  components?: { schemas?: Record<string, JsonSchema>; responses?: object }
}

/** @throws Error when two schemas have one name: the description of either would be wrong */
export function namedOnce<T extends Described>(document: T): T {
  const schemas: Record<string, JsonSchema> = {}
  const written = new Map<string, string>()

  function walk(value: unknown, root = false): unknown {
    if (Array.isArray(value)) return value.map((one) => walk(one))
    if (typeof value !== 'object' || value === null) return value
    const { title, description, examples: _, ...rest } = inBoth(value)
    const schema = Object.fromEntries(
      Object.entries(inBoth(value)).map(([key, one]) => [
        key,
        key === 'example' || key === 'examples' ? one : walk(one),
      ]),
    )
    if (root || !isSchema(value) || typeof title !== 'string') return schema
    const text = JSON.stringify(rest)
    if ((written.get(title) ?? text) !== text) throw new Error(`two schemas are named ${title}`)
    written.set(title, text)
    schemas[title] ??= { ...schema, description: own.get(title) ?? description ?? title }
    const ref = { $ref: `#/components/schemas/${title}` }
    return description === undefined || schemas[title].description === description ? ref : { ...ref, description }
  }

  document.paths = walk(document.paths, true) as object
  const responses = walk(document.components?.responses ?? {}, true) as object
  document.components = { ...document.components, responses, schemas: byName(schemas) }
  return document
}

/** Settings say the same in Chinese beside it. */
function inBoth(value: object): JsonSchema {
  const { zh, ...schema } = value as JsonSchema & { zh?: unknown }
  return typeof zh === 'string' && isSchema(value)
    ? { ...schema, description: [schema.description, zh].filter(Boolean).join(' ') }
    : value
}

/** An object with `title` may be a problem's example: a schema says what it is of. */
const isSchema = (value: object) => ['type', 'anyOf', 'enum', 'const'].some((word) => word in value)
const byName = <T>(all: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))

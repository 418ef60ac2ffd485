// example-of — an example of what a schema describes, put together from the examples of its parts.

/** JSON Schema as far as our views use it. */
export interface JsonSchema {
  type?: string
  title?: string
  description?: string
  format?: string
  examples?: unknown[]
  const?: unknown
  default?: unknown
  enum?: readonly unknown[]
  anyOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  additionalProperties?: boolean | JsonSchema
  patternProperties?: Record<string, JsonSchema>
  minimum?: number
}

/**
 * The schema's own example, else one made of its parts: required members, and those optional ones that have an example
 * of their own.
 */
export function exampleOf(schema: JsonSchema): unknown {
  if (schema.examples?.length) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return exampleOf(schema.anyOf[0]!)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name, one]) => schema.required?.includes(name) || hasExample(one))
          .map(([name, one]) => [name, exampleOf(one)]),
      )
    case 'array':
      return schema.items ? [exampleOf(schema.items)] : []
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return ''
  }
}

const hasExample = (schema: JsonSchema): boolean => (schema.examples?.length ?? 0) > 0

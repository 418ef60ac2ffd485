// first-use — validators of routes, compiled when they are needed.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifySchemaValidationError } from 'fastify'

/** So many faults of a call are named: thousands that are all alike help nobody, and cost seconds to write. */
const mostFaults = 20

/**
 * A start does not wait for the validators of four hundred routes: each is compiled with the first call it looks at.
 */
export function whenFirstUsed(
  route: Parameters<typeof TypeBoxValidatorCompiler>[0],
): ReturnType<typeof TypeBoxValidatorCompiler> {
  const numbers = route.httpPart === 'body' ? [] : numbersIn(route.schema)
  let validate: ReturnType<typeof TypeBoxValidatorCompiler> | undefined
  return (value) => {
    const judged = (validate ??= TypeBoxValidatorCompiler(route))(asWritten(value, numbers)) as {
      value?: unknown
      error?: FastifySchemaValidationError[]
    }
    return judged.error ? { error: judged.error.slice(0, mostFaults) } : judged
  }
}

interface NumberName {
  name: string
  pattern: RegExp
}

/** Parameters that are numbers, and how these are written. */
function numbersIn(schema: unknown): NumberName[] {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.entries(properties).flatMap(([name, { type }]) => {
    if (type === 'integer') return [{ name, pattern: /^-?\d+$/ }]
    return type === 'number' ? [{ name, pattern: /^-?\d+(\.\d+)?$/ }] : []
  })
}

/** What is no number as people write it stays text, and so a fault: `1.5` would be read as 1, nothing as 0. */
function asWritten(value: unknown, numbers: readonly NumberName[]): unknown {
  if (numbers.length === 0 || typeof value !== 'object' || value === null) return value
  const given = value as Record<string, unknown>
  const wrong = numbers.filter(({ name, pattern }) => typeof given[name] === 'string' && !pattern.test(given[name]))
  if (wrong.length === 0) return value
  return { ...given, ...Object.fromEntries(wrong.map(({ name }) => [name, [given[name]]])) }
}

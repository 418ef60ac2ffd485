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
  let validate: ReturnType<typeof TypeBoxValidatorCompiler> | undefined
  return (value) => {
    const judged = (validate ??= TypeBoxValidatorCompiler(route))(value) as {
      value?: unknown
      error?: FastifySchemaValidationError[]
    }
    return judged.error ? { error: judged.error.slice(0, mostFaults) } : judged
  }
}

// bearer — the key that came with a call.
import type { FastifyRequest } from 'fastify'

/** Undefined: the call shows none. */
export function bearer(request: FastifyRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

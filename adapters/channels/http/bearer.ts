// bearer — the key that came with a call.
import type { FastifyRequest } from 'fastify'

/** The key or token of `Authorization: Bearer`; undefined where the call shows none. */
export function bearer(request: FastifyRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

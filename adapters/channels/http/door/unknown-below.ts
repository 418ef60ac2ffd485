// unknown-below — the answer to a call that does not exist, in a scope that knows its callers.
import type { Door } from '../app.js'
import { sendNoSuchCall } from '../problem.js'

/** A call that does not exist is unknown to those who may come in, and nothing at all to those who may not. */
export function unknownBelow(app: Door, prefix: string, methods: (path: string) => string[]): void {
  app.all(`${prefix}/*`, { schema: { hide: true } }, async (request, reply) => sendNoSuchCall(request, reply, methods))
}

// ops-route — what a call below /ops is called in the table of rights (messages/ops-rights.ts).
import type { FastifyRequest } from 'fastify'

/** `POST /ops/…` of a call, also where it came below /monitor. */
export function routeOf(request: Pick<FastifyRequest, 'method' | 'routeOptions'>): string {
  const url = (request.routeOptions.url ?? '').replace(/^\/monitor(?=\/ops\/)/, '')
  return `${request.method === 'HEAD' ? 'GET' : request.method} ${url}`
}

// known-query — a query parameter that a call does not take is a fault: a misspelt filter would otherwise list
// everything.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import { meant } from '../../../messages/value-fault.js'

/** Refuses an unknown query parameter of every call below `app`: 400 HUB_REQUEST_INVALID. */
export function refuseUnknownQuery(app: FastifyInstance): void {
  app.addHook('preValidation', async (request: FastifyRequest) => {
    // What is not there, or takes another method, is told as that.
    if (request.is404 || request.routeOptions.url?.endsWith('/*')) return
    if ((request.routeOptions.config as { ownQuery?: boolean }).ownQuery) return
    const { querystring } = request.routeOptions.schema ?? {}
    const known = Object.keys((querystring as { properties?: object } | undefined)?.properties ?? {})
    const unknown = Object.keys(request.query as object).filter((name) => !known.includes(name))
    if (unknown.length === 0) return
    const told = unknown.map((name) => ({ name: name.slice(0, 80), near: meant(name.slice(0, 80), known) }))
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: told.map(({ name, near }) => `query ${name}: no such parameter${near.en}`).join('; '),
      detailZh: told.map(({ name, near }) => `query ${name}：没有这个参数${near.zh}`).join('；'),
    })
  })
}

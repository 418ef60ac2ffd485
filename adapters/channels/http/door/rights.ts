// rights — whoever makes a call below /ops may make it; if it takes two, it waits; else all it does is this person's.
import type { FastifyRequest } from 'fastify'
import { HubError } from '../../../../messages/errors.js'
import { mayCall, rightOf } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { Callers } from '../callers.js'
import { routeOf } from '../ops-route.js'
import type { CallerParts } from '../parts/callers.js'
import type { OperatorsParts } from '../parts/operators.js'

/** A role does not suffice: for the call, or for what it would show. */
const forbidden: ReadonlySet<string> = new Set(['HUB_ROLE_FORBIDDEN', 'HUB_PERSONS_HIDDEN'])

type RightsParts = Pick<CallerParts, 'callRefused'> &
  Pick<OperatorsParts, 'needsTwo' | 'askSecond' | 'actingAs' | 'agenciesOf'>

/** Hooks of the scope `door`, in which `request.signedIn` is set. */
export function guardRights(door: Door, parts: RightsParts, callers: Pick<Callers, 'approvedAct'>): void {
  function noteRefused(request: FastifyRequest): void {
    const { name: who, role, by } = request.signedIn
    parts.callRefused({ who, role, by, address: request.ip, call: routeOf(request) })
  }

  door.addHook('onRoute', (route) => {
    const { act } = rightOf(`${String(route.method)} ${route.url.replace(/^\/monitor(?=\/ops\/)/, '')}`)
    if (act === undefined || !route.schema) return
    const response = { ...(route.schema.response as object), 202: view.ActWaits }
    route.schema = { ...route.schema, response }
  })
  door.addHook('onRequest', async (request) =>
    mayCall(
      { who: request.signedIn, route: routeOf(request), params: request.params as Record<string, string> },
      parts,
    ).catch((error: unknown) => {
      // It is of another agency, which the answer does not say.
      if (error instanceof HubError && error.code === 'HUB_OPS_NOT_FOUND') noteRefused(request)
      throw error
    }),
  )
  door.addHook('onError', async (request, _reply, error) => {
    if (error instanceof HubError && forbidden.has(error.code)) noteRefused(request)
  })
  door.addHook('preHandler', async (request, reply) => {
    const route = routeOf(request)
    const { act } = rightOf(route)
    if (act === undefined || callers.approvedAct(request)) return undefined
    if (!(await parts.needsTwo(act, request.operator))) return undefined
    const { why = '' } = (request.body ?? {}) as { why?: string }
    const approval = await parts.askSecond(
      {
        act,
        call: {
          method: request.method,
          url: request.url.replace(/^\/monitor(?=\/ops\/)/, ''),
          route,
          ...(request.body === undefined || request.body === null ? {} : { body: request.body }),
        },
        from: { by: request.signedIn.by, address: request.ip },
      },
      { who: request.operator, why },
    )
    return reply.code(202).send({ waiting: true, approval })
  })
  door.addHook('preHandler', (request, { raw }, done) => {
    const act = callers.approvedAct(request)
    const who = act
      ? { ...act.from, approvedBy: act.decidedBy ?? '' }
      : { by: request.signedIn.by, address: request.ip }
    const over = raw.closed ? Promise.resolve() : new Promise((resolve) => raw.once('close', resolve))
    parts.actingAs(who, done, over)
  })
}

// door — the HTTP door: /v1 for partners, /ops for the operator, /agency for what agencies post back, health and
// metrics, OpenAPI at /docs. The folder beside this file has what each of these scopes is made of.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import { agencyRoutes } from './routes/agency-routes.js'
import { createAnswerRoom } from './answer-room.js'
import type { Door } from './app.js'
import { createCallers } from './callers.js'
import { boundConnections } from './connections.js'
import { createCookies } from './cookies.js'
import { createCredentials } from './credentials.js'
import { createApprovedCall } from './door/approved-call.js'
import { describe } from './door/described.js'
import { createGuarded } from './door/guarded.js'
import { healthRoutes } from './door/health.js'
import { opsScope } from './door/ops.js'
import { createServer } from './door/server.js'
import { unknownBelow } from './door/unknown-below.js'
import { v1Scope } from './door/v1.js'
import { useJsonBodies } from './json-bodies.js'
import { createMethodBook } from './method-book.js'
import { oauthRoutes } from './routes/oauth-routes.js'
import { createOpenAnswers } from './open-answers.js'
import type { HttpDoorParts } from './parts.js'
import { sendNoSuchCall, sendProblem, useProblems } from './problem.js'
import { receiptKeysRoute } from './routes/receipt-keys-route.js'
import { readToTheEnd } from './rest-of-body.js'
import { refuseOtherSites, secure } from './security-headers.js'
import { signInRoutes } from './routes/sign-in-routes.js'
import { signingRoutes } from './routes/signing-routes.js'
import type { ServedCertificate } from './tls-server.js'

/** Of a body that anybody may send who signs in: names, passwords, codes and keys are short. */
const strangersBytes = 8 * 1024

/**
 * The door, not yet listening. `more` may mount what is not this door's business (the board) behind the operator's key.
 */
export async function createHttpDoor(
  parts: HttpDoorParts,
  more?: (
    app: FastifyInstance,
    guard: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
    stillIn: (request: FastifyRequest) => Promise<boolean>,
  ) => Promise<void>,
): Promise<HttpDoor> {
  const { limits, tls } = parts
  const { app, renew } = createServer(parts)
  const methods = createMethodBook(app)
  useProblems(app, parts.log, { maxBytes: limits.maxBytes, methods })
  const connections = boundConnections(app.server, limits.connections)
  const shownBy = createCredentials(parts.clientAuthorities ?? (() => []))
  const cookies = createCookies({ secure: tls !== undefined || parts.behindTls === true })
  const known = ({ raw }: FastifyRequest, partnerId?: string) => connections.known(raw.socket, partnerId)
  const callers = createCallers(parts, parts.rates, shownBy, known, cookies)
  const openAnswers = createOpenAnswers(parts, shownBy)
  const room = createAnswerRoom({ memory: parts.memory.partners, most: limits.maxBytes })
  const guarded = createGuarded(callers, parts.signIn)
  const runApproved = createApprovedCall(app, callers)
  app.addHook('onClose', async () => openAnswers.close())
  // Its caller was sent away (connections.ts).
  app.addHook('onRequest', (_request, reply, done) => (reply.raw.destroyed ? void reply.hijack() : done()))
  readToTheEnd(app, { maxBytes: limits.maxBytes })
  app.addHook('onRequest', async (_request, reply) => secure(reply, tls?.hstsSeconds))
  refuseWhileClosing(app)
  // Before its body: nobody's is read for a call that there is not.
  app.addHook('onRequest', async (request, reply) =>
    request.is404 ? sendNoSuchCall(request, reply, methods) : undefined,
  )

  await describe(app, parts)
  await app.register(async (v1) => v1Scope(v1, parts, { callers, room, openAnswers, methods }))
  receiptKeysRoute(app, parts)
  await app.register(async (oauth) => {
    oauthRoutes(oauth, callers)
  })
  const shared = { callers, cookies, room, runApproved, methods }
  await app.register(async (door) => {
    door.addHook('onRequest', async (request) => refuseOtherSites(request, { pages: false }))
    door.addHook('onRequest', async (request) => callers.operator(request))
    await opsScope(door, parts, shared)
  })
  // The same once more below /monitor, for the page: a browser sends its password to where it was asked for it.
  await app.register(
    async (door) => {
      door.addHook('onRoute', (route) => void (route.schema = { ...route.schema, hide: true }))
      door.addHook('onRequest', guarded(false))
      await opsScope(door, parts, shared)
    },
    { prefix: '/monitor' },
  )
  await app.register(async (door) => {
    useJsonBodies(door, { mostBytes: strangersBytes })
    signInRoutes(door, parts, { callers, cookies })
  })
  await app.register(async (door) => {
    useJsonBodies(door)
    signingRoutes(door, parts, callers)
    unknownBelow(door, '/signing', methods)
  })
  await app.register(async (agency) => {
    agency.addHook('onRequest', callers.agency)
    agencyRoutes(agency, parts)
  })
  healthRoutes(app, parts)
  await more?.(app, guarded(true), callers.stillIn)
  return Object.assign(app, { routes: methods.routes, renewCertificate: renew })
}

type HttpDoor = FastifyInstance & {
  /** Every route of the door: `GET /v1/messages/:id`. */
  routes(): string[]
  /** New connections get this certificate from now on. Of a door without TLS: nothing. */
  renewCertificate(certificate: ServedCertificate): void
}

/** A call that comes on an open connection while the door closes is told to come again, and nothing is done. */
function refuseWhileClosing(app: Door): void {
  let closing = false
  app.addHook('preClose', async () => void (closing = true))
  app.addHook('onRequest', async (request, reply) => {
    if (closing) {
      void reply.header('connection', 'close')
      return sendProblem(request, reply, new HubError('HUB_STOPPING'))
    }
    return undefined
  })
}

// door — the HTTP door: /v1 for partners, /ops for the operator, /agency for what agencies post back, health and
// metrics, OpenAPI at /docs.
import type { Server } from 'node:http'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaValidationError,
  type FastifyServerFactory,
} from 'fastify'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import type { SignedIn, WaitingAct } from '../../../messages/operator.js'
import * as view from '../../../messages/views/index.js'
import { createAnswerRoom } from './answer-room.js'
import { agentsRoutes, opsAgentsRoutes } from './agents-routes.js'
import type { Door } from './app.js'
import { useBodies, withBody, type AnswerBody } from './body.js'
import { boundConnections } from './connections.js'
import { createCallers } from './callers.js'
import { createCookies } from './cookies.js'
import { catalogueRoutes } from './catalogue-routes.js'
import { eventsRoutes } from './events-routes.js'
import { messagesRoutes } from './messages-routes.js'
import { createOpenAnswers } from './open-answers.js'
import { useJsonBodies } from './json-bodies.js'
import { refuseUnknownQuery } from './known-query.js'
import { completeOpenApi, securitySchemes, tags, type OpenApi } from './openapi.js'
import { opsAgenciesRoutes } from './ops-agencies-routes.js'
import { opsOperatorsRoutes } from './ops-operators-routes.js'
import { mayCall, rightOf, routeOf } from './ops-rights.js'
import { signInRoutes } from './sign-in-routes.js'
import { opsMessagesRoutes } from './ops-messages-routes.js'
import { grantsRoutes, opsGrantsRoutes } from './grants-routes.js'
import { opsPartnersRoutes } from './ops-partners-routes.js'
import { opsKeepingRoutes } from './ops-keeping-routes.js'
import { opsAnswersRoutes } from './ops-answers-routes.js'
import { opsContentRoutes } from './ops-content-routes.js'
import { opsReceiptsRoutes } from './ops-receipts-routes.js'
import { opsRoutes } from './ops-routes.js'
import { opsSubmissionsRoutes } from './ops-submissions-routes.js'
import type { HttpDoorParts } from './parts.js'
import { createCredentials } from './credentials.js'
import { oauthRoutes } from './oauth-routes.js'
import { hidePersons } from './persons-door.js'
import { queriesRoutes } from './queries-routes.js'
import { createMethodBook } from './method-book.js'
import { answerRaw, sendNoSuchCall, sendProblem, useProblems } from './problem.js'
import { readToTheEnd } from './rest-of-body.js'
import { receiptKeysRoute } from './receipt-keys-route.js'
import { receiptsRoutes } from './receipts-routes.js'
import { ownPage, refuseOtherSites, savedNotShown, secure } from './security-headers.js'
import { signAnswers } from './signed-answers.js'
import { opsSigningRoutes, signingRoutes } from './signing-routes.js'
import { subscriptionsRoutes } from './subscriptions-routes.js'
import { createTlsServer, type ServedCertificate, type TlsServer } from './tls-server.js'

/** A role does not suffice: for the call, or for what it would show. */
const forbidden: ReadonlySet<string> = new Set(['HUB_ROLE_FORBIDDEN', 'HUB_PERSONS_HIDDEN'])
/** A request's head must be there after this long. */
const headersMs = 10_000
/**
 * A connection without a request stays open for this long: longer than a minute, since load balancers keep theirs for
 * one.
 */
const keepAliveMs = 72_000

/** So many faults of a call are named: thousands that are all alike help nobody, and cost seconds to write. */
const mostFaults = 20

/**
 * A start does not wait for the validators of four hundred routes: each is compiled with the first call it looks at.
 */
function whenFirstUsed(
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
  const requestMs = (limits.requestSeconds ?? 60) * 1000
  // Whoever says nothing, or dribbles its headers, has this long.
  const patience = { headersTimeout: Math.min(headersMs, requestMs), connectionsCheckingInterval: 1_000 }
  let secured: TlsServer | undefined
  const serverFactory: FastifyServerFactory<Server> | undefined =
    tls &&
    ((handler) => {
      secured = createTlsServer(handler, tls, patience)
      // Fastify sets these on its own servers only.
      secured.server.setTimeout(0)
      return Object.assign(secured.server, { keepAliveTimeout: keepAliveMs, requestTimeout: requestMs })
    })
  const app = Fastify({
    logger: false,
    bodyLimit: limits.maxBytes,
    // A client that dribbles its request is cut off; a long poll is not, it has sent all of its request.
    requestTimeout: requestMs,
    connectionTimeout: 0,
    http: patience,
    keepAliveTimeout: keepAliveMs,
    ...(serverFactory && { serverFactory }),
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200 },
    // Addresses and requests that cannot be read never reach a route; their answers are the hub's all the same.
    frameworkErrors: (error, request, reply) => {
      secure(reply, tls?.hstsSeconds)
      void sendProblem(request, reply, new HubError('HUB_REQUEST_INVALID', { detail: error.message }))
    },
    clientErrorHandler: answerRaw,
    // Whom a proxy speaks for is believed of the proxies that are named, and of nobody else.
    trustProxy: parts.trustedProxies?.length ? [...parts.trustedProxies] : false,
    genReqId: () => `req_${Math.random().toString(36).slice(2, 12)}`,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(whenFirstUsed)
  // Views describe answers and give handlers their types. What goes out is written as it is: nothing is left out
  // silently, and tests hold every answer against its view (tests/support/refereed.ts).
  app.setSerializerCompiler(() => JSON.stringify)
  const methods = createMethodBook(app)
  useProblems(app, parts.log, { maxBytes: limits.maxBytes, methods })
  const connections = boundConnections(app.server, limits.connections)
  const shownBy = createCredentials(parts.clientAuthorities ?? (() => []))
  const cookies = createCookies({ secure: tls !== undefined || parts.behindTls === true })
  const callers = createCallers(parts, parts.rates, shownBy, ({ raw }) => connections.known(raw.socket), cookies)
  const openAnswers = createOpenAnswers(parts, shownBy)
  const room = createAnswerRoom({ memory: parts.memory.partners, most: limits.maxBytes })
  app.addHook('onClose', async () => openAnswers.close())

  async function challenge(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    try {
      await callers.operator(request, { cookies: true })
      return undefined
    } catch (error) {
      // Where people sign in on a page, a browser is led there. Else it asks for user and password, only when it is
      // told that this would help.
      if (!(await parts.signIn.hasPage()))
        return sendProblem(request, reply, error as HubError, 'Basic realm="hub", charset="UTF-8"')
      const opens = request.method === 'GET' && /^text\/html/.test(request.headers.accept ?? '')
      return opens ? reply.redirect('/monitor/sign-in') : sendProblem(request, reply, error as HubError)
    }
  }

  /** The same for what a browser opens as a page; nothing else of the monitor is one. */
  function guarded(pages: boolean) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        refuseOtherSites(request, { pages })
      } catch (error) {
        return sendProblem(request, reply, error as HubError)
      }
      return challenge(request, reply)
    }
  }

  readToTheEnd(app, { maxBytes: limits.maxBytes })
  app.addHook('onRequest', async (_request, reply) => secure(reply, tls?.hstsSeconds))
  let closing = false
  app.addHook('preClose', async () => void (closing = true))
  app.addHook('onRequest', async (request, reply) => {
    if (closing) {
      void reply.header('connection', 'close')
      return sendProblem(request, reply, new HubError('HUB_STOPPING'))
    }
    return undefined
  })

  /** It is large, and the same as long as the hub runs; bytes, so that all who read it slowly hold the same ones. */
  let described: Buffer | undefined
  const describe = (reply: FastifyReply) =>
    reply.type('application/json; charset=utf-8').send((described ??= Buffer.from(JSON.stringify(app.swagger()))))
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Single Window hub 国际贸易单一窗口报文交换',
        version: parts.version,
        description: 'Send declarations, get every receipt. Errors are application/problem+json with a HUB_ code.',
      },
      servers: [{ url: '/', description: 'This hub' }],
      tags,
      components: { securitySchemes },
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? (completeOpenApi(document.openapiObject as OpenApi, {
            xml: parts.samples('10.1.1.1.1')?.[0]?.content.toString(),
            edifact: parts.samples('2.6.5.1.1')?.[0]?.content.toString(),
            queries: parts.queries().map(({ operation }) => parts.query(operation)),
          }) as typeof document.openapiObject)
        : document.swaggerObject,
  })
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => describe(reply))
  await app.register(swaggerUi, {
    ...{ routePrefix: '/docs', logLevel: 'silent', staticCSP: ownPage },
    // The page's own two forms of it would be written anew for everybody who asks.
    uiHooks: {
      onRequest: (request, reply, next) => void (/^\/docs\/(json|yaml)\b/.test(request.url) ? describe(reply) : next()),
    },
  })

  await app.register(async (v1) => {
    v1.addHook('onRequest', callers.partner)
    savedNotShown(v1, { plain: false })
    signAnswers(v1, parts.receiptSigner?.jws)
    refuseUnknownQuery(v1)
    useJsonBodies(v1)
    await v1.register(async (bodies) => {
      useBodies(bodies, {
        maxBytes: limits.maxBytes,
        roomOf: ({ partner }) => parts.memory.partners.room(partner.partnerId),
        form: 'messages',
      })
      messagesRoutes(bodies, parts, room)
    })
    receiptsRoutes(v1, parts, { openAnswers, room })
    eventsRoutes(v1, parts, openAnswers)
    catalogueRoutes(v1, parts)
    subscriptionsRoutes(v1, parts)
    grantsRoutes(v1, parts)
    agentsRoutes(v1, parts)
    queriesRoutes(v1, parts, openAnswers)
    unknownBelow(v1, '/v1', methods)
  })
  receiptKeysRoute(app, parts)
  await app.register(async (oauth) => {
    oauthRoutes(oauth, callers)
  })
  /** An act that was approved, as the call it is. */
  async function runApproved(act: WaitingAct, approvedBy: SignedIn): Promise<{ status: number; body: string }> {
    const pass = callers.passFor({ ...act, decidedBy: approvedBy.name })
    try {
      const { statusCode, body } = await app.inject({
        method: act.call.method as 'POST',
        url: act.call.url,
        headers: {
          [pass.header]: pass.value,
          ...(act.call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(act.call.body === undefined ? {} : { payload: JSON.stringify(act.call.body) }),
      })
      return { status: statusCode, body }
    } finally {
      pass.end()
    }
  }

  function noteRefused(request: FastifyRequest): void {
    const { name: who, role, by } = request.signedIn
    parts.callRefused({ who, role, by, address: request.ip, call: routeOf(request) })
  }

  /** Whoever makes the call may make it; if it takes two, it waits; else all it does is this person's. */
  function guardRights(door: Door): void {
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

  const ops = async (door: Door) => {
    guardRights(door)
    hidePersons(door, parts)
    savedNotShown(door, { plain: true })
    refuseUnknownQuery(door)
    // A partner may file for thousands of companies.
    useJsonBodies(door, { mostValues: 100_000 })
    opsRoutes(door, parts)
    opsMessagesRoutes(door, parts)
    opsContentRoutes(door, parts, room)
    opsSubmissionsRoutes(door, parts)
    opsAnswersRoutes(door, parts)
    opsReceiptsRoutes(door, parts)
    opsKeepingRoutes(door, parts)
    opsPartnersRoutes(door, parts)
    opsGrantsRoutes(door, parts)
    opsAgentsRoutes(door, parts)
    opsAgenciesRoutes(door, parts)
    opsSigningRoutes(door, parts)
    opsOperatorsRoutes(door, parts, cookies, runApproved)
    unknownBelow(door, '/ops', methods)
  }
  await app.register(async (door) => {
    door.addHook('onRequest', async (request) => refuseOtherSites(request, { pages: false }))
    door.addHook('onRequest', async (request) => callers.operator(request))
    await ops(door)
  })
  // The same once more below /monitor, for the page: a browser sends its password to where it was asked for it.
  await app.register(
    async (door) => {
      door.addHook('onRoute', (route) => void (route.schema = { ...route.schema, hide: true }))
      door.addHook('onRequest', guarded(false))
      await ops(door)
    },
    { prefix: '/monitor' },
  )
  await app.register(async (door) => {
    useJsonBodies(door)
    signInRoutes(door, parts, { callers, cookies })
  })
  await app.register(async (door) => {
    useJsonBodies(door)
    signingRoutes(door, parts, callers)
    unknownBelow(door, '/signing', methods)
  })
  await app.register(async (agency) => {
    agency.addHook('onRequest', callers.agency)
    useBodies(agency, {
      maxBytes: limits.maxBytes,
      roomOf: ({ params }) => parts.memory.agencies.room((params as { agency: string }).agency),
      form: 'answer',
    })
    agency.post(
      '/agency/:agency/receipts',
      {
        schema: {
          params: Type.Object({ agency: Type.String() }),
          tags: ['agency'],
          operationId: 'postAgencyReceipt',
          response: {
            202: { ...view.ReplyKept, description: 'On disk; its receipts are made of it' },
            200: { ...view.ReplyKept, description: 'The same was posted before' },
          },
          summary: 'What an agency posts back',
        },
      },
      async (request, reply) => {
        const { bytes, ...opened } = (request.body as AnswerBody | undefined) ?? { bytes: Buffer.alloc(0) }
        if (bytes.length === 0) throw new HubError('HUB_REQUEST_INVALID', { detail: 'empty body' })
        const { agency: code } = request.params as { agency: string }
        const answer = { mediaType: request.headers['content-type'] ?? 'application/xml', bytes, ...opened }
        const kept = await withBody(request, () => parts.takeReply(code, answer))
        return reply.code(kept.known ? 200 : 202).send({ replyId: kept.replyId })
      },
    )
  })

  app.get('/', { schema: { hide: true } }, async (request, reply) =>
    request.headers.accept?.includes('text/html')
      ? reply.redirect('/monitor')
      : { name: 'Single Window hub', version: parts.version, monitor: '/monitor', interface: '/docs', messages: '/v1' },
  )
  app.get('/healthz', { schema: { hide: true } }, async () => parts.health())
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const report = await parts.readiness()
    return reply.code(report.ready ? 200 : 503).send(report)
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const { contentType, text } = await parts.metrics()
    return reply.type(contentType).send(text)
  })
  await more?.(app, guarded(true), callers.stillIn)
  return Object.assign(app, {
    routes: methods.routes,
    renewCertificate: (certificate: ServedCertificate) => secured?.renew(certificate),
  })
}

/** What `createHttpDoor` makes. */
export type HttpDoor = FastifyInstance & {
  /** Every route of the door: `GET /v1/messages/:id`. */
  routes(): string[]
  /** New connections get this certificate from now on. Of a door without TLS: nothing. */
  renewCertificate(certificate: ServedCertificate): void
}

/** A call that does not exist is unknown to those who may come in, and nothing at all to those who may not. */
function unknownBelow(app: Door, prefix: string, methods: (path: string) => string[]): void {
  app.all(`${prefix}/*`, { schema: { hide: true } }, async (request, reply) => sendNoSuchCall(request, reply, methods))
}

// server — the door's server before it has a route: plain or TLS, how long it waits for whom, and what it answers to a
// request that cannot be read.
import type { Server } from 'node:http'
import Fastify, { type FastifyServerFactory } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { HubError } from '../../../../messages/errors.js'
import type { Door } from '../app.js'
import type { HttpDoorParts } from '../parts.js'
import { answerRaw, sendProblem } from '../problem.js'
import { secure } from '../security-headers.js'
import { createTlsServer, type ServedCertificate, type TlsServer } from '../tls-server.js'
import { whenFirstUsed } from './first-use.js'

/** A request's head must be there after this long. */
const headersMs = 10_000
/**
 * A connection without a request stays open for this long: longer than a minute, since load balancers keep theirs for
 * one.
 */
const keepAliveMs = 72_000

type ServerParts = Pick<HttpDoorParts, 'limits' | 'tls' | 'trustedProxies'>

/** `renew`: new connections get this certificate from now on; of a door without TLS it does nothing. */
export function createServer(parts: ServerParts): { app: Door; renew: (certificate: ServedCertificate) => void } {
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
  return { app, renew: (certificate) => secured?.renew(certificate) }
}

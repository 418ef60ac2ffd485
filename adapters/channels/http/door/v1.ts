// v1 — /v1: what partners call.
import type { FastifyRequest } from 'fastify'
import type { Door } from '../app.js'
import { agentsRoutes } from '../routes/agents-routes.js'
import type { AnswerRoom } from '../answer-room.js'
import { useBodies } from '../body.js'
import type { Callers } from '../callers.js'
import { catalogueRoutes } from '../routes/catalogue-routes.js'
import { eventsRoutes } from '../routes/events-routes.js'
import { grantsRoutes } from '../routes/grants-routes.js'
import { useJsonBodies } from '../json-bodies.js'
import { refuseUnknownQuery } from '../known-query.js'
import { messagesRoutes } from '../routes/messages-routes.js'
import type { OpenAnswers } from '../open-answers.js'
import type { HttpDoorParts } from '../parts.js'
import { queriesRoutes } from '../routes/queries-routes.js'
import { receiptsRoutes } from '../routes/receipts-routes.js'
import { savedNotShown } from '../security-headers.js'
import { signAnswers } from '../signed-answers.js'
import { subscriptionsRoutes } from '../routes/subscriptions-routes.js'
import { unknownBelow } from './unknown-below.js'

/** What the calls of partners share. */
interface V1Shared {
  callers: Callers
  room: AnswerRoom
  openAnswers: OpenAnswers
  /** Methods that an address takes. */
  methods: (path: string) => string[]
}

/** One scope of Fastify: every call below it is a partner's. */
export async function v1Scope(
  v1: Door,
  parts: HttpDoorParts,
  { callers, room, openAnswers, methods }: V1Shared,
): Promise<void> {
  v1.addHook('onRequest', callers.partner)
  savedNotShown(v1, { plain: false })
  signAnswers(v1, parts.receiptSigner?.jws)
  room.ofAnswers(v1)
  refuseUnknownQuery(v1)
  const roomOf = ({ partner }: FastifyRequest) => parts.memory.partners.room(partner.partnerId)
  useJsonBodies(v1, { roomOf })
  await v1.register(async (bodies) => {
    useBodies(bodies, {
      maxBytes: parts.limits.maxBytes,
      roomOf,
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
}

// signing-routes — the agents that sign beside a U-Key (`hub sign-agent`) ask here for work and bring back what their
// key made of it; and for the operator: the keys that sign for customs 加签.
import type { Socket } from 'node:net'
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { bearer } from '../bearer.js'
import type { Callers } from '../callers.js'
import type { SigningParts } from '../parts/signing.js'

const tags = ['signing']
const Waiting = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 30, default: 20, description: 'Seconds to wait for work' }),
    ),
  },
  { additionalProperties: false },
)
const Outcome = Type.Object(
  {
    value: Type.Optional(Type.String({ maxLength: 16_384, description: 'The signature, base64' })),
    error: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Why the key could not sign' })),
  },
  { additionalProperties: false },
)

/** `/signing/tasks`, for a signing agent with its own key; HUB_UNAUTHENTICATED for everybody else. */
export function signingRoutes(app: Door, parts: SigningParts, callers: Callers): void {
  app.addHook('onRequest', callers.signer)
  const agentOf = (request: Parameters<typeof bearer>[0]) => {
    const agent = parts.signAgent(bearer(request) ?? '')
    if (!agent) throw new HubError('HUB_UNAUTHENTICATED')
    return agent
  }
  const held = createHeldWork()
  app.get(
    '/signing/tasks',
    {
      schema: {
        querystring: Waiting,
        operationId: 'nextSigningWork',
        response: { 200: view.SigningWork, 204: Type.Null({ description: 'Nothing is to be signed' }) },
        tags,
        summary: 'The next piece of work for a signing agent',
      },
    },
    async (request, reply) => {
      const gone = new AbortController()
      request.raw.once('close', () => gone.abort())
      const agent = agentOf(request)
      const work = await agent.next((request.query.wait ?? 20) * 1000, gone.signal)
      if (!work) return reply.code(204).send(null)
      // Behind a proxy the connection is the proxy's; then the work is given again after a few seconds.
      held.give(request.raw.socket, () => agent.lost(work.id))
      return work
    },
  )
  app.post(
    '/signing/tasks/:id',
    {
      schema: {
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        body: Outcome,
        operationId: 'endSigningWork',
        response: { 200: view.SigningTold },
        tags,
        summary: 'What the key made of it, or why it could not',
      },
    },
    async (request) => {
      const { value, error } = request.body
      const agent = agentOf(request)
      const { id } = request.params
      if (value === undefined) return { wanted: agent.failed(id, error ?? 'the agent could not sign') }
      return { wanted: agent.done(id, Buffer.from(value, 'base64')) }
    },
  )
}

/** What a connection was given last; an agent does one thing after another. When the connection ends, that is lost. */
function createHeldWork() {
  const lastOf = new WeakMap<Socket, () => void>()
  return {
    give(socket: Socket, lost: () => void): void {
      if (socket.destroyed) return lost()
      if (!lastOf.has(socket)) socket.once('close', () => lastOf.get(socket)?.())
      lastOf.set(socket, lost)
    },
  }
}

/** `GET /ops/signers`: which keys sign, whether each is ready, and until when its certificate is good. */
export function opsSigningRoutes(app: Door, parts: SigningParts): void {
  app.get(
    '/ops/signers',
    {
      schema: {
        operationId: 'listSigners',
        response: { 200: view.SignerList },
        tags: ['ops'],
        summary: 'The keys that sign for customs: whether each is there, and how long its certificate lasts 加签',
      },
    },
    async () => ({ signers: parts.signers() }),
  )
}

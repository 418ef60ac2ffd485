// persons-door — on its way to an operator everything passes here: values that name persons are hidden, unless the call
// reveals them. That takes the role operator and a reason, and is in the audit before the answer goes out.
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import { roleSuffices } from '../../../messages/operator.js'
import type { Door } from './app.js'
import { routeOf } from './ops-route.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why this call wants to see values that name persons; null: it does not. */
    reveals: string | null
  }
}

/**
 * Hides values that name persons, and keeps who looked at them.
 * @see [createPersonsHidden](../../../hub/operate/persons-hidden.ts)
 */
export interface PersonsParts {
  /** Absent: they are shown as they are (`operators.maskPersons: false`). */
  persons?:
    | {
        answer: <T>(payload: T) => Promise<T>
        text: (said: string) => string
        /** `unread`: it is no text, and nobody can say whom it names. */
        bytes: (bytes: Buffer) => Promise<{ bytes: Buffer; hidden: number; unread?: true }>
        namesSomebody: (messageId: string) => Promise<boolean>
        revealed: (what: { target: string; what: string }, by: { who: string; why: string }) => Promise<void>
      }
    | undefined
}

/** What partners and agencies wrote is in the answers of these. */
export const revealing: ReadonlySet<string> = new Set(
  [
    'messages/:id',
    'messages/:id/content',
    'messages/:id/evidence',
    'messages',
    'messages.csv',
    'receipts/:id/attachments/:name',
    'receipts/undelivered',
    'search',
    'dead',
    'unclear',
    'held',
    'overdue',
    'notices',
    'orphans',
    'answers/held',
    'shared-keys',
    'questions',
    'audit',
  ].map((path) => `GET /ops/${path}`),
)

const asked = {
  reveal: Type.Optional(
    Type.Boolean({
      description:
        'Show values that name persons 显示个人信息: for operators and admins, with a `reason`; it is in the audit',
    }),
  ),
  reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why they are to be seen; needed with `reveal`' })),
}

const within = (url: string) => url.replace(/^\/monitor(?=\/ops\/)/, '')

/** A hook for all routes of a part, so that a new route cannot forget it. Comes behind who is calling, and who acts. */
export function hidePersons(door: Door, { persons }: PersonsParts): void {
  door.decorateRequest('reveals', null)
  door.addHook('onRoute', (route) => {
    if (!route.schema || !revealing.has(`${String(route.method)} ${within(route.url)}`)) return
    const { properties } = (route.schema.querystring ?? Type.Object({})) as ReturnType<typeof Type.Object>
    route.schema = { ...route.schema, querystring: Type.Object({ ...properties, ...asked }) }
  })
  door.addHook('preHandler', async (request) => {
    const query = (request.query ?? {}) as { reveal?: boolean; reason?: string }
    const { reveal, reason } = query
    if (!revealing.has(routeOf(request))) return
    delete query.reveal
    delete query.reason
    if (reveal !== true) return
    const { role } = request.signedIn
    if (!roleSuffices(role, 'operator')) throw new HubError('HUB_ROLE_FORBIDDEN', { role, needed: 'operator' })
    if (!reason?.trim())
      throw new HubError('HUB_REQUEST_INVALID', {
        detail: 'query reason: say why the values are to be seen',
        detailZh: 'query reason：请填写查看个人信息的原因',
      })
    request.reveals = reason.trim()
  })
  door.addHook('preSerialization', async (request, reply, payload) => {
    if (!persons) return payload
    if (request.reveals === null || reply.statusCode >= 400) return persons.answer(payload)
    await reveal(request, persons)
    return payload
  })
}

type Persons = NonNullable<PersonsParts['persons']>

/** What the call is about: a message or a receipt, else the list it asks for. */
async function reveal(request: FastifyRequest, persons: Persons): Promise<void> {
  const { id } = request.params as { id?: string }
  const what = routeOf(request).replace(/^GET \/ops\//, '')
  await persons.revealed({ target: id ?? what, what }, { who: request.operator, why: request.reveals ?? '' })
}

/** Bytes as this call may see them. @throws HubError HUB_PERSONS_HIDDEN where nobody can look into them, to a viewer */
export async function bytesFor(request: FastifyRequest, bytes: Buffer, { persons }: PersonsParts): Promise<Buffer> {
  if (!persons) return bytes
  if (request.reveals !== null) {
    await reveal(request, persons)
    return bytes
  }
  const shown = await persons.bytes(bytes)
  if (shown.unread && !roleSuffices(request.signedIn.role, 'operator')) throw new HubError('HUB_PERSONS_HIDDEN')
  return shown.bytes
}

/**
 * What proves something by its very bytes is given whole or not at all: asking for it is asking to see whom it names.
 * @throws HubError HUB_PERSONS_HIDDEN to a viewer, where it names somebody
 */
export async function wholeFor(request: FastifyRequest, messageId: string, { persons }: PersonsParts): Promise<void> {
  if (!persons) return
  if (!(await persons.namesSomebody(messageId))) return
  if (!roleSuffices(request.signedIn.role, 'operator')) throw new HubError('HUB_PERSONS_HIDDEN')
  request.reveals ??= '证据包 evidence'
  await reveal(request, persons)
}

/** Text that goes out in pieces. */
export async function textFor(request: FastifyRequest, { persons }: PersonsParts): Promise<(text: string) => string> {
  if (!persons) return (text) => text
  if (request.reveals === null) return persons.text
  await reveal(request, persons)
  return (text) => text
}

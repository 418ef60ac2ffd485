// ops-routes — for the operator: partners and their keys, counts, every message, dead letters and unclear submissions.
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import { PartnerSettings } from '../../../messages/partner.js'
import { MessageState } from '../../../messages/states.js'
import { Value } from 'typebox/value'
import type { Door } from './app.js'
import type { OpsParts, PartnerParts } from './parts.js'

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const NewPartner = Type.Object({
  partnerId: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: 'Also the SFTP user and the name of its folder' }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  settings: Type.Optional(Type.Partial(PartnerSettings)),
  sshKeys: Type.Optional(Type.Array(Type.String({ pattern: '^(ssh-|ecdsa-|sk-)' }))),
  disabled: Type.Optional(Type.Boolean()),
})
const Why = Type.Object({ why: Type.String({ minLength: 1, maxLength: 500 }) })

export function opsRoutes(app: Door, parts: OpsParts & Pick<PartnerParts, 'message' | 'messages' | 'undelivered' | 'resendReceipt'>): void {
  app.get('/ops/status', { schema: { tags: ['ops'], summary: 'What waits where' } }, () => parts.status())
  app.get('/ops/notices', { schema: { tags: ['ops'], summary: 'What agencies said first, newest first', querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })) }) } }, async (request) => ({ notices: await parts.notices(request.query.limit ?? 50) }))
  app.get('/ops/partners', { schema: { tags: ['ops'] } }, async () => ({ partners: await parts.partners() }))
  app.post('/ops/partners', { schema: { body: NewPartner, tags: ['ops'], summary: 'Add or change a partner' } }, async (request) => {
    const { partnerId, name, settings = {}, sshKeys = [], disabled = false } = request.body
    const whole = Value.Default(PartnerSettings, { ...settings }) as PartnerSettings
    await parts.putPartner({ partnerId, name, settings: whole, sshKeys, disabled })
    return { partnerId, name, settings: whole, sshKeys, disabled }
  })
  app.post('/ops/partners/:id/keys', { schema: { params: Id, body: Type.Object({ kind: Type.Enum(['http', 'sftp']), label: Type.Optional(Type.String()) }), tags: ['ops'], summary: 'A new key, shown once' } }, async (request) => {
    const { kind, label = '' } = request.body
    const secret = await parts.newSecret(request.params.id, kind, label)
    if (secret === undefined) throw new HubError('HUB_NOT_FOUND')
    return { partnerId: request.params.id, kind, secret }
  })
  const Webhook = Type.Object({ url: Type.String({ pattern: '^https?://', maxLength: 2000 }), newSecret: Type.Optional(Type.Boolean({ default: false })), stages: Type.Optional(Type.Array(Type.Enum(['technical', 'business', 'notice']), { default: ['business', 'notice'] })) })
  app.post('/ops/partners/:id/webhook', { schema: { params: Id, body: Webhook, tags: ['ops'], summary: 'Set and enable a webhook; the secret is for the partner' } }, async (request) => {
    const webhook = await parts.setWebhook(request.params.id, { url: request.body.url, newSecret: request.body.newSecret ?? false, stages: request.body.stages ?? ['business', 'notice'] })
    if (!webhook) throw new HubError('HUB_NOT_FOUND')
    return { partnerId: request.params.id, ...webhook }
  })
  app.delete('/ops/partners/:id/webhook', { schema: { params: Id, tags: ['ops'] } }, async (request) => {
    if (!(await parts.removeWebhook(request.params.id))) throw new HubError('HUB_NOT_FOUND')
    return { partnerId: request.params.id, webhook: null }
  })
  const Whose = Type.Object({ partnerId: Type.Optional(Type.String()), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })) })
  app.get('/ops/receipts/undelivered', { schema: { querystring: Whose, tags: ['ops'], summary: 'Receipts given up, or tried in vain so far' } }, async (request) => ({ undelivered: await parts.undelivered(request.query.partnerId, request.query.limit ?? 100) }))
  app.post('/ops/receipts/:id/resend', { schema: { params: Id, body: Why, tags: ['ops'], summary: 'Owe a receipt again' } }, async (request) => {
    if (!(await parts.resendReceipt(request.params.id, undefined))) throw new HubError('HUB_NOT_FOUND')
    return { receiptId: request.params.id, resent: true }
  })
  const query = Type.Object({ partnerId: Type.Optional(Type.String()), reference: Type.Optional(Type.String()), operation: Type.Optional(Type.String()), state: Type.Optional(MessageState), cursor: Type.Optional(Type.String()), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })) })
  app.get('/ops/messages', { schema: { querystring: query, tags: ['ops'], summary: 'Search across partners' } }, (request) => parts.messages({ ...request.query, limit: request.query.limit ?? 50 }))
  app.get('/ops/messages/:id', { schema: { params: Id, tags: ['ops'] } }, async (request) => {
    const message = await parts.message(request.params.id)
    if (!message) throw new HubError('HUB_NOT_FOUND')
    return message
  })
  app.post('/ops/submissions/:id/replay', { schema: { params: Id, body: Why, tags: ['ops'], summary: 'A dead letter back into the queue' } }, async (request) => {
    if (!(await parts.replay(request.params.id, request.body.why))) throw new HubError('HUB_NOT_FOUND')
    return { submissionId: request.params.id, replayed: true }
  })
  const Decision = Type.Object({ decision: Type.Enum(['taken', 'resend', 'dead']), why: Why.properties.why })
  app.post('/ops/submissions/:id/resolve', { schema: { params: Id, body: Decision, tags: ['ops'], summary: 'Decide an unclear submission' } }, async (request) => {
    if (!(await parts.resolveUnclear(request.params.id, request.body.decision, request.body.why))) throw new HubError('HUB_NOT_FOUND')
    return { submissionId: request.params.id, decision: request.body.decision }
  })
}

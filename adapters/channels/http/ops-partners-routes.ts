// ops-partners-routes — for the operator: partners, their keys, their webhooks, and what they are told of.
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { PartnerSettings } from '../../../messages/partner.js'
import { Subscription } from '../../../messages/subscription.js'
import type { Door } from './app.js'
import { done, found } from './ops-found.js'
import type { OpsParts, SubscriptionParts } from './parts.js'

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const NewPartner = Type.Object({
  partnerId: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
    description: 'Also the SFTP user and the name of its folder',
  }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  settings: Type.Optional(Type.Partial(PartnerSettings)),
  sshKeys: Type.Optional(Type.Array(Type.String({ pattern: '^(ssh-|ecdsa-|sk-)' }))),
  disabled: Type.Optional(Type.Boolean()),
})
const tags = ['ops']

export function opsPartnersRoutes(app: Door, parts: OpsParts & SubscriptionParts): void {
  app.get('/ops/partners', { schema: { tags } }, async () => ({ partners: await parts.partners() }))
  app.post(
    '/ops/partners',
    { schema: { body: NewPartner, tags, summary: 'Add or change a partner' } },
    async ({ body, operator }) => {
      const { partnerId, name, settings = {}, disabled = false } = body
      // What is not named stays as it was: who changes the rights does not lose the webhook.
      const before = (await parts.partners()).find((one) => one.partnerId === partnerId)
      const whole = Value.Default(PartnerSettings, { ...before?.settings, ...settings }) as PartnerSettings
      const sshKeys = body.sshKeys ?? before?.sshKeys ?? []
      await parts.putPartner({ partnerId, name, settings: whole, sshKeys, disabled }, { who: operator })
      return { partnerId, name, settings: whole, sshKeys, disabled }
    },
  )
  app.post(
    '/ops/partners/:id/keys',
    {
      schema: {
        params: Id,
        body: Type.Object({ kind: Type.Enum(['http', 'sftp']), label: Type.Optional(Type.String()) }),
        tags,
        summary: 'A new key, shown once',
      },
    },
    async ({ params, body, operator }) => {
      const { kind, label = '' } = body
      return {
        partnerId: params.id,
        kind,
        secret: found(await parts.newSecret(params.id, kind, label, { who: operator }), `partner ${params.id}`),
      }
    },
  )

  const Webhook = Type.Object({
    url: Type.String({
      pattern: '^https?://[^/?#@]+([/?#].*)?$',
      maxLength: 2000,
      description: 'Without user and password: the signature says who calls',
    }),
    newSecret: Type.Optional(Type.Boolean({ default: false })),
    stages: Type.Optional(
      Type.Array(Type.Enum(['technical', 'business', 'notice']), { default: ['business', 'notice'] }),
    ),
  })
  app.post(
    '/ops/partners/:id/webhook',
    { schema: { params: Id, body: Webhook, tags, summary: 'Set and enable a webhook; the secret is for the partner' } },
    async ({ params, body, operator }) => {
      const { url, newSecret = false, stages = ['business', 'notice'] } = body
      return {
        partnerId: params.id,
        ...found(
          await parts.setWebhook(params.id, { url, newSecret, stages }, { who: operator }),
          `partner ${params.id}`,
        ),
      }
    },
  )
  app.delete('/ops/partners/:id/webhook', { schema: { params: Id, tags } }, async ({ params, operator }) => {
    done(await parts.removeWebhook(params.id, { who: operator }), `webhook of partner ${params.id}`)
    return { partnerId: params.id, webhook: null }
  })

  const Listed = Type.Object({ subscriptions: Type.Array(Subscription) })
  const path = '/ops/partners/:id/subscriptions'
  app.get(path, { schema: { params: Id, tags, response: { 200: Listed } } }, async ({ params }) => ({
    subscriptions: await parts.subscriptions(params.id),
  }))
  app.post(
    path,
    {
      schema: {
        params: Id,
        body: Type.Object({ ...Subscription.properties, channel: Type.Optional(Subscription.properties.channel) }),
        tags,
        summary: 'Without a reference: all notices of the operation',
      },
    },
    async ({ params, body, operator }) => {
      await parts.grantSubscription(params.id, { ...body, channel: body.channel ?? 'http' }, { who: operator })
      return { subscriptions: await parts.subscriptions(params.id) }
    },
  )
  app.delete(
    path,
    {
      schema: {
        params: Id,
        querystring: Type.Object({ operation: Type.String(), reference: Type.Optional(Type.String()) }),
        tags,
      },
    },
    async ({ params, query, operator }) => {
      await parts.endSubscription(params.id, query, { who: operator })
      return { subscriptions: await parts.subscriptions(params.id) }
    },
  )
}

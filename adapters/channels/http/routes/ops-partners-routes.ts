// ops-partners-routes — for the operator: partners, their keys, their webhooks, and what they are told of.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import type { PartnerSettings } from '../../../../messages/partner.js'
import { Subscription } from '../../../../messages/subscription.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { done, found } from './ops-found.js'
import type { PartnersParts } from '../parts/partners.js'
import type { SubscriptionParts } from '../parts/subscriptions.js'
import { Id } from '../path-id.js'
import { because, why } from './reason.js'

const closed = { additionalProperties: false } as const
const NamedPartner = Type.Object(
  {
    partnerId: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
      description: 'Also the SFTP user and the name of its folder',
    }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A new partner needs one' })),
    settings: Type.Optional(
      Type.Unsafe<Partial<PartnerSettings>>(
        // Judged where all faults of it are told together; openapi.ts describes it.
        Type.Object({}, { additionalProperties: true }),
      ),
    ),
    sshKeys: Type.Optional(
      Type.Array(Type.String({ pattern: '^(ssh-|ecdsa-|sk-)', maxLength: 20_000 }), { maxItems: 50 }),
    ),
    disabled: Type.Optional(Type.Boolean()),
    why: Type.Optional(why),
  },
  closed,
)
const Why = Type.Object({ why: Type.Optional(why) }, closed)
const NewKey = Type.Object(
  {
    kind: Type.Enum(['http', 'sftp', 'oauth'], {
      description: 'A key for the HTTP door, a password for the SFTP door, or a client secret for /oauth2/token',
    }),
    label: Type.Optional(Type.String({ maxLength: 200, description: 'What it is for; shown in the list' })),
    expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it expires' })),
    why: Type.Optional(why),
  },
  closed,
)
const NewCertificate = Type.Object(
  {
    certificate: Type.String({
      maxLength: 20_000,
      description: 'The partner’s certificate in PEM form; never its key',
    }),
    use: Type.Optional(
      Type.Enum(['door', 'signature'], {
        description:
          '`door` (default): its connections show it instead of a key. `signature`: ' +
          'its messages are signed with it 验签证书',
      }),
    ),
    by: Type.Optional(
      Type.Enum(['fingerprint', 'subject'], {
        description:
          'This certificate alone (default), or every one with its subject and its issuer (tls.clientCaFile)',
      }),
    ),
    label: Type.Optional(Type.String({ maxLength: 200 })),
    expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
    why: Type.Optional(why),
  },
  closed,
)
const tags = ['ops']

/**
 * `/ops/partners` and what belongs to one: keys, client certificates, webhook, subscriptions. A secret is in the
 * answer that makes it, and never shown again.
 */
export function opsPartnersRoutes(app: Door, parts: PartnersParts & Pick<SubscriptionParts, 'subscriptions'>): void {
  app.get(
    '/ops/partners',
    {
      schema: {
        tags,
        operationId: 'listPartners',
        response: { 200: view.PartnerList },
        summary: 'Every partner with its settings 企业',
      },
    },
    async () => ({
      partners: await parts.partners(),
    }),
  )
  app.post(
    '/ops/partners',
    {
      schema: {
        body: NamedPartner,
        tags,
        operationId: 'putPartner',
        response: { 200: view.ChangedPartner },
        summary: 'Add a partner, or change what is named of one; a new one may do nothing until it is given rights',
      },
    },
    async ({ body: { why, ...named }, operator }) => {
      const { partner, created } = await parts.changePartner(named, because(operator, why))
      return { ...partner, created }
    },
  )
  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    app.post(
      `/ops/partners/:id/${verb}`,
      {
        schema: {
          params: Id,
          body: Type.Union([Why, Type.Null()]),
          tags,
          operationId: disabled ? 'disablePartner' : 'enablePartner',
          response: { 200: view.PartnerView },
          summary: disabled ? 'Disable it: every door refuses it, and its open connections end' : 'Enable it again',
        },
      },
      async ({ params, body, operator }) =>
        found(await parts.disablePartner(params.id, disabled, because(operator, body?.why)), `partner ${params.id}`),
    )

  app.get(
    '/ops/partners/:id/keys',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'listPartnerKeys',
        response: { 200: view.KeyList },
        summary: 'Its keys, passwords and SSH keys: what they are for, never what they are',
      },
    },
    async ({ params }) => ({ keys: found(await parts.keys(params.id), `partner ${params.id}`) }),
  )
  app.post(
    '/ops/partners/:id/keys',
    {
      schema: {
        params: Id,
        body: NewKey,
        tags,
        operationId: 'addPartnerKey',
        response: { 200: view.NewKey },
        summary: 'A new key beside the old ones, shown once',
      },
    },
    async ({ params, body, operator }) => {
      const { kind, label = '', expiresAt, why } = body
      if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now())
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `/expiresAt: ${expiresAt} is over`,
          detailZh: `/expiresAt：${expiresAt} 已过`,
        })
      const key = { kind, label, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }) }
      const made = found(await parts.newSecret(params.id, key, because(operator, why)), `partner ${params.id}`)
      return { partnerId: params.id, kind, ...made, ...(expiresAt === undefined ? {} : { expiresAt }) }
    },
  )
  app.post(
    '/ops/partners/:id/certificates',
    {
      schema: {
        params: Id,
        body: NewCertificate,
        tags,
        operationId: 'addPartnerCertificate',
        response: { 200: Type.Union([view.NewCertificate, view.NewSigningCertificate]) },
        summary: 'Register a certificate: one that opens the door, or one its messages are signed with 登记证书',
      },
    },
    async ({ params, body, operator }) => {
      const { certificate: pem, use = 'door', by, label = '', expiresAt, why } = body
      if (use === 'signature') {
        for (const [word, value] of Object.entries({ by, expiresAt }))
          if (value !== undefined)
            throw new HubError('HUB_REQUEST_INVALID', {
              detail: `/${word}: of use door only`,
              detailZh: `/${word}：仅用途为 door 时填写`,
            })
        const added = await parts.addSigningCertificate(params.id, { pem, label }, because(operator, why))
        return { partnerId: params.id, kind: 'signature' as const, ...found(added, `partner ${params.id}`) }
      }
      const wanted = {
        pem,
        by: by ?? 'fingerprint',
        label,
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      }
      const made = found(await parts.newCertificate(params.id, wanted, because(operator, why)), `partner ${params.id}`)
      return { partnerId: params.id, kind: 'certificate' as const, ...made }
    },
  )
  app.get(
    '/ops/partners/:id/certificates',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'listPartnerCertificates',
        response: { 200: view.SigningCertificateList },
        summary: 'The certificates its messages are signed with, and the days that are left 验签证书',
      },
    },
    async ({ params }) => ({
      partnerId: params.id,
      certificates: found(await parts.signingCertificates(params.id), `partner ${params.id}`),
    }),
  )
  app.delete(
    '/ops/partners/:id/certificates/:certificate',
    {
      schema: {
        params: Type.Object({ ...Id.properties, certificate: Type.String({ maxLength: 64 }) }),
        querystring: Why,
        tags,
        operationId: 'revokePartnerCertificate',
        response: { 200: view.KeyRevoked },
        summary: 'Take back a certificate to sign with: no signature of it holds from now on 撤销验签证书',
      },
    },
    async ({ params, query, operator }) => {
      const { id, certificate } = params
      const revoked = await parts.revokeSigningCertificate(id, certificate, because(operator, query.why))
      done(revoked, `certificate ${certificate} of partner ${id}`)
      return { partnerId: id, id: certificate, revoked: true as const }
    },
  )
  const OneKey = Type.Object({ ...Id.properties, key: Type.String({ maxLength: 200 }) })
  app.delete(
    '/ops/partners/:id/keys/:key',
    {
      schema: {
        params: OneKey,
        querystring: Why,
        tags,
        operationId: 'revokePartnerKey',
        response: { 200: view.KeyRevoked },
        summary: 'Revoke a key: it stops working at once, and connections opened with it end',
      },
    },
    async ({ params, query, operator }) => {
      const revoked = await parts.revokeKey(params.id, params.key, because(operator, query.why))
      done(revoked, `key ${params.key} of partner ${params.id}`)
      return { partnerId: params.id, id: params.key, revoked: true as const }
    },
  )

  const Webhook = Type.Object({
    url: Type.String({
      pattern: '^https?://[^/?#@]+([/?#].*)?$',
      maxLength: 2000,
      description: 'Without user and password: the signature says who calls',
    }),
    newSecret: Type.Optional(Type.Boolean({ default: false })),
    overlapHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        description: 'With newSecret: hours for which calls are signed with the old secret too. Default 24',
      }),
    ),
    stages: Type.Optional(
      Type.Array(Type.Enum(['technical', 'business', 'notice']), { default: ['business', 'notice'] }),
    ),
  })
  app.post(
    '/ops/partners/:id/webhook',
    {
      schema: {
        params: Id,
        body: Webhook,
        tags,
        operationId: 'setPartnerWebhook',
        response: { 200: view.WebhookSet },
        summary: 'Set and enable a webhook; the secret is for the partner',
      },
    },
    async ({ params, body, operator }) => {
      const { url, newSecret = false, overlapHours = 24, stages = ['business', 'notice'] } = body
      return {
        partnerId: params.id,
        ...found(
          await parts.setWebhook(params.id, { url, newSecret, overlapHours, stages }, { who: operator }),
          `partner ${params.id}`,
        ),
      }
    },
  )
  app.delete(
    '/ops/partners/:id/webhook',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'removePartnerWebhook',
        response: { 200: view.WebhookRemoved },
        summary: 'Remove the webhook',
      },
    },
    async ({ params, operator }) => {
      done(await parts.removeWebhook(params.id, { who: operator }), `webhook of partner ${params.id}`)
      return { partnerId: params.id, webhook: null }
    },
  )

  const path = '/ops/partners/:id/subscriptions'
  app.get(
    path,
    {
      schema: {
        params: Id,
        tags,
        operationId: 'listPartnerSubscriptions',
        response: { 200: view.SubscriptionList },
        summary: 'Its subscriptions to notices 订阅',
      },
    },
    async ({ params }) => ({
      subscriptions: await parts.subscriptions(params.id),
    }),
  )
  app.post(
    path,
    {
      schema: {
        params: Id,
        body: Type.Object({ ...Subscription.properties, channel: Type.Optional(Subscription.properties.channel) }),
        tags,
        operationId: 'addPartnerSubscription',
        response: { 200: view.SubscriptionList },
        summary: 'Without a reference: all notices of the operation',
      },
    },
    async ({ params, body, operator }) => {
      await parts.grantSubscription(params.id, { ...body, channel: body.channel ?? 'http' }, { who: operator })
      return { subscriptions: await parts.subscriptions(params.id) }
    },
  )
  app.post(
    `${path}/grant`,
    {
      schema: {
        params: Id,
        body: Type.Object(
          {
            operation: Subscription.properties.operation,
            reference: Subscription.properties.reference,
            why: Type.Optional(why),
          },
          closed,
        ),
        tags,
        operationId: 'grantPartnerSubscription',
        response: { 200: view.SubscriptionList },
        summary: 'Grant what the partner asked for by itself 授权订阅',
      },
    },
    async ({ params, body: { why, ...which }, operator }) => {
      await parts.grantWish(params.id, which, because(operator, why))
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
        operationId: 'endPartnerSubscription',
        response: { 200: view.SubscriptionList },
        summary: 'End a subscription of it 取消订阅',
      },
    },
    async ({ params, query, operator }) => {
      await parts.endSubscription(params.id, query, { who: operator })
      return { subscriptions: await parts.subscriptions(params.id) }
    },
  )
}

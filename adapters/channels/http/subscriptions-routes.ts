// subscriptions-routes — what a partner wants to be told of when an agency speaks first. A partner names the numbers it asks about;
// everything of an operation is for the operator to grant, since it tells of other houses' business too (promise 9).
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import { Subscription, SubscriptionView } from '../../../messages/subscription.js'
import type { Door } from './app.js'
import type { SubscriptionParts } from './parts.js'
import { Problem } from './problem.js'

const Listed = Type.Object({
  subscriptions: Type.Array(SubscriptionView),
  waiting: Type.Optional(
    Type.Object(
      { zh: Type.String(), en: Type.String() },
      { description: 'Of the one just made, while an operator has not granted it: what it brings until then' },
    ),
  ),
})
const waiting = {
  zh: '该订阅尚待运维授权：授权前，仅推送报文中载有本企业（或委托企业）代码的通知。',
  en: 'This subscription waits for an operator. Until it is granted you get only notices that name your company or one you are the agent of.',
}
const Which = Type.Object({ operation: Type.String(), reference: Type.Optional(Type.String()) })
const tags = ['subscriptions']

export function subscriptionsRoutes(app: Door, parts: SubscriptionParts): void {
  app.get(
    '/v1/subscriptions',
    { schema: { tags, summary: 'Notices you are told of 订阅列表', response: { 200: Listed } } },
    async (request) => ({ subscriptions: await parts.subscriptions(request.partner.partnerId) }),
  )
  const Own = Type.Object({
    ...Subscription.properties,
    reference: Type.String({ minLength: 1, maxLength: 200 }),
    channel: Type.Optional(Subscription.properties.channel),
  })
  app.post(
    '/v1/subscriptions',
    {
      schema: {
        body: Own,
        tags,
        summary: 'Be told of notices about one number 订阅通知',
        response: { 200: Listed, '4xx': Problem },
      },
    },
    async (request) => {
      await parts.subscribe(request.partner.partnerId, { ...request.body, channel: request.body.channel ?? 'http' })
      const subscriptions = await parts.subscriptions(request.partner.partnerId)
      const { operation, reference } = request.body
      const made = subscriptions.find((one) => one.operation === operation && one.reference === reference)
      return { subscriptions, ...(made?.granted === false ? { waiting } : {}) }
    },
  )
  app.delete(
    '/v1/subscriptions',
    { schema: { querystring: Which, tags, summary: 'No longer 取消订阅', response: { 200: Listed, '4xx': Problem } } },
    async (request) => {
      await remove(parts, request.partner.partnerId, request.query)
      return { subscriptions: await parts.subscriptions(request.partner.partnerId) }
    },
  )
}

async function remove(
  parts: SubscriptionParts,
  partnerId: string,
  { operation, reference }: { operation: string; reference?: string },
): Promise<void> {
  if (!(await parts.unsubscribe(partnerId, operation, reference))) throw new HubError('HUB_NOT_FOUND')
}

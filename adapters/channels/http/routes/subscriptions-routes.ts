// subscriptions-routes — what a partner wants to be told of when an agency speaks first. A partner names the numbers it
// asks about; everything of an operation is for the operator to grant, since it tells of other houses' business too
// (promise 9).
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { Subscription, subjectText, withSubject, type Subject } from '../../../../messages/subscription.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { SubscriptionParts } from '../parts/subscriptions.js'

const waiting = {
  zh: '该订阅尚待运维授权：授权前，仅推送报文中载有本企业（或委托企业）代码的通知。',
  en:
    'This subscription waits for an operator. Until it is granted you get only notices that name your company ' +
    'or one you are the agent of.',
}
const Code = (description: string) => Type.Optional(Type.String({ pattern: '^\\S{2,64}$', description }))
const company = Code('Only notices that name this company: customs code or credit code 企业代码')
const port = Code('Only notices that name this port or customs office: as the notice writes it 口岸、关区代码')
const Which = Type.Object({ operation: Type.String(), reference: Type.Optional(Type.String()), company, port })
const tags = ['subscriptions']

/**
 * `/v1/subscriptions`, for a partner with its key. HUB_REQUEST_INVALID for a subscription that does not name exactly
 * one number; HUB_NOT_FOUND where there is none to end.
 */
export function subscriptionsRoutes(app: Door, parts: SubscriptionParts): void {
  app.get(
    '/v1/subscriptions',
    {
      schema: {
        tags,
        operationId: 'listSubscriptions',
        response: { 200: view.OwnSubscriptionList },
        summary: 'Your subscriptions 订阅列表',
      },
    },
    async (request) => ({ subscriptions: await listed(parts, request.partner.partnerId) }),
  )
  const Own = Type.Object({
    ...Subscription.properties,
    company,
    port,
    channel: Type.Optional(Subscription.properties.channel),
  })
  // The same again is the same: PUT and POST do one thing.
  for (const method of ['POST', 'PUT'] as const)
    app.route({
      method,
      url: '/v1/subscriptions',
      schema: {
        body: Own,
        tags,
        summary: 'Subscribe to notices about one number, company or port 订阅通知',
        operationId: method === 'POST' ? 'subscribe' : 'putSubscription',
        response: { 200: view.OwnSubscriptionList },
      },
      handler: async (request) => {
        const { operation, channel = 'http', ...subject } = request.body
        const reference = about(subject)
        await parts.subscribe(request.partner.partnerId, { operation, reference, channel })
        const subscriptions = await listed(parts, request.partner.partnerId)
        const made = subscriptions.find((one) => one.operation === operation && one.reference === reference)
        return { subscriptions, ...(made?.granted === false ? { waiting } : {}) }
      },
    })
  app.delete(
    '/v1/subscriptions',
    {
      schema: {
        querystring: Which,
        tags,
        operationId: 'unsubscribe',
        response: { 200: view.OwnSubscriptionList },
        summary: 'End a subscription 取消订阅',
      },
    },
    async (request) => {
      const { operation, ...subject } = request.query
      const ended = await parts.unsubscribe(request.partner.partnerId, operation, subjectText(subject))
      if (!ended) throw new HubError('HUB_NOT_FOUND')
      return { subscriptions: await listed(parts, request.partner.partnerId) }
    },
  )
}

const listed = async (parts: SubscriptionParts, partnerId: string) =>
  (await parts.subscriptions(partnerId)).map(withSubject)

/** A partner names exactly one thing: everything of an operation is the operator's to grant. */
function about(subject: Subject): string {
  const named = Object.values(subject).filter((one) => one !== undefined)
  const text = subjectText(subject)
  if (named.length !== 1 || text === undefined)
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: 'name exactly one of reference, company, port',
      detailZh: 'reference、company、port 须填且只填一项',
    })
  return text
}

// subscription — what a partner wants to be told of when an agency speaks first: notices of an operation, about one reference or about all.
import { Type, type Static } from 'typebox'

/** The ways a notice can go: the HTTP mailbox, the partner's InBox here, the InBox on its own server, its webhook. */
export const noticeChannels = ['http', 'sftp', 'sftp-poll', 'webhook'] as const

export const Subscription = Type.Object({
  operation: Type.String({
    pattern: '^\\d+(\\.\\d+){0,4}$',
    description: 'Catalogue code of a notice, or a prefix of it',
  }),
  reference: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Only notices that name this number (报关单号, 统一编号, 提运单号 …). Without one: all of the operation',
    }),
  ),
  channel: Type.Enum(noticeChannels, { default: 'http', description: 'Where the notice is put' }),
})
export type Subscription = Static<typeof Subscription>

/** As it is kept. One that is not granted brings only notices that name a company of the partner. */
export const SubscriptionView = Type.Object({
  ...Subscription.properties,
  granted: Type.Boolean({ description: 'An operator has granted it' }),
})
export type SubscriptionView = Static<typeof SubscriptionView>

/** `18.2.1.1.1` → itself and every code above it, longest first: what a subscription may have named. */
export function codesAbove(operation: string): string[] {
  const steps = operation.split('.')
  return steps.map((_, i) => steps.slice(0, steps.length - i).join('.'))
}

// subscription — a partner's wish to get certain notices: of one operation, about one reference or about all.
import { Type, type Static } from 'typebox'
import { returnChannels } from './inbound.js'

/** Which notices a partner wants, and how. */
export const Subscription = Type.Object({
  operation: Type.String({
    pattern: '^\\d+(\\.\\d+){0,4}$',
    description: 'Catalogue code of a notice, or a prefix of it',
    examples: ['18.2.1.1.1'],
  }),
  reference: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Only notices that name this number (报关单号, 统一编号, 提运单号 …). Without one: all of the operation',
    }),
  ),
  channel: Type.Enum(returnChannels, { default: 'http', description: 'Channel of the notice' }),
})
export type Subscription = Static<typeof Subscription>

/** As it is kept. One that is not granted brings only notices that name a company of the partner. */
export const SubscriptionView = Type.Object(
  {
    ...Subscription.properties,
    company: Type.Optional(Type.String({ description: 'The company it is about, where it is about one' })),
    port: Type.Optional(Type.String({ description: 'The port or customs office it is about, where it is about one' })),
    granted: Type.Boolean({ description: 'An operator has granted it', examples: [true] }),
  },
  { title: 'Subscription', description: 'Notices of one operation, about one number, company, port, or all 订阅' },
)
export type SubscriptionView = Static<typeof SubscriptionView>

/** What a subscription may be about: one number, one company, or one port. */
export interface Subject {
  reference?: string | undefined
  company?: string | undefined
  port?: string | undefined
}

const kinds = ['company', 'port'] as const

/** A subject as it is kept and matched: a number as it is, `company:<code>`, `port:<code>`; codes in capitals. */
export function subjectText({ reference, company, port }: Subject): string | undefined {
  if (company !== undefined) return `company:${company.trim().toUpperCase()}`
  return port === undefined ? reference : `port:${port.trim().toUpperCase()}`
}

/** A kept subscription with its company or its port by name. */
export function withSubject(view: SubscriptionView): SubscriptionView {
  const [, kind, code] = /^(company|port):(.+)$/.exec(view.reference ?? '') ?? []
  const named = kinds.find((one) => one === kind)
  return named === undefined ? view : { ...view, [named]: code! }
}

/** `18.2.1.1.1` → itself and every code above it, longest first: what a subscription may have named. */
export function codesAbove(operation: string): string[] {
  const steps = operation.split('.')
  return steps.map((_, i) => steps.slice(0, steps.length - i).join('.'))
}

/**
 * The document by which a partner subscribes, or ends it: every other document of these operations is the agency's to
 * send.
 */
export const subscriptionDocument = 'NoticeSubscription'
const cancel = '1'

/** What such a message asks for. */
export interface SubscriptionWish {
  operation: string
  /** A subject as it is kept. */
  reference: string
  /** It is wanted no longer. */
  ends: boolean
}

/** Undefined when the message is none. @param facts as they were read from the message */
export function subscriptionWish(
  { type, facts }: { type: string; facts: Readonly<Record<string, string | undefined>> },
  operation: string,
): SubscriptionWish | undefined {
  const { subjectKind = 'reference', subject, functionCode } = facts
  const reference = subjectText({ [subjectKind]: subject })
  if (type !== subscriptionDocument || subject === undefined || reference === undefined) return undefined
  return { operation, reference, ends: functionCode === cancel }
}

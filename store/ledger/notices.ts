// notices — who subscribed to which notices, and the notices that agencies sent.
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Subscription, SubscriptionView } from '../../messages/subscription.js'
import type { NoticeView } from '../../messages/views/index.js'

/** By which terms a subscription is taken. */
export interface SubscriptionTerms {
  now: Date
  granted: boolean
  /** How many a partner may have. */
  most?: number
}

/** Who is told of a notice, and on which channel. */
export interface Subscriber {
  partnerId: string
  channel: ReturnChannel
  granted: boolean
}

/**
 * A subscription is known by partner, operation and reference; without a reference it is for all notices of the
 * operation.
 */
export interface Notices {
  /**
   * The same operation and reference again changes the channel, and keeps a grant.
   * False, and nothing is written, when it would be one more than `most` of this partner.
   */
  subscribe(partnerId: string, subscription: Subscription, terms: SubscriptionTerms): Promise<boolean>
  /** False when the partner has no such subscription. */
  grant(partnerId: string, operation: string, reference?: string): Promise<boolean>
  unsubscribe(partnerId: string, operation: string, reference?: string): Promise<boolean>
  subscriptions(partnerId: string): Promise<SubscriptionView[]>
  /** Who is to be told of a notice of this operation that names these references; each partner once. */
  subscribers(operation: string, references: string[]): Promise<Subscriber[]>
  /** The newest first. */
  notices(limit: number): Promise<NoticeView[]>
}

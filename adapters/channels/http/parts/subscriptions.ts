// subscriptions — what partners want to be told of without having asked.
import type { Subscription, SubscriptionView } from '../../../../messages/subscription.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface SubscriptionParts {
  subscriptions: (partnerId: string) => Promise<SubscriptionView[]>
  /**
   * Rejects with a HubError when there is no such notice, it is outside the partner's rights, or the partner asks too
   * much.
   */
  subscribe: (partnerId: string, subscription: Subscription) => Promise<void>
  unsubscribe: (partnerId: string, operation: string, reference?: string) => Promise<boolean>
}

// subscriptions — may this partner be told of that? A notice must exist in the catalogue, and be within the partner's rights.
import { HubError } from '../messages/errors.js'
import { mayUse } from '../messages/partner.js'
import type { Subscription } from '../messages/subscription.js'
import type { Routing } from '../routing/operation.js'
import type { Ledger } from '../store/ledger.js'

export interface SubscriptionsParts {
  ledger: Pick<Ledger, 'subscribe' | 'unsubscribe' | 'subscriptions' | 'getPartner'>
  routing: Pick<Routing, 'operations'>
  now?: () => Date
}

export function createSubscriptions({ ledger, routing, now = () => new Date() }: SubscriptionsParts) {
  const notices = [...routing.operations.values()].filter((o) => o.kind === 'notice')
  return {
    subscriptions: ledger.subscriptions,
    /** @throws HubError HUB_NOT_FOUND for an unknown partner, HUB_OPERATION_UNKNOWN, HUB_OPERATION_FORBIDDEN */
    async subscribe(partnerId: string, subscription: Subscription): Promise<void> {
      const partner = await ledger.getPartner(partnerId)
      if (!partner) throw new HubError('HUB_NOT_FOUND')
      const { operation } = subscription
      const meant = notices.filter(({ code }) => code === operation || code.startsWith(`${operation}.`))
      const known = [...routing.operations.keys()].some(
        (code) => code === operation || code.startsWith(`${operation}.`),
      )
      if (meant.length === 0 && known)
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `/operation: ${operation} 不是通知类业务，无需订阅；${operation} is no notice: its receipts come to whoever filed it`,
        })
      if (meant.length === 0) throw new HubError('HUB_OPERATION_UNKNOWN', { operation })
      if (!meant.some(({ code }) => mayUse(partner.settings, code)))
        throw new HubError('HUB_OPERATION_FORBIDDEN', { operation })
      await ledger.subscribe(partnerId, subscription, now())
    },
    unsubscribe: ledger.unsubscribe,
  }
}

// receipt-ways — what an operator sets of where a partner's receipts and notices go: its webhook, its subscriptions.
import type { WebhookWish } from '../../../adapters/channels/http/parts/partners.js'
import { HubError } from '../../../messages/errors.js'
import type { Operator } from '../../../messages/operator.js'
import type { Subscription } from '../../../messages/subscription.js'
import type { WebhookSet } from '../../../messages/views/index.js'
import type { createSubscriptions } from '../subscriptions.js'
import type { RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface ReceiptWaysParts {
  recorded: RecordAct
  subscriptions: ReturnType<typeof createSubscriptions>
  /** @see [createWebhooks](../../doors/webhooks.ts) */
  webhooks: {
    /** Undefined when there is no such partner. @throws HubError HUB_REQUEST_INVALID where it may not lead there */
    set(partnerId: string, webhook: WebhookWish): Promise<Omit<WebhookSet, 'partnerId'> | undefined>
    /** False when there is no such partner. */
    remove(partnerId: string): Promise<boolean>
  }
}

/** Where a partner’s receipts and notices go, as operators set it; each act is in the audit. */
export function createReceiptWays({ recorded, subscriptions, webhooks }: ReceiptWaysParts) {
  return {
    async setWebhook(partnerId: string, webhook: WebhookWish, by: Operator) {
      const detail = { url: webhook.url, newSecret: webhook.newSecret }
      return recorded({ by, action: 'partner.webhook', target: partnerId, detail }, () =>
        webhooks.set(partnerId, webhook),
      )
    },
    async removeWebhook(partnerId: string, by: Operator): Promise<boolean> {
      return recorded({ by, action: 'partner.webhook', target: partnerId, detail: { removed: true } }, () =>
        webhooks.remove(partnerId),
      )
    },
    async grantSubscription(partnerId: string, subscription: Subscription, by: Operator): Promise<void> {
      await recorded({ by, action: 'partner.subscribe', target: partnerId, detail: { ...subscription } }, async () => {
        await subscriptions.subscribeGranted(partnerId, subscription)
        return true
      })
    },
    /** Grants what the partner asked for by itself. */
    async grantWish(partnerId: string, which: { operation: string; reference?: string }, by: Operator): Promise<void> {
      const granted = await recorded({ by, action: 'partner.grant', target: partnerId, detail: { ...which } }, () =>
        subscriptions.grant(partnerId, which.operation, which.reference),
      )
      if (!granted) throw new HubError('HUB_NOT_FOUND')
    },
    async endSubscription(
      partnerId: string,
      which: { operation: string; reference?: string },
      by: Operator,
    ): Promise<void> {
      const ended = await recorded({ by, action: 'partner.unsubscribe', target: partnerId, detail: { ...which } }, () =>
        subscriptions.unsubscribe(partnerId, which.operation, which.reference),
      )
      if (!ended) throw new HubError('HUB_NOT_FOUND')
    },
  }
}

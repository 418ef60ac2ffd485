// subscriptions — may this partner be told of that? A notice must exist in the catalogue, and be within the partner's
// rights. What a partner asks for itself is limited, and waits for an operator's grant: until then it brings only
// notices that name its own company.
import { HubError } from '../../messages/errors.js'
import { mayUse, type Partner } from '../../messages/partner.js'
import type { Subscription } from '../../messages/subscription.js'
import type { Routing } from '../../routing/operation.js'
import type { Ledger } from '../../store/ledger.js'

interface SubscriptionsParts {
  ledger: Pick<Ledger, 'subscribe' | 'grant' | 'unsubscribe' | 'subscriptions' | 'getPartner'>
  routing: Pick<Routing, 'operations'>
  /** Subscriptions of one partner, before it is told that these are enough. */
  most: number
  now?: () => Date
}

/** A partner's own calls: so many at once, and after that so many a second. */
const burst = 100
const perSecond = 5

/**
 * A function of the partner; it returns undefined, or the seconds to wait.
 * @param elapsedMs by a clock that nobody sets: set back for an hour, the wall's would give nobody a call for an hour
 */
export function createPace(elapsedMs: () => number = () => performance.now()) {
  const spent = new Map<string, { calls: number; at: number }>()
  return function toWait(partnerId: string): number | undefined {
    const at = elapsedMs()
    const before = spent.get(partnerId) ?? { calls: 0, at }
    const calls = Math.max(0, before.calls - ((at - before.at) / 1000) * perSecond)
    if (calls > burst - 1) return Math.ceil((calls - burst + 1) / perSecond)
    spent.set(partnerId, { calls: calls + 1, at })
    return undefined
  }
}

/** What a partner asks for waits for an operator, what an operator sets holds at once. */
export function createSubscriptions({ ledger, routing, most, now = () => new Date() }: SubscriptionsParts) {
  const toWait = createPace()
  const notices = [...routing.operations.values()].filter((o) => o.kind === 'notice')
  /** @throws HubError HUB_NOT_FOUND for an unknown partner, HUB_OPERATION_UNKNOWN, HUB_OPERATION_FORBIDDEN */
  async function mayHear(partnerId: string, subscription: Subscription): Promise<Partner> {
    const partner = await ledger.getPartner(partnerId)
    if (!partner) throw new HubError('HUB_NOT_FOUND')
    const { operation } = subscription
    const meant = notices.filter(({ code }) => code === operation || code.startsWith(`${operation}.`))
    const known = [...routing.operations.keys()].some((code) => code === operation || code.startsWith(`${operation}.`))
    if (meant.length === 0 && known)
      throw new HubError('HUB_REQUEST_INVALID', {
        detail: `/operation: ${operation} is no notice: its receipts come to whoever filed it`,
        detailZh: `/operation：${operation} 不是通知类业务，无需订阅`,
      })
    if (meant.length === 0) throw new HubError('HUB_OPERATION_UNKNOWN', { operation })
    if (!meant.some(({ code }) => mayUse(partner.settings, code)))
      throw new HubError('HUB_OPERATION_FORBIDDEN', { operation })
    return partner
  }
  return {
    subscriptions: ledger.subscriptions,
    /**
     * A partner's own wish.
     * @throws HubError those of `mayHear`, HUB_RATE_LIMITED, HUB_SUBSCRIPTIONS_FULL
     */
    async subscribe(partnerId: string, subscription: Subscription): Promise<void> {
      const seconds = toWait(partnerId)
      if (seconds !== undefined) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: seconds })
      const { settings } = await mayHear(partnerId, subscription)
      const granted = settings.subscriptions === 'granted'
      if (!(await ledger.subscribe(partnerId, subscription, { now: now(), granted, most })))
        throw new HubError('HUB_SUBSCRIPTIONS_FULL', { limit: String(most) })
    },
    /** An operator's: granted, and not counted. @throws HubError those of `mayHear` */
    async subscribeGranted(partnerId: string, subscription: Subscription): Promise<void> {
      await mayHear(partnerId, subscription)
      await ledger.subscribe(partnerId, subscription, { now: now(), granted: true })
    },
    /** Grants what the partner asked for, and leaves its channel. False when it did not ask. */
    grant: ledger.grant,
    unsubscribe: ledger.unsubscribe,
  }
}

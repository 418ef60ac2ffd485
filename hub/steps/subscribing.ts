// subscribing — a message by which a partner subscribes to notices, or ends that. It goes to its agency as any filing
// does; what it subscribes to is written together with it, and its receipt says so.
import { errorText } from '../../messages/errors.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Partner } from '../../messages/partner.js'
import type { SubscriptionWish } from '../../messages/subscription.js'
import type { Ledger, NewMessage } from '../../store/ledger.js'

interface SubscribingParts {
  ledger: Pick<Ledger, 'subscriptions'>
  /** Subscriptions of one partner. */
  most: number
}

const waiting = {
  waitingZh: '该订阅尚待运维授权：授权前，仅推送载有本企业（或委托企业）代码的通知。',
  waiting:
    ' It waits for an operator: until then you get only notices that name your company or one you are the agent of.',
}

/** @see [startTaking](../boot/taking.ts) */
export function createSubscribing({ ledger, most }: SubscribingParts) {
  async function others(partnerId: string, { operation, reference }: SubscriptionWish) {
    const all = await ledger.subscriptions(partnerId)
    return all.filter((one) => one.operation !== operation || one.reference !== reference)
  }

  return {
    /** The limit, where this would be one more. */
    async full(partnerId: string, wish: SubscriptionWish): Promise<number | undefined> {
      return !wish.ends && (await others(partnerId, wish)).length >= most ? most : undefined
    },
    /**
     * The message with what it subscribes to. The same message again is answered as before, and subscribes to nothing.
     */
    async subscribing(
      message: NewMessage,
      wish: SubscriptionWish,
      { partnerId, settings }: Partner,
      channel: ReturnChannel,
    ): Promise<NewMessage> {
      const { operation, reference, ends } = wish
      const left = await others(partnerId, wish)
      const granted = settings.subscriptions === 'granted'
      const code = ends ? 'HUB_UNSUBSCRIBED' : 'HUB_SUBSCRIBED'
      const text = errorText(code, {
        operation,
        subject: reference,
        count: left.length + (ends ? 0 : 1),
        ...(granted ? { waitingZh: '', waiting: '' } : waiting),
      })
      return {
        ...message,
        receipt: { ...message.receipt, code, text },
        subscription: { operation, reference, channel, granted, ends },
      }
    },
  }
}

export type Subscribing = ReturnType<typeof createSubscribing>

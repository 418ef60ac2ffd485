// mailbox — a partner's receipts, and the wait for the next one. The ledger is asked at most once per wake-up; between
// wake-ups a long poll costs nothing. All who wait for one partner wake together, so many of them wake less often: a
// thousand calls that wait, and a thousand receipts a second, are not a million looks.
import type { Ledger, LedgerEvents, ReceiptView } from '../../store/ledger.js'

/** For so long a partner's waiting calls rest for each of them that was woken: a thousand looks a second. */
const restMs = 1

/** For long polls and event streams of one process; it hears of receipts that other hubs write, too. */
export function createMailbox(ledger: Pick<Ledger, 'mailbox'> & LedgerEvents) {
  const waiting = new Map<string, Set<() => void>>()
  /** Partners whose calls rest. True: something has come meanwhile. */
  const resting = new Map<string, { news: boolean; timer: NodeJS.Timeout }>()
  const unsubscribe = ledger.receipts(({ partnerId }) => {
    const rest = resting.get(partnerId)
    if (rest) rest.news = true
    else wakeAll(partnerId)
  })

  function wakeAll(partnerId: string): void {
    const waiters = waiting.get(partnerId)
    if (!waiters) return
    waiting.delete(partnerId)
    const over = () => {
      const { news } = resting.get(partnerId)!
      resting.delete(partnerId)
      if (news) wakeAll(partnerId)
    }
    resting.set(partnerId, { news: false, timer: setTimeout(over, waiters.size * restMs) })
    waiters.forEach((wake) => wake())
  }

  /**
   * `done` resolves when a receipt of this partner is committed (a moment later where many wait), after `ms`, when
   * `signal` aborts, or when `stop` is called.
   */
  function nextReceipt(partnerId: string, ms: number, signal: AbortSignal): { done: Promise<void>; stop: () => void } {
    let stop = () => {}
    const done = new Promise<void>((resolve) => {
      const waiters = waiting.get(partnerId) ?? new Set()
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        waiters.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake, { once: true })
      waiters.add(wake)
      waiting.set(partnerId, waiters)
      stop = wake
    })
    return { done, stop }
  }

  return {
    nextReceipt,
    /**
     * Receipts after `after`, at once when there are any, else the first ones to come within `ms`; empty when none did.
     */
    async wait(
      partnerId: string,
      { after, ms, limit }: { after: number; ms: number; limit: number },
      signal: AbortSignal,
    ): Promise<ReceiptView[]> {
      const until = Date.now() + ms
      for (;;) {
        // Listening starts before looking, so that a receipt committed in between is not slept over.
        const bell = nextReceipt(partnerId, Math.max(0, until - Date.now()), signal)
        const found = await ledger.mailbox(partnerId, after, limit)
        if (found.length > 0 || signal.aborted || Date.now() >= until) {
          bell.stop()
          return found
        }
        await bell.done
      }
    },
    close() {
      unsubscribe()
      for (const { timer } of resting.values()) clearTimeout(timer)
      for (const waiters of waiting.values()) waiters.forEach((wake) => wake())
      waiting.clear()
    },
  }
}

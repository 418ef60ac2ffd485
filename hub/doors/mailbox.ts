// mailbox — a partner's receipts, and the wait for the next one. The ledger is asked at most once per wake-up; between
// wake-ups a long poll costs nothing.
import type { Ledger, LedgerEvents, ReceiptView } from '../../store/ledger.js'

/** For long polls and event streams of one process; it hears of receipts that other hubs write, too. */
export function createMailbox(ledger: Pick<Ledger, 'mailbox'> & LedgerEvents) {
  const waiting = new Map<string, Set<() => void>>()
  const unsubscribe = ledger.receipts(({ partnerId }) => {
    const waiters = waiting.get(partnerId)
    waiting.delete(partnerId)
    waiters?.forEach((wake) => wake())
  })

  /**
   * `done` resolves when a receipt of this partner is committed, after `ms`, when `signal` aborts, or when `stop` is
   * called.
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
      for (const waiters of waiting.values()) waiters.forEach((wake) => wake())
      waiting.clear()
    },
  }
}

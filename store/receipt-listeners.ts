// receipt-listeners — who hears of receipts once they are on disk.
import type { LedgerEvents, ReceiptEvent } from './ledger.js'

/** The listeners of one open ledger: `receipts` is its promise, `tell` is for the parts that write. */
export function createReceiptListeners(log: { error(fields: object, message: string): void }): {
  receipts: LedgerEvents['receipts']
  tell: (event: ReceiptEvent) => void
} {
  const listeners = new Set<(event: ReceiptEvent) => void>()
  return {
    receipts(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** What is told is on disk already: a listener that fails must not make its writer believe it is not. */
    tell(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (err) {
          log.error({ err, receiptId: event.receiptId }, 'a receipt listener failed')
        }
      }
    },
  }
}

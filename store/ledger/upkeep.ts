// upkeep — the health of the ledger, a copy of it, its end; and who is notified after a commit.
import type { ReturnChannel } from '../../messages/inbound.js'
import type { ReturnState } from '../../messages/states.js'

/** A receipt that is owed now. */
export interface ReceiptEvent {
  partnerId: string
  receiptId: string
  channel: ReturnChannel
  returnState: ReturnState
  /** Another hub on the same ledger has settled it, and offers it to who returns it. */
  elsewhere?: true
}

/**
 * Told after a commit, so that long polls and queues wake without asking again and again. Best effort; the ledger is
 * the truth.
 */
export interface LedgerEvents {
  /** The returned function ends it. */
  receipts(listener: (event: ReceiptEvent) => void): () => void
}

/** What the hub asks of a ledger for itself, and not of a message in it. */
export interface Upkeep {
  /** Pieces of bytes ever found damaged in it, each counted once. */
  damaged(): number
  /**
   * Resolves when a write as of a message works, and nothing damaged was come upon while writing; rejects otherwise.
   * For /readyz.
   */
  ping(): Promise<void>
  /** Online copy of the whole ledger to a file. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

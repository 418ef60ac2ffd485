// retention — letting go of the bytes of what is long done with; the record of it stays.
import type { KeptBytes, KeptMessage } from '../kept.js'

/** Where the archive keeps one record. */
export interface ArchivePlace {
  /** The file's name within the archive's folder. */
  file: string
  /** Bytes from its beginning. */
  position: number
  /** Bytes, compressed. */
  length: number
}

/** Messages are read a page at a time. */
export interface KeptPage {
  /** The last message of the page before. */
  after?: string | undefined
  /** Refused messages, or questions to agencies, alone. */
  only?: 'refused' | 'questions' | undefined
}

/** One message to let go of. */
export interface LetGo {
  messageId: string
  /** Its answers that were read with it. */
  replyIds: readonly string[]
  /** It is a question: its answers go with it, though receipts give them as their bodies, read or not. */
  question?: true
  /** Where they are now; absent: nowhere. */
  place?: ArchivePlace
}

/** Where bytes are that left the ledger; without a place they are nowhere. */
export interface BytesLocation {
  /** When its bytes were let go of. */
  at: Date
  place?: ArchivePlace
}

/** In bytes, as its files or tables are on disk. */
export interface LedgerSize {
  bytes: number
  /** How many of them are free for what comes. */
  spare: number
}

/** @see [startRetention](../../hub/operate/retention.ts) */
export interface Retention {
  /** Messages received before then whose bytes are here, the oldest first. */
  keptBefore(before: Date, limit: number, page?: KeptPage): Promise<KeptMessage[]>
  /** All that is kept of one message in bytes; undefined when it was let go of. */
  kept(messageId: string): Promise<KeptBytes | undefined>
  /**
   * Takes them out of the ledger with these of their answers, but for messages that are open by now. How many. The
   * space is used again by what comes.
   */
  letGo(messages: readonly LetGo[], now: Date): Promise<number>
  /** Removes objects that no message refers to: of writes that were cut off, and of what was let go of. How many. */
  sweepObjects(): Promise<number>
  /** When its bytes were let go of, and where they are now; undefined when they are here. */
  whereabouts(messageId: string): Promise<BytesLocation | undefined>
  /** Of the ledger's file. */
  size(): LedgerSize
}

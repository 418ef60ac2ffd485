// reading — messages with their whole history, their bytes, and counts. Nothing here writes.
import type { MessageFilter } from '../../messages/filters.js'
import type { Acknowledgement } from '../../messages/inbound.js'
import type { LedgerCounts, MessagePage, MessageSummary, MessageView } from '../../messages/views/index.js'

/** Messages as the ledger looks for them. */
export interface MessageQuery extends MessageFilter {
  /** Any of these; beside `operation`, which then counts alone. */
  operations?: readonly string[]
}

/** A message's bytes as they came. */
export interface MessageContent {
  /** Absent: they were let go of. */
  bytes?: Buffer
  contentType?: string
  filename?: string
}

/** What was made of a message for its agency. */
export interface ForwardedBytes {
  /** Absent: they were let go of. */
  bytes?: Buffer
}

/** Where a number may stand. */
export interface NumberPlaces {
  agencies: string[]
  /** Names of correlation keys. */
  names: string[]
}

/** What is asked for by a partner names the partner: another's message is as unknown as none (promise 9). */
export interface Reading {
  /** With `partnerId`, another partner's message is as unknown as none (promise 9). */
  getMessage(messageId: string, partnerId?: string): Promise<MessageView | undefined>
  findMessages(query: MessageQuery): Promise<MessagePage>
  getContent(messageId: string, partnerId?: string): Promise<MessageContent | undefined>
  /** What was, or will be, sent on: the message itself, or what was made of it. */
  getForwarded(messageId: string, partnerId?: string): Promise<ForwardedBytes | undefined>
  /** What the message's interchange was answered as a whole; undefined where that form has no such answer. */
  getAcknowledgement(messageId: string, partnerId?: string): Promise<Acknowledgement | undefined>
  counts(): Promise<LedgerCounts>
  /**
   * Has a message of this document that the partner had accepted this number, of its own or by an answer? Looks at the
   * newest thousand that do.
   */
  hadNumber(
    partnerId: string,
    asked: { document: string; key: string; value: string },
    agencies: string[],
  ): Promise<boolean>
  /** Messages by an id, a reference, or any correlation key of these names; of each of the three the newest first. */
  findByNumber(text: string, where: NumberPlaces, limit: number): Promise<MessageSummary[]>
}

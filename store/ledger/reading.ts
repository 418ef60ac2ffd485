// reading — messages with their whole history, their bytes, and counts. Nothing here writes.
import type { Acknowledgement } from '../../messages/inbound.js'
import type { MessageState } from '../../messages/states.js'
import type { LedgerCounts, MessagePage, MessageSummary, MessageView } from '../../messages/views/index.js'

/** All conditions must hold. The newest come first, a page at a time by `cursor`. */
export interface MessageQuery {
  /** Always set on partner doors (promise 9); absent only on ops doors. */
  partnerId?: string
  reference?: string
  /**
   * References that begin so. Of more than 5,000 the first 5,000 by their letters are looked at; `more` then says so.
   */
  referenceStart?: string
  operation?: string
  /** Any of these; beside `operation`, which then counts alone. */
  operations?: readonly string[]
  state?: MessageState
  since?: Date
  /** Received before this moment. */
  until?: Date
  /** Opaque, from the previous page. */
  cursor?: string
  /** 1–500. */
  limit: number
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

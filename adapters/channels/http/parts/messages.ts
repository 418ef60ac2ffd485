// messages — what partners send, and what is known of it afterwards.
import type { MessageSearch } from '../../../../messages/filters.js'
import type { Accept, Acknowledgement, Answer, Inbound } from '../../../../messages/inbound.js'
import type { Operator } from '../../../../messages/operator.js'
import type { Receipt } from '../../../../messages/receipt.js'
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts), [describedDoor](../../../../hub/doors/describe.ts) */
export interface MessageParts {
  /** @see [createAccept](../../../../hub/steps/accept.ts) */
  accept: Accept
  /** @see [createAccept](../../../../hub/steps/accept.ts) */
  validate: (inbound: Inbound) => Promise<Answer[]>
  /**
   * What was sent as a listing for people, with the faults of these receipts in place; undefined for what is not
   * listed.
   */
  listing: (inbound: Inbound, receipts: readonly Receipt[]) => Promise<string | undefined>
  /** One message with its history, or undefined when there is none or it is another partner's. */
  message: (messageId: string, partnerId?: string) => Promise<view.MessageView | undefined>
  /** @see [createFindMessages](../../../../hub/doors/find-messages.ts) */
  messages: (search: MessageSearch) => Promise<view.MessagePage>
  /** @see [createContent](../../../../hub/doors/content.ts) */
  forwarded: (messageId: string, partnerId?: string) => Promise<Buffer | undefined>
  acknowledgement: (messageId: string, partnerId?: string) => Promise<Acknowledgement | undefined>
  /** @see [createContent](../../../../hub/doors/content.ts) */
  content: (
    messageId: string,
    partnerId?: string,
  ) => Promise<{ bytes: Buffer; contentType?: string; filename?: string } | undefined>
}

/** The same for an operator: every reading is kept, and any number finds a message. */
export interface MessageOpsParts {
  /**
   * Messages by any number somebody may know: an id, a reference, a bill of lading, an agency's number.
   * @see [createFindByNumber](../../../../hub/doors/find-by-number.ts)
   */
  findByNumber: (text: string, limit: number) => Promise<view.MessageSummary[]>
  /**
   * Keeps that an operator has seen what a partner or an agency wrote; resolves when that is on disk.
   * @see [createPayloadRead](../../../../hub/operate/operator/payload-read.ts)
   */
  payloadRead: (
    messageId: string,
    what: 'content' | 'receipts' | 'attachment' | 'evidence',
    by: Operator,
  ) => Promise<void>
  /**
   * A zip that proves the message to somebody who does not trust the hub; undefined when there is no such message.
   * @see [createEvidence](../../../../hub/operate/evidence/evidence.ts)
   */
  evidence: (messageId: string) => Promise<Buffer | undefined>
}

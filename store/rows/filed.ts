// filed — what a partner has filed, as both engines read it for queries.
import { bytesOfBody, type Receipt } from '../../messages/receipt.js'
import type { MessageState } from '../../messages/states.js'
import type { FiledContent, FiledMessage } from '../ledger.js'

/** `received_at` in milliseconds since 1970. */
export interface FiledRow {
  message_id: string
  reference: string
  operation: string
  document_type: string
  received_at: number
  state: MessageState
}

/** Of a message `m`. */
export const filedColumns = 'm.message_id, m.reference, m.operation, m.document_type, m.received_at, m.state'

/** The message as queries see it. */
export const toFiled = (row: FiledRow): FiledMessage => ({
  messageId: row.message_id,
  reference: row.reference,
  operation: row.operation,
  documentType: row.document_type,
  receivedAt: new Date(row.received_at),
  state: row.state,
})

/** Of those looked at, the ones that are asked for. */
export const fitsSearch =
  ({ documentTypes, state }: { documentTypes: readonly string[]; state?: string | undefined }) =>
  (row: FiledRow): boolean =>
    documentTypes.includes(row.document_type) && (state === undefined || row.state === state)

/** Rows found and not all of them given. */
export interface FiledRows {
  rows: FiledRow[]
  /** How many fit. */
  fitting: number
  /** There are others that were not looked at. */
  more: boolean
}

/** Answers of one message that are read. */
export const mostAnswers = 20

/** What a receipt says to a query: its status, its text, and the bytes it holds itself. `receipt` is its JSON. */
export function answerOf({ receipt }: { receipt: string }): FiledContent['answers'][number] {
  const { status, text, time, body } = JSON.parse(receipt) as Receipt
  const bytes = body && bytesOfBody(body)
  return { status, text, time, ...(bytes ? { body: bytes } : {}) }
}

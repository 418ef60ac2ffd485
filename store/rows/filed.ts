// filed — what a partner has filed, as both engines read it for queries.
import { bytesOfBody, type Receipt } from '../../messages/receipt.js'
import type { MessageState } from '../../messages/states.js'
import type { FiledContent, FiledFound, FiledMessage, FiledSearch } from '../ledger.js'

/** `received_at` in milliseconds since 1970. */
export interface FiledRow {
  message_id: string
  reference: string
  operation: string
  document_type: string
  received_at: number
  n: number
  state: MessageState
}

/** What a statement must select of a message `m` to have a whole FiledRow. */
export const filedColumns = 'm.message_id, m.reference, m.operation, m.document_type, m.received_at, m.n, m.state'

/** The message as queries see it. */
const toFiled = (row: FiledRow): FiledMessage => ({
  messageId: row.message_id,
  reference: row.reference,
  operation: row.operation,
  documentType: row.document_type,
  receivedAt: new Date(row.received_at),
  place: row.n,
  state: row.state,
})

/** Whose, and from when until when, in milliseconds since 1970; `limit` of them are looked at. */
export interface FiledSpan {
  partner: string
  since: number
  until: number
  /** Of those received at `cutAt` only those before this place, by the order in which they were recorded. */
  cutAt: number
  cutPlace: number
  limit: number
}

/** Where a message stands among all, the newest first. */
export interface MessagePlace {
  received_at: number
  n: number
}

/**
 * The bounds of a search. One more than is looked at says whether there are others.
 * @param cut the message they follow
 */
export function filedSpan({ partnerId, since, until, limit, behind }: FiledSearch, cut?: MessagePlace): FiledSpan {
  const end = until?.getTime() ?? Number.MAX_SAFE_INTEGER
  const bounds = { partner: partnerId, since: since?.getTime() ?? 0, limit: limit + 1 }
  if (!cut) return { ...bounds, until: end, cutAt: Number.MAX_SAFE_INTEGER, cutPlace: 0 }
  const cutPlace = behind?.itself ? cut.n + 1 : cut.n
  return { ...bounds, until: Math.min(end, cut.received_at + 1), cutAt: cut.received_at, cutPlace }
}

/** What every statement asks of a message `m` besides its span. */
export const notCut = '(m.received_at < @cutAt or m.n < @cutPlace)'

/** What is found behind a message that is not here. */
export const unplaced: FiledFound = { messages: [], fitting: 0, more: false, unplaced: true }

/** Of those looked at, the ones that are asked for. */
const fitsSearch =
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

/** Of rows that were looked at, `limit + 1` at the most, those that fit; `most` of them are given. */
export function fittingOf(looked: readonly FiledRow[], search: FiledSearch, most: number): FiledRows {
  const fitting = looked.slice(0, search.limit).filter(fitsSearch(search))
  return { rows: fitting.slice(0, most), fitting: fitting.length, more: looked.length > search.limit }
}

/** What a search gives: the messages, and the contents of its first `contents`. */
export async function foundOf(
  { rows, fitting, more }: FiledRows,
  { partnerId, contents = 0 }: FiledSearch,
  contentsOf: (partnerId: string, messageIds: readonly string[]) => Promise<FiledContent[]>,
): Promise<FiledFound> {
  const first = rows.slice(0, contents).map(({ message_id }) => message_id)
  return {
    messages: rows.map(toFiled),
    fitting,
    more,
    ...(contents > 0 ? { contents: await contentsOf(partnerId, first) } : {}),
  }
}

/** The most answers of one message that a query reads. */
export const mostAnswers = 20

/** What a receipt says to a query: its status, its text, and the bytes it holds itself. `receipt` is its JSON. */
export function answerOf({ receipt }: { receipt: string }): FiledContent['answers'][number] {
  const { status, text, time, body } = JSON.parse(receipt) as Receipt
  const bytes = body && bytesOfBody(body)
  return { status, text, time, ...(bytes ? { body: bytes } : {}) }
}

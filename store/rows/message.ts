// message — a message as both engines keep it, as the ledger's lists give it, and its place in them.
import { filedUnderOf, type GrantScope } from '../../messages/filing-grant.js'
import type { ChannelKind } from '../../messages/inbound.js'
import type { MessageState } from '../../messages/states.js'
import type { MessageSummary, MessageView, ReceiptView, SubmissionView } from '../ledger.js'

/** Times in milliseconds since 1970, sizes in bytes, `faults` and the like as JSON. */
export interface MessageRow {
  n: number
  message_id: string
  interchange_id: string
  partner_id: string
  channel: ChannelKind
  filename: string | null
  content_type: string | null
  reference: string
  document_type: string | null
  operation: string | null
  schema_file: string | null
  schema_version: string | null
  state: MessageState
  size: number
  sha256: string
  received_at: number
  repeats: number
}

/** A message's place in the list: a later one stands before an earlier one. */
export interface Cursor {
  received_at: number
  n: number
}

/** The place before the newest message, where a list begins. */
export const newest = { received_at: 1e15, n: 1e15 }

/** Whether the first stands further up the list, that is: came later. */
export const isBefore = (a: Cursor, b: Cursor) =>
  a.received_at > b.received_at || (a.received_at === b.received_at && a.n > b.n)

/** A place in a list as the doors give it out; `placeOf` reads it. */
export const cursorAt = ({ received_at, n }: Cursor) => Buffer.from(`${received_at}.${n}`).toString('base64url')

/** The place a cursor names. One nobody gave out names the end. */
export function placeOf(cursor: string): Cursor {
  const [, receivedAt, n] = /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return { received_at: Number(receivedAt ?? 0), n: Number(n ?? 0) }
}

/** A message as lists show it: no faults, no submissions. */
export function summary(row: MessageRow): MessageSummary {
  return {
    messageId: row.message_id,
    partnerId: row.partner_id,
    reference: row.reference,
    state: row.state,
    receivedAt: new Date(row.received_at).toISOString(),
    channel: row.channel,
    ...(row.document_type === null ? {} : { documentType: row.document_type }),
    ...(row.operation === null ? {} : { operation: row.operation }),
    ...(row.filename === null ? {} : { filename: row.filename }),
  }
}

/** What is read beside the row of one message. */
export interface BesideMessage {
  /** The files that came with it. */
  files: readonly { name: string; size: number; media_type: string | null }[]
  submissions: SubmissionView[]
  receipts: ReceiptView[]
  /** Grants of other partners under which it was filed. */
  grants: readonly GrantScope[]
  /** Where its bytes were let go of. `at`: milliseconds since 1970; `file`: of the archive. */
  gone: { at: number; file: string | null } | undefined
}

/** One message with its whole history, made of its rows. */
export function messageView(
  row: MessageRow,
  { files, submissions, receipts, grants, gone }: BesideMessage,
): MessageView {
  return {
    ...summary(row),
    interchangeId: row.interchange_id,
    size: row.size,
    sha256: row.sha256,
    repeats: row.repeats,
    ...(row.schema_file === null ? {} : { schema: { file: row.schema_file, version: row.schema_version! } }),
    attachments: files.map(({ name, size, media_type }) => ({
      name,
      size,
      ...(media_type === null ? {} : { mediaType: media_type }),
    })),
    faults: receipts.find(({ receipt }) => receipt.stage === 'technical')?.receipt.faults ?? [],
    submissions,
    receipts,
    ...(grants.length === 0 ? {} : { filedUnder: grants.map(filedUnderOf) }),
    ...(gone
      ? { letGo: { at: new Date(gone.at).toISOString(), ...(gone.file === null ? {} : { archive: gone.file }) } }
      : {}),
  }
}

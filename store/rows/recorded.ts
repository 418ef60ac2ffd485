// recorded — the rows of one interchange as it is recorded, for both engines: each column by its name, and what stands
// in it.
import type { Receipt } from '../../messages/receipt.js'
import type { NewAttachment, NewInterchange, NewMessage, NewSubmission } from '../ledger.js'
import { learningOf } from '../rules/learning.js'
import type { KeptForm } from '../packing.js'
import { sendersText } from './submission.js'

/** The interchange, without its messages. */
export const fromInterchange = (interchange: NewInterchange) => ({
  interchange_id: interchange.interchangeId,
  partner_id: interchange.partnerId,
  channel: interchange.channel,
  filename: interchange.filename ?? null,
  content_type: interchange.contentType ?? null,
  received_at: interchange.receivedAt.getTime(),
  size: interchange.size,
  sha256: interchange.sha256,
})

/** A message, without its bytes. */
export const fromMessage = (
  { interchangeId, partnerId, channel, receivedAt }: NewInterchange,
  message: NewMessage,
) => ({
  message_id: message.messageId,
  interchange_id: interchangeId,
  partner_id: partnerId,
  channel,
  reference: message.reference,
  document_type: message.documentType ?? null,
  operation: message.operation ?? null,
  schema_file: message.schema?.file ?? null,
  schema_version: message.schema?.version ?? null,
  state: message.receipt.status === 'refused' ? 'refused' : 'accepted',
  size: message.bytes.length,
  sha256: message.sha256,
  received_at: receivedAt.getTime(),
  order_key: message.order ?? null,
})

/** @param form its bytes as they are kept */
export const fromAttachment = (
  messageId: string,
  position: number,
  { name, mediaType, bytes }: NewAttachment,
  form: KeptForm,
) => ({
  message_id: messageId,
  position,
  name,
  media_type: mediaType ?? null,
  bytes: form.bytes,
  packed: form.packed,
  size: bytes.length,
})

/** @param receipt the technical one, as it is written */
export const fromTechnicalReceipt = (
  { partnerId, channel, receivedAt }: NewInterchange,
  { messageId, receiptChannel = channel, receiptReturn }: NewMessage,
  receipt: Receipt,
) => ({
  receipt_id: receipt.receiptId,
  message_id: messageId,
  submission_id: null,
  partner_id: partnerId,
  channel: receiptChannel,
  stage: 'technical',
  receipt: JSON.stringify(receipt),
  body_apart: 0,
  reply_id: null,
  return_state: receiptReturn,
  return_next_at: receivedAt.getTime(),
  owed_at: null,
})

/** @param original number of the submission that this one changes, where it is known */
export const fromSubmission = (
  { partnerId, receivedAt }: NewInterchange,
  message: NewMessage,
  { submissionId, agency }: NewSubmission,
  original: number | null,
) => ({
  submission_id: submissionId,
  message_id: message.messageId,
  partner_id: partnerId,
  agency,
  order_key: message.order ?? null,
  state: 'queued',
  accepted_at: receivedAt.getTime(),
  next_at: receivedAt.getTime(),
  changes: message.changes ? 1 : 0,
  original,
  senders: sendersText(message),
  learning: message.learns
    ? learningOf(
        message.documentType ?? '',
        message.keys.map(({ name }) => name),
      )
    : null,
})

// archived-message — what an archive keeps of one message: its whole record and all its bytes, in one JSON object that
// can be read without the hub.
import type { KeptBytes } from '../../store/kept.js'
import type { MessageView } from '../../store/ledger.js'

/** A message as its record in the archive holds it; bytes are in base64. */
export interface ArchivedMessage extends Omit<MessageView, 'attachments' | 'receipts'> {
  content: string
  forwarded?: string
  attachments: { name: string; mediaType?: string; content: string }[]
  sent: { submissionId: string; content: string }[]
  replies: { replyId: string; agency: string; mediaType: string; receivedAt: string; content: string }[]
  receipts: MessageView['receipts'][number]['receipt'][]
}

/** The record of a message for the archive. */
export function archivedMessage(
  message: MessageView,
  { bytes, forwarded, attachments, sent, replies }: KeptBytes,
): ArchivedMessage {
  const text = (content: Buffer) => content.toString('base64')
  return {
    ...message,
    receipts: message.receipts.map(({ receipt }) => receipt),
    content: text(bytes),
    ...(forwarded ? { forwarded: text(forwarded) } : {}),
    attachments: attachments.map(({ bytes: content, ...one }) => ({ ...one, content: text(content) })),
    sent: sent.map(({ bytes: content, ...one }) => ({ ...one, content: text(content) })),
    replies: replies.map(({ bytes: content, receivedAt, ...one }) => ({
      ...one,
      receivedAt: receivedAt.toISOString(),
      content: text(content),
    })),
  }
}

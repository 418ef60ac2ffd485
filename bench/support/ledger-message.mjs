// ledger-message — a message as accepting it gives it to the ledger, and an agency's answer to it: for benches of the
// ledger alone.
import { newId } from '../../dist/messages/ids.js'
import { sampleText } from './sample.mjs'
import { createHash } from 'node:crypto'

const bytes = Buffer.from(sampleText.padEnd(12 * 1024))

/** @returns {any} */
export function newMessage() {
  const [messageId, submissionId, receiptId] = [newId('msg'), newId('sub'), newId('rcp')]
  const sha256 = createHash('sha256').update(messageId).digest('hex')
  const receivedAt = new Date()
  const receipt = (id, stage, status, code) => ({
    receiptId: id,
    messageId,
    reference: messageId,
    operation: '10.1.6.1.1',
    documentType: 'CEB621Message',
    stage,
    status,
    code,
    text: { zh: '已接收', en: 'Taken' },
    time: receivedAt.toISOString(),
    faults: [],
  })
  const message = {
    messageId,
    reference: messageId,
    identity: `CEB621Message|${messageId}`,
    documentType: 'CEB621Message',
    operation: '10.1.6.1.1',
    schema: { file: 'ceb/CEB621Message.xsd', version: '202205' },
    bytes,
    sha256,
    attachments: [],
    order: `ceb|${messageId}`,
    keys: [{ name: 'guid', value: messageId }],
    submissions: [{ submissionId, agency: 'gacc' }],
    receipt: receipt(receiptId, 'technical', 'accepted', 'HUB_ACCEPTED'),
    receiptReturn: 'replied',
  }
  return {
    messageId,
    submissionId,
    interchange: {
      interchangeId: newId('int'),
      partnerId: 'demo',
      channel: 'http',
      receivedAt,
      size: bytes.length,
      sha256,
      messages: [message],
    },
    answer() {
      const [replyId, answerId] = [newId('rep'), newId('rcp')]
      return {
        receiptId: answerId,
        reply: {
          replyId,
          agency: 'gacc',
          mediaType: 'application/xml',
          bytes: Buffer.from(`<answer>${replyId}</answer>`),
          receivedAt: new Date(),
        },
        settlement: {
          replyId,
          entries: [
            {
              submissionId,
              status: 'approved',
              learn: [],
              receipt: receipt(answerId, 'business', 'approved', 'R'),
              receiptReturn: 'owed',
            },
          ],
          orphan: false,
        },
      }
    },
  }
}

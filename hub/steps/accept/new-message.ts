// new-message — what the ledger records of a judged message: its identity, keys, submissions and technical receipt.
import type { Facts } from '../../../messages/condition.js'
import { errorText } from '../../../messages/errors.js'
import { newId } from '../../../messages/ids.js'
import type { Inbound } from '../../../messages/inbound.js'
import type { Learnable } from '../../../messages/learnable.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import type { Receipt } from '../../../messages/receipt.js'
import type { NewMessage } from '../../../store/ledger.js'
import type { Subscribing } from '../subscribing.js'
import type { Digest } from './digests.js'
import type { MessageVerdict } from './judge.js'

/** @see [createAccept](../accept.ts) */
export interface NewMessageParts {
  /**
   * Codes of the company that files, by the description of its document. Default: none.
   * @see [readData](../../boot/data.ts)
   */
  sendersOf?: (documentType: string, facts: Facts) => string[]
  /** Messages that subscribe to notices. */
  subscribing: Pick<Subscribing, 'subscribing'>
  learnable: Learnable
  /** Does this agency take no second message under a key that another partner has under way there? Default: no. */
  refusesShared?: (agency: string) => boolean
}

/**
 * A verdict as the ledger records it: the message with its identity and keys, its submissions, and its technical
 * receipt.
 */
export function createNewMessage({
  sendersOf = () => [],
  subscribing,
  learnable,
  refusesShared = () => false,
}: NewMessageParts) {
  /** @param at when its delivery was received: the time on its receipt */
  return async function newMessage(
    verdict: MessageVerdict,
    digest: Digest,
    { owner, channel, at }: { owner: Partner; channel: Inbound['channel']; at: Date },
  ): Promise<NewMessage> {
    const { wish, code } = verdict
    const message = { ...withOwner(asJudged(verdict, at, digest), verdict), ...alsoOwed(owner, channel) }
    return wish && code === 'HUB_ACCEPTED' ? subscribing.subscribing(message, wish, owner, channel) : message
  }

  /** With what assigns its answers to it: the company that files, and the keys that are looked up first. */
  function withOwner(message: NewMessage, { inspection, question }: MessageVerdict): NewMessage {
    const document = inspection?.document
    if (!document || question || message.submissions.length === 0) return message
    return {
      ...message,
      senders: sendersOf(document.type, document.facts),
      firstKeys: learnable.first,
      ...(learnable.names(document.type).size > 0 ? { learns: true } : {}),
      submissions: message.submissions.map((one) => (refusesShared(one.agency) ? { ...one, refuseShared: true } : one)),
    }
  }
}

function asJudged(verdict: MessageVerdict, at: Date, { bytes: digest, all }: Digest): NewMessage {
  const { part, operation, submissions = [], filedUnder, code, inspection } = verdict
  const document = inspection?.document
  const messageId = newId('msg')
  const reference = document?.reference ?? `sha256:${digest.slice(0, 32)}`
  const accepted = code === 'HUB_ACCEPTED'
  // The same question again is another one: it may have another answer by now.
  const name = verdict.question ? messageId : (document?.identity ?? document?.reference ?? digest)
  return {
    messageId,
    reference,
    identity: `${document?.type ?? ''}|${name}`,
    ...(document ? { documentType: document.type, schema: document.schema } : {}),
    ...(operation ? { operation: operation.code } : {}),
    bytes: part.bytes,
    bytesSha256: digest,
    // A damaged copy of what was taken before is refused for its damage, not answered as the same.
    sha256: part.attachments.length > 0 ? all : accepted ? (document?.digest ?? digest) : digest,
    ...(inspection?.derived ? { forwarded: Buffer.from(inspection.derived.bytes) } : {}),
    attachments: part.attachments,
    ...(document?.order === undefined ? {} : { order: `${document.family}|${document.order}` }),
    keys: document?.keys ?? [],
    ...(document?.changes ? { changes: true } : {}),
    submissions: accepted ? submissions : [],
    ...(accepted && filedUnder ? { filedUnder } : {}),
    receipt: technicalReceipt(verdict, { messageId, reference, at }),
    ...(part.edifact?.message ? { edifact: { charset: part.edifact.interchange.interchange?.charset } } : {}),
    // Every channel answers at once: the HTTP reply, or the file beside the one dropped.
    receiptReturn: 'replied',
  }
}

function technicalReceipt(
  { operation, faults, code, inspection }: MessageVerdict,
  { messageId, reference, at }: { messageId: string; reference: string; at: Date },
): Receipt {
  const accepted = code === 'HUB_ACCEPTED'
  return {
    receiptId: newId('rcp'),
    messageId,
    reference,
    ...(operation ? { operation: operation.code } : {}),
    ...(inspection?.document ? { documentType: inspection.document.type } : {}),
    stage: 'technical',
    status: accepted ? 'accepted' : 'refused',
    code,
    text:
      code === 'HUB_SCHEMA_VIOLATION' || code === 'HUB_EDI_REFUSED'
        ? errorText(code, { count: faults.length })
        : !accepted && faults.length > 0
          ? // A fault's own words have their places filled: value, line, length.
            (faults.find((one) => one.code === code) ?? faults[0]!).text
          : errorText(code),
    time: at.toISOString(),
    // What was taken may still be something to look at.
    faults,
  }
}

/** A partner may want technical receipts on a channel of their own, beside the door's answer. */
function alsoOwed(
  { settings }: Partner,
  channel: Inbound['channel'],
): Pick<NewMessage, 'receiptReturn' | 'receiptChannel'> | object {
  const receiptChannel = returnChannel(settings, 'technical', channel)
  return receiptChannel === undefined ? {} : { receiptReturn: 'owed', receiptChannel }
}

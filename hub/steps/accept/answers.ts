// answers — what the partner hears of its messages once they are recorded: as it is on disk.
import { errorCodes, type ErrorCode } from '../../../messages/errors.js'
import type { Acknowledgement, Answer } from '../../../messages/inbound.js'
import type { NewMessage, Recorded } from '../../../store/ledger.js'

/** The answer to one message. */
export function toAnswer(message: NewMessage, recorded: Recorded): Answer {
  switch (recorded.outcome) {
    case 'recorded': {
      const { code, status } = message.receipt
      const outcome = status === 'accepted' ? 'accepted' : 'refused'
      return {
        outcome,
        messageId: message.messageId,
        receipt: recorded.receipt ?? message.receipt,
        httpStatus: errorCodes[code as ErrorCode].status,
      }
    }
    case 'duplicate':
      return { outcome: 'duplicate', messageId: recorded.messageId, receipt: recorded.receipt, httpStatus: 200 }
    case 'conflict':
    case 'key-in-use':
      return {
        outcome: 'conflict',
        messageId: message.messageId,
        receipt: recorded.receipt!,
        httpStatus: errorCodes[recorded.receipt!.code as ErrorCode].status,
      }
    default:
      return recorded satisfies never
  }
}

/**
 * The acknowledgement that was given to the ledger, and behind it what it says of messages that turned out to be in
 * conflict with earlier ones while they were recorded.
 */
export function withConflicts(
  given: Acknowledgement | undefined,
  recorded: readonly Recorded[],
): Acknowledgement | undefined {
  const more = recorded.flatMap((one) => ('answer' in one && one.answer ? [one.answer] : []))
  if (more.length === 0) return given
  return {
    mediaType: given?.mediaType ?? 'application/edifact',
    bytes: Buffer.concat([...(given ? [given.bytes] : []), ...more]),
  }
}

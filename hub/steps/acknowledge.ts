// acknowledge — what an EDIFACT system is answered at once: the CONTRL of every interchange, which tells what of it was read and what was wrong in
// its form; and, since CONTRL says nothing of content and rights, a CUSRES or APERAK for each message that is right in form and refused all the same.
import { businessAnswer } from '../../messages/edifact/answers/business-answer.js'
import { buildContrl } from '../../messages/edifact/answers/contrl.js'
import type { CutInterchange, EdifactPart } from '../../messages/edifact/parts.js'
import { flatReceipt } from '../../messages/flatfile/answer.js'
import type { Acknowledgement } from '../../messages/inbound.js'
import type { Inspection } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import { detectSyntax } from '../../messages/syntax.js'
import type { Part } from '../split.js'

interface Judged {
  part: Part
  inspection?: Inspection
}

/**
 * One CONTRL after another in the order of the interchanges, then the refusals; undefined where there is nothing to give.
 * @param receipts of the verdicts, one each
 */
export function acknowledge(
  interchanges: readonly CutInterchange[],
  verdicts: readonly Judged[],
  receipts: readonly Receipt[],
  at: Date,
  interchangeId: string,
): Acknowledgement | undefined {
  const answers = interchanges.flatMap((interchange, i) => {
    const { interchange: envelope, groups, faults } = interchange
    const judged = new Map<EdifactPart, Judged>(
      verdicts.flatMap((one) =>
        one.part.edifact?.interchange === interchange && one.part.edifact.message
          ? [[one.part.edifact.message, one]]
          : [],
      ),
    )
    const messages = interchange.parts.map((message) => {
      return {
        reference: message.reference,
        id: message.id,
        group: message.group,
        faults: judged.get(message)?.inspection?.edi?.faults ?? [],
      }
    })
    // None without UNB (nobody knows whom to answer: the receipt says what is wrong), and none to a CONTRL.
    return (
      buildContrl({ interchange: envelope, groups, faults, messages, at, reference: referenceOf(interchangeId, i) }) ??
      []
    )
  })
  return joined([...answers, ...refusals(verdicts, receipts)])
}

/** The messages a CONTRL acknowledges and the hub does not take: who heard the CONTRL alone would believe they were filed. */
function refusals(verdicts: readonly Judged[], receipts: readonly Receipt[]): Uint8Array[] {
  return verdicts.flatMap(({ part, inspection }, i) => {
    const receipt = receipts[i]
    const charset = part.edifact?.interchange.interchange?.charset
    // Without an inspection its group or interchange was rejected, and with a fault of form itself: the CONTRL has said so.
    const said =
      inspection === undefined || (inspection.edi?.faults.some(({ severity }) => severity === 'error') ?? true)
    if (!part.edifact?.message || receipt?.status !== 'refused' || said) return []
    return businessAnswer(receipt, part.bytes, charset) ?? []
  })
}

/** What was answered, and what is to be said of the messages that turned out to be in conflict with earlier ones only when they were recorded. */
export function withConflicts(
  acknowledgement: Acknowledgement | undefined,
  verdicts: readonly Judged[],
  receipts: readonly Receipt[],
): Acknowledgement | undefined {
  return joined([...(acknowledgement ? [acknowledgement.bytes] : []), ...refusals(verdicts, receipts)])
}

/** What the senders of port flat files are answered at once: a receipt file for each. Undefined where nothing of the kind was sent. */
export function flatAcknowledgement(
  verdicts: readonly Judged[],
  receipts: readonly Receipt[],
): Acknowledgement | undefined {
  const answers = verdicts.flatMap(({ part }, i) =>
    receipts[i] && detectSyntax(part.bytes) === 'flatfile' ? (flatReceipt(receipts[i], part.bytes) ?? []) : [],
  )
  return answers.length === 0 ? undefined : { mediaType: 'text/plain', bytes: Buffer.concat(answers) }
}

const joined = (answers: readonly Uint8Array[]): Acknowledgement | undefined =>
  answers.length === 0 ? undefined : { mediaType: 'application/edifact', bytes: Buffer.concat(answers) }

/** At most 14 characters (0020), of the kind every syntax level has. */
const referenceOf = (interchangeId: string, i: number) =>
  `${interchangeId
    .replace(/^int_/, '')
    .toUpperCase()
    .slice(-(i === 0 ? 14 : 12))}${i === 0 ? '' : String(i).padStart(2, '0').slice(-2)}`

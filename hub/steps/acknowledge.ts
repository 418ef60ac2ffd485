// acknowledge — what an EDIFACT system is answered at once: the CONTRL of every interchange, which tells what of it was
// read and what was wrong in its form; and, since CONTRL says nothing of content and rights, a CUSRES or APERAK for
// each message that is right in form and refused all the same.
import { businessAnswer } from '../../messages/edifact/answers/business-answer.js'
import { contrlPieces } from '../../messages/edifact/answers/contrl.js'
import { edifactFault } from '../../messages/edifact/fault.js'
import type { CutInterchange } from '../../messages/edifact/parts.js'
import type { Fault } from '../../messages/fault.js'
import { flatReceipt } from '../../messages/flatfile/answer.js'
import type { Acknowledgement } from '../../messages/inbound.js'
import type { Inspection } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import { detectSyntax } from '../../messages/syntax.js'
import { createTurn, type Turn } from '../../messages/turns.js'
import type { MessagePart } from './accept/split.js'

interface Judged {
  part: MessagePart
  inspection?: Inspection
}

/** The interchanges of a delivery, and what became of their messages. */
export interface JudgedInterchanges {
  interchanges: readonly CutInterchange[]
  verdicts: readonly Judged[]
  /** Of the verdicts, one each. */
  receipts: readonly Receipt[]
  at: Date
  interchangeId: string
}

/**
 * One CONTRL after another in the order of the interchanges, then the refusals; undefined where there is nothing to
 * give.
 */
export async function acknowledge({
  interchanges,
  verdicts,
  receipts,
  at,
  interchangeId,
}: JudgedInterchanges): Promise<Acknowledgement | undefined> {
  const turn = createTurn()
  const judged = new Map(
    verdicts.flatMap((one) => (one.part.edifact?.message ? [[one.part.edifact.message, one]] : [])),
  )
  const answers: Uint8Array[] = []
  for (const [i, { interchange, groups, faults, parts }] of interchanges.entries()) {
    const messages = parts.map((message) => ({
      reference: message.reference,
      id: message.id,
      group: message.group,
      faults: judged.get(message)?.inspection?.edi?.faults ?? [],
    }))
    const reference = referenceOf(interchangeId, i)
    // None without UNB (nobody knows whom to answer: the receipt says what is wrong), and none to a CONTRL.
    for (const piece of contrlPieces({ interchange, groups, faults, messages, at, reference })) {
      answers.push(piece)
      await turn()
    }
  }
  answers.push(...(await refusals(verdicts, receipts, turn)))
  return joined(answers)
}

/**
 * What answers an interchange of a delivery that is refused as a whole: a CONTRL that rejects it. Undefined where
 * nobody can be answered.
 */
export function rejected(
  { interchange, bytes }: CutInterchange,
  { text }: Fault,
  at: Date,
  interchangeId: string,
): Acknowledgement | undefined {
  const place = { tag: 'UNB', segment: 0, element: 0, component: 0, repetition: 0, offset: 0, line: 1 }
  const fault = edifactFault('18', 'interchange', place, { detail: text })
  const contrl = {
    interchange,
    groups: [],
    faults: [fault],
    messages: [],
    at,
    reference: referenceOf(interchangeId, 0),
  }
  return bytes.length === 0 ? undefined : joined([...contrlPieces(contrl)])
}

/**
 * The messages a CONTRL acknowledges and the hub does not take: who heard the CONTRL alone would believe they were
 * filed.
 */
async function refusals(verdicts: readonly Judged[], receipts: readonly Receipt[], turn: Turn): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = []
  for (const [i, { part, inspection }] of verdicts.entries()) {
    const receipt = receipts[i]
    const charset = part.edifact?.interchange.interchange?.charset
    // Without an inspection its group or interchange was rejected, and with a fault of form itself: the CONTRL has said
    // so.
    const said =
      inspection === undefined || (inspection.edi?.faults.some(({ severity }) => severity === 'error') ?? true)
    if (!part.edifact?.message || receipt?.status !== 'refused' || said) continue
    const answer = businessAnswer(receipt, part.bytes, charset)
    if (answer) answers.push(answer)
    await turn()
  }
  return answers
}

/**
 * What the senders of port flat files are answered at once: a receipt file for each. Undefined where nothing of the
 * kind was sent.
 */
export async function flatAcknowledgement(
  verdicts: readonly Judged[],
  receipts: readonly Receipt[],
): Promise<Acknowledgement | undefined> {
  const turn = createTurn()
  const answers: Uint8Array[] = []
  for (const [i, { part }] of verdicts.entries()) {
    const answer =
      receipts[i] && detectSyntax(part.bytes) === 'flatfile' ? flatReceipt(receipts[i], part.bytes) : undefined
    if (answer) answers.push(answer)
    await turn()
  }
  return answers.length === 0 ? undefined : { mediaType: 'text/plain', bytes: Buffer.concat(answers) }
}

const joined = (answers: readonly Uint8Array[]): Acknowledgement | undefined =>
  answers.length === 0 ? undefined : { mediaType: 'application/edifact', bytes: Buffer.concat(answers) }

/** At most 14 characters (0020), of the kind every syntax level has; another for each interchange of a delivery. */
function referenceOf(interchangeId: string, i: number): string {
  const id = interchangeId.replace(/^int_/, '').toUpperCase()
  if (i === 0) return id.slice(-14)
  return i < 100
    ? `${id.slice(-12)}${String(i).padStart(2, '0')}`
    : `${id.slice(-10)}${i.toString(36).toUpperCase().padStart(4, '0').slice(-4)}`
}

// acknowledge — the CONTRL of every EDIFACT interchange of a delivery: what of it was read, and what was refused and where. Content and
// rights are not its matter: what is right in form is acknowledged here and answered by receipts.
import { buildContrl } from '../../messages/edifact/answers/contrl.js'
import type { CutInterchange, EdifactPart } from '../../messages/edifact/parts.js'
import type { Acknowledgement } from '../../messages/inbound.js'
import type { Inspection } from '../../messages/inspection.js'
import type { Part } from '../split.js'

interface Judged {
  part: Part
  inspection?: Inspection
}

/** One CONTRL after another, in the order of the interchanges; undefined where there is none to give. */
export function acknowledge(interchanges: readonly CutInterchange[], verdicts: readonly Judged[], at: Date, interchangeId: string): Acknowledgement | undefined {
  const answers = interchanges.flatMap((interchange, i) => {
    const { interchange: envelope, groups, faults } = interchange
    const judged = new Map<EdifactPart, Judged>(verdicts.flatMap((one) => (one.part.edifact?.interchange === interchange && one.part.edifact.message ? [[one.part.edifact.message, one]] : [])))
    const messages = interchange.parts.map((message) => {
      return { reference: message.reference, id: message.id, group: message.group, faults: judged.get(message)?.inspection?.edi?.faults ?? [] }
    })
    // None without UNB (nobody knows whom to answer: the receipt says what is wrong), and none to a CONTRL.
    return buildContrl({ interchange: envelope, groups, faults, messages, at, reference: referenceOf(interchangeId, i) }) ?? []
  })
  return answers.length === 0 ? undefined : { mediaType: 'application/edifact', bytes: Buffer.concat(answers) }
}

/** At most 14 characters (0020), of the kind every syntax level has. */
const referenceOf = (interchangeId: string, i: number) => `${interchangeId.replace(/^int_/, '').toUpperCase().slice(-(i === 0 ? 14 : 12))}${i === 0 ? '' : String(i).padStart(2, '0').slice(-2)}`

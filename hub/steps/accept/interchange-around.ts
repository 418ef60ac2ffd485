// interchange-around — what the EDIFACT interchange around a message says of it: faults that refuse it unread, what is
// odd about the envelope, and the lines of the file it was cut from.
import type { CutInterchange } from '../../../messages/edifact/parts.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import type { Fault } from '../../../messages/fault.js'
import type { Inspection } from '../../../messages/inspection.js'
import type { MessagePart } from './split.js'

type Edifact = NonNullable<MessagePart['edifact']>

/** What is wrong with its interchange as a whole, or with its group. Then the message itself is not read. */
export function faultsAround({ interchange, message }: Edifact): Fault[] {
  return (message ? message.groupFaults : interchange.faults.filter(({ severity }) => severity === 'error')).map(
    hubFault,
  )
}

/** What a person should look at in the envelope, though the interchange is taken. */
export function oddities({ interchange }: Edifact): Fault[] {
  return interchange.faults.filter(({ severity }) => severity === 'warning').map(hubFault)
}

/** The first message of each interchange. */
export function firstOfEach(parts: readonly MessagePart[]): MessagePart[] {
  const seen = new Set<CutInterchange>()
  return parts.filter(({ edifact }) => edifact && !seen.has(edifact.interchange) && seen.add(edifact.interchange))
}

/** With lines counted in the file the partner sent, not in the part cut from it, and the faults only the file shows. */
export function inPlace(part: MessagePart, inspection: Inspection): Inspection {
  const { linesBefore: before = 0, faults: own = [] } = part.edifact?.message ?? {}
  if (before === 0 && own.length === 0) return inspection
  const { edi, warnings } = inspection
  const shifted = (one: Fault): Fault => (one.line === undefined ? one : { ...one, line: one.line + before })
  return {
    ...inspection,
    ...(warnings ? { warnings: warnings.map(shifted) } : {}),
    faults: [...own.map(hubFault), ...inspection.faults.map(shifted)],
    ...(edi ? { edi: { ...edi, faults: [...own, ...edi.faults] } } : {}),
  }
}

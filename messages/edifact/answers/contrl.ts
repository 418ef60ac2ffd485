// contrl — the syntax report of an interchange: what of it was read, and what was refused and where (CONTRL, ISO 9735:1988 amendment 1 for
// syntax 1 to 3, ISO 9735-4:2002 for syntax 4). Pure; says nothing of content.
import { type Group, type Interchange, type MessageId } from '../envelope.js'
import { controlPosition, type EdifactFault } from '../fault.js'
import { segment, type ElementInput, type Segment } from '../segment.js'
import { buildInterchange, closeMessage } from '../writer.js'

export interface ReportedMessage {
  /** 0062 */
  reference: string
  id: MessageId
  group?: Group
  /** Its errors of form; of a message that was not looked at, none. */
  faults: readonly EdifactFault[]
}

export interface ContrlInput {
  /** The interchange that is answered. Without its UNB nobody can be answered. */
  interchange: Interchange
  groups: readonly Group[]
  /** Errors about the interchange and its groups. */
  faults: readonly EdifactFault[]
  /** In their order. */
  messages: readonly ReportedMessage[]
  at: Date
  /** 0020 of the answer, at most 14 characters. */
  reference: string
}

/** 0083: rejected, acknowledged with all that is not named below, received and reported on below. */
const rejected = '4'
const acknowledged = '7'
const received = '8'

/** What 0013 and 0135 may name. */
const serviceTags: ReadonlySet<string> = new Set(['UNA', 'UNB', 'UNZ', 'UNG', 'UNE', 'UNH', 'UNT'])
const mostSegments = 999
const mostElements = 99

/** The report as a whole interchange, addressed back. */
export function buildContrl({ interchange, groups, faults, messages, at, reference }: ContrlInput): Uint8Array {
  const { syntaxIdentifier, syntaxVersion, sender, recipient, layout, test } = interchange
  const version = syntaxVersion >= 4 ? 4 : syntaxVersion === 3 ? 3 : 2
  const about = faults.filter(({ scope }) => scope === 'interchange')
  const ofGroup = (group: Group) => faults.filter((fault) => fault.scope === 'group' && groups.findLast((one) => one.ung.offset <= fault.offset) === group)
  const partial = messages.some(({ faults: own }) => own.length > 0) || groups.some((group) => ofGroup(group).length > 0)

  const body: Segment[] = [segment('UCI', short(interchange.reference, 14), party(sender, version), party(recipient, version), ...status(about.length > 0 ? rejected : partial ? received : acknowledged, about[0], version))]
  // Of an interchange that is refused or acknowledged as a whole, nothing more is to be said.
  if (about.length === 0 && partial) {
    const report = (group: Group | undefined) => messages.filter((one) => one.group === group).flatMap((message) => messageReport(message, version))
    body.push(...report(undefined))
    for (const group of groups) {
      const own = ofGroup(group)
      body.push(segment('UCF', group.reference, [group.sender.id, group.sender.qualifier ?? ''], [group.recipient.id, group.recipient.qualifier ?? ''], ...status(own.length > 0 ? rejected : acknowledged, own[0], version)))
      if (own.length === 0) body.push(...report(group))
    }
  }
  const unh = segment('UNH', '1', version === 4 ? ['CONTRL', '4', '1', 'UN'] : version === 3 ? ['CONTRL', 'D', '3', 'UN'] : ['CONTRL', '2', '1', 'UN'])
  const header = { syntaxIdentifier, syntaxVersion, sender: recipient, recipient: sender, preparedAt: at, reference, test }
  // What is quoted was read in this character set and can be written in it, whatever its level allows.
  return buildInterchange(header, [closeMessage(unh, body)], { characters: layout.characters, una: layout.una, charset: interchange.charset, repertoire: false })
}

function messageReport({ reference, id, faults }: ReportedMessage, version: number): Segment[] {
  const envelope = faults.find(({ tag }) => tag === 'UNH' || tag === 'UNT')
  const identifier = [short(id.type, 6), short(id.version, 3), short(id.release, 3), short(id.agency, version === 4 ? 3 : 2), short(id.association, 6)]
  return [segment('UCM', short(reference, 14), identifier, ...status(faults.length > 0 ? rejected : acknowledged, envelope, version)), ...segmentReports(faults, version)]
}

/** One UCS a segment, with its own error or those of its elements. */
function segmentReports(faults: readonly EdifactFault[], version: number): Segment[] {
  const bySegment = new Map<number, EdifactFault[]>()
  for (const fault of faults) if (fault.segment > 0 && fault.tag !== 'UNH' && fault.tag !== 'UNT') bySegment.set(fault.segment, [...(bySegment.get(fault.segment) ?? []), fault])
  const reports: Segment[] = []
  for (const [position, own] of [...bySegment].slice(0, mostSegments)) {
    const whole = own.filter(({ element }) => element === 0)
    const elements = own.filter(({ element }) => element > 0)
    // A UCS carries one error of the segment itself: several stand one behind the other.
    for (const fault of whole.slice(0, -1)) reports.push(segment('UCS', String(position), fault.code))
    reports.push(segment('UCS', String(position), whole.at(-1)?.code))
    for (const fault of elements.slice(0, mostElements)) reports.push(segment('UCD', fault.code, place(fault, version)))
  }
  return reports.slice(0, mostSegments)
}

/** 0083, 0085, 0013 and S011, as UCI, UCF and UCM end. */
function status(action: string, fault: EdifactFault | undefined, version: number): ElementInput[] {
  if (!fault) return [action]
  const named = serviceTags.has(fault.tag)
  return [action, fault.code, named ? fault.tag : undefined, named && fault.element > 0 ? place(fault, version) : undefined]
}

/** S011: element and component; in syntax 4 the repetition too. */
function place(fault: EdifactFault, version: number): string[] {
  return [String(controlPosition(fault)), fault.component > 0 ? String(fault.component) : '', version === 4 && fault.repetition > 1 ? String(fault.repetition) : '']
}

function party({ id, qualifier = '', routing = '' }: Interchange['sender'], version: number): string[] {
  const address = version === 4 ? 35 : 14
  return [short(id, 35), short(qualifier, 4), short(routing, address)]
}

/** As long as the element may be: what was too long is what is reported. */
const short = (text: string, most: number) => text.slice(0, most)

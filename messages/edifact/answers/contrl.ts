// contrl — the syntax and service report (CONTRL) of one received interchange: what was acknowledged, what was
// rejected, why and where. Pure; says nothing
// of content. Source: the CONTRL messages of syntax versions 2 and 3 (ISO 9735:1988 and amendment 1) and of version 4
// (ISO 9735-4:2002).
import { type Group, type Interchange, type MessageId } from '../envelope.js'
import { controlPosition, type EdifactFault } from '../fault.js'
import { segment, significant, value, type ElementInput, type Segment } from '../segment.js'
import { type SyntaxErrorCode } from '../syntax-errors.js'
import { answerPieces, answerSyntax, fitFor, type AnswerHeader, type Fit } from './answer-envelope.js'

/**
 * What became of one message of the interchange, by syntax alone: what an operation or an agency thinks of it is said
 * in APERAK or CUSRES.
 */
interface ControlledMessage {
  /** 0062 */
  reference: string
  id: MessageId
  group?: Group | undefined
  /** Errors reject it; warnings are not reported. */
  faults: readonly EdifactFault[]
}

/** What a CONTRL acknowledges or refuses. */
interface Controlled extends AnswerHeader {
  interchange: Interchange | undefined
  /** Of the interchange and its groups. */
  faults: readonly EdifactFault[]
  groups?: readonly Group[]
  messages: readonly ControlledMessage[]
}

/**
 * 0083. 7: this level acknowledged, and the next lower one where it is not rejected by name; 4: this level and all
 * lower ones rejected. 8 (received, nothing said of its contents) is never needed: everything is checked before it is
 * answered.
 */
const acknowledged = '7'
const rejected = '4'

/**
 * Most UCS of a message and most UCD of a UCS, by the branching diagram. What is beyond is left out: the sender has
 * enough to mend.
 */
const mostSegments = 999
const mostElements = 99

/** Codes of 0085 that syntax versions 1 to 3 do not have, by the nearest one they do. */
const before4: Partial<Record<SyntaxErrorCode, SyntaxErrorCode>> = { '45': '16', '46': '2', '47': '15', '48': '12' }

/** What 0013 and 0135 may name; a segment of a message that stands outside any is not among them. */
const serviceTags: ReadonlySet<string> = new Set(['UNA', 'UNB', 'UNE', 'UNG', 'UNH', 'UNS', 'UNT', 'UNZ'])
const serviceTags4: ReadonlySet<string> = new Set([...serviceTags, 'UGH', 'UGS', 'UNO', 'UNP'])

/**
 * The CONTRL, a whole interchange ready to send. Undefined where none may or can be sent: for an interchange of CONTRL
 * only (it is never answered by another), and where UNB or its sender could not be read, so that there is nobody to
 * answer. Where a copied value is missing or too long in the original, a blank filler or the beginning of it stands
 * instead: the answer is always valid.
 */
export function buildContrl(controlled: Controlled): Uint8Array | undefined {
  const pieces = [...contrlPieces(controlled)]
  return pieces.length === 0 ? undefined : Buffer.concat(pieces)
}

/**
 * The same segment by segment, so that the CONTRL of thousands of messages can be made in slices; nothing where there
 * is none.
 */
export function* contrlPieces(controlled: Controlled): Generator<Uint8Array, void, void> {
  const { interchange, faults, groups = [], messages, ...header } = controlled
  if (!interchange || significant(value(interchange.unb, 2, 1)) === '') return
  const answerable = messages.filter(({ id }) => id.type !== 'CONTRL')
  if (messages.length > 0 && answerable.length === 0) return
  const writer = responses(interchange)
  const errors = faults.filter(isError)
  const torn = errors.find(({ scope }) => scope === 'interchange')
  // Of an interchange that is acknowledged or rejected as a whole nothing more is said; else each message has its own
  // line, the right ones too.
  const partly = errors.length > 0 || answerable.some((message) => message.faults.some(isError))
  function* body(): Generator<Segment, void, void> {
    yield writer.uci(torn)
    if (torn || !partly) return
    const byGroup = new Map<Group | undefined, ControlledMessage[]>()
    for (const message of answerable) {
      const same = byGroup.get(message.group)
      if (same) same.push(message)
      else byGroup.set(message.group, [message])
    }
    const faultOf = firstFaults(errors, groups)
    for (const message of byGroup.get(undefined) ?? []) yield* writer.message(message)
    for (const group of groups) {
      const fault = faultOf.get(group)
      yield writer.ucf(group, fault)
      // A group that is rejected has been answered with all that is in it.
      if (!fault) for (const message of byGroup.get(group) ?? []) yield* writer.message(message)
    }
  }
  yield* answerPieces(interchange, header, [closingMessage(segment('UNH', '1', writer.identifier), body())])
}

/** UNH, what follows, and UNT with their count. */
function* closingMessage(unh: Segment, body: Iterable<Segment>): Generator<Segment, void, void> {
  yield unh
  let count = 2
  for (const one of body) {
    count++
    yield one
  }
  yield segment('UNT', String(count), value(unh, 1))
}

const isError = ({ severity }: EdifactFault) => severity === 'error'

/** The first error of each group: of the one that was open, or had just been closed, at its place. */
function firstFaults(errors: readonly EdifactFault[], groups: readonly Group[]): Map<Group, EdifactFault> {
  const found = new Map<Group, EdifactFault>()
  for (const fault of errors) {
    const group = fault.scope === 'group' ? groups.findLast(({ ung }) => ung.offset <= fault.offset) : undefined
    if (group && !found.has(group)) found.set(group, fault)
  }
  return found
}

/** The segments of a CONTRL, in the form of the interchange's syntax version. */
function responses(interchange: Interchange) {
  const version = answerSyntax(interchange)
  const fit = fitFor(interchange)
  const codeOf = ({ code }: EdifactFault) => (version >= 4 ? code : (before4[code] ?? code))

  /** S011: the tag counts as the first element; the component only of composites; the occurrence in version 4 only. */
  function position({ element, component, repetition }: EdifactFault, at: number): ElementInput {
    if (element === 0 || at > 999) return undefined
    const occurrence = version >= 4 && repetition > 1 ? String(repetition) : ''
    return [String(at), component > 0 && component <= 999 ? String(component) : '', occurrence]
  }

  /** 0083, 0085, 0013/0135 and S011 of UCI, UCF and UCM. */
  function verdict(fault: EdifactFault | undefined, action: string): ElementInput[] {
    if (!fault) return [action]
    const known = (version >= 4 ? serviceTags4 : serviceTags).has(fault.tag)
    return [
      action,
      codeOf(fault),
      known ? fault.tag : undefined,
      known ? position(fault, controlPosition(fault)) : undefined,
    ]
  }

  function message({ reference, id, faults }: ControlledMessage): Segment[] {
    const errors = faults.filter(isError)
    // The first fault of UNH or UNT stands in UCM itself, which has room for one; all others in the segments' own
    // places.
    const own = errors.find(({ tag }) => tag === 'UNH' || tag === 'UNT')
    const ucm = segment(
      'UCM',
      fit(reference, 14) || filler(version),
      messageIdentifier(id, version, fit),
      ...verdict(own, errors.length > 0 ? rejected : acknowledged),
    )
    return [ucm, ...segmentErrors(errors.filter((one) => one !== own))]
  }

  /** UCS of each segment, with the faults of its elements behind it; faults of one segment stand together. */
  function segmentErrors(errors: readonly EdifactFault[]): Segment[] {
    const found: Segment[] = []
    let open: { position: number; count: number } | undefined
    let written = 0
    const whole = new Set<string>()
    for (const fault of [...errors].sort((a, b) => a.segment - b.segment || a.element - b.element)) {
      const at = controlPosition(fault)
      const ofElement = fault.element > 0 && at <= 999
      // A tag in small letters is wrong twice, as a segment and as a tag; to its sender that is one thing.
      if (!ofElement && whole.size === whole.add(`${fault.segment} ${codeOf(fault)}`).size) continue
      if (!ofElement || open?.position !== fault.segment) {
        if (++written > mostSegments) return found
        // What is wrong with the segment as a whole has a UCS to itself, and the faults of its elements may follow
        // under it.
        found.push(
          segment('UCS', String(Math.min(999_999, Math.max(1, fault.segment))), ofElement ? undefined : codeOf(fault)),
        )
        open = { position: fault.segment, count: 0 }
      }
      if (ofElement && open.count++ < mostElements) found.push(segment('UCD', codeOf(fault), position(fault, at)))
    }
    return found
  }

  /** S002, S003, S006 and S007 as they were sent. */
  function parties(source: Segment, lengths: readonly number[], mandatory: boolean): ElementInput[] {
    return [2, 3].map((element) => {
      const [id = '', ...more] = lengths.map((length, i) => fit(significant(value(source, element, i + 1)), length))
      return id === '' && !mandatory ? undefined : [id === '' ? '0' : id, ...more]
    })
  }

  const routing = version >= 4 ? [35, 35] : [14]
  return {
    message,
    identifier:
      version >= 4
        ? ['CONTRL', '4', '1', 'UN']
        : version === 3
          ? ['CONTRL', 'D', '3', 'UN']
          : ['CONTRL', '2', '1', 'UN'],
    uci: (fault: EdifactFault | undefined) =>
      segment(
        'UCI',
        fit(interchange.reference, 14) || '0',
        ...parties(interchange.unb, [35, 4, ...routing], true),
        ...verdict(fault, fault ? rejected : acknowledged),
      ),
    ucf: (group: Group, fault: EdifactFault | undefined) =>
      segment(
        'UCF',
        fit(group.reference, 14) || '0',
        ...parties(group.ung, [35, 4], version < 4),
        ...verdict(fault, fault ? rejected : acknowledged),
      ),
  }
}

/** 0062 of a message that has none: left out where version 4 lets it be. */
const filler = (version: number) => (version >= 4 ? undefined : '0')

/** S009 as UNH gave it; what it did not give is filled in, or all left out where version 4 lets it be. */
function messageIdentifier(
  { type, version, release, agency, association }: MessageId,
  syntaxVersion: number,
  fit: Fit,
): ElementInput {
  const parts = [fit(type, 6), fit(version, 3), fit(release, 3), fit(agency, syntaxVersion >= 4 ? 3 : 2)]
  if (parts.includes('') && syntaxVersion >= 4) return undefined
  return [...parts.map((part) => (part === '' ? '0' : part)), fit(association, 6)]
}

// parts — an interchange cut into what is filed one by one: each message alone in the envelope it came in, so that every part can be read,
// checked, kept and sent on by itself. An interchange of one message is its own part, byte for byte.
import { type EdifactFault } from './fault.js'
import { type Group, type Interchange, type MessageId } from './envelope.js'
import { InterchangeReader, type ReaderEvent, type ReaderOptions } from './reader.js'
import { segment } from './segment.js'
import { createPen, UnwritableError, type Pen } from './writer.js'

export interface EdifactPart {
  /** A whole interchange of one message. */
  readonly bytes: Uint8Array
  /** 0062 */
  readonly reference: string
  readonly id: MessageId
  readonly group: Group | undefined
  /** Lines of the interchange before the part's own first line of message: added to the line of a fault. */
  readonly linesBefore: number
  /** What is wrong with the group it stands in: it cannot be taken. */
  readonly groupFaults: readonly EdifactFault[]
}

export interface CutInterchange {
  /** Undefined when not even UNB could be read. */
  readonly interchange: Interchange | undefined
  readonly groups: readonly Group[]
  /** All that is wrong with the interchange and its groups. */
  readonly faults: readonly EdifactFault[]
  /** Its bytes: from UNA or UNB to UNZ, or to where reading ended. */
  readonly bytes: Uint8Array
  /** In their order. None are filed when one of `faults` is an error about the interchange. */
  readonly parts: readonly EdifactPart[]
}

interface Found {
  reference: string
  id: MessageId
  group: Group | undefined
  offset: number
  length: number
  line: number
}

/** @param received one or more interchanges, as they came @returns at least one, the last of which may be broken */
export function cutInterchanges(received: Uint8Array, options: ReaderOptions = {}): CutInterchange[] {
  const bytes = singleByte(received)
  // Only where messages begin and end is wanted here; what is in them is looked at part by part.
  const reader = new InterchangeReader({ ...options, stream: true })
  const cut: CutInterchange[] = []
  let messages: Found[] = []
  let groups: Group[] = []
  let start = 0
  // All of it is what came, whatever its encoding.
  const slice = (from: number, to: number) => (from === 0 && to === bytes.length ? received : bytes.subarray(from, to))
  const take = (event: ReaderEvent) => {
    if (event.kind === 'message') {
      const { reference, id, group, offset, length, line } = event.message
      messages.push({ reference, id, group, offset, length, line })
    } else if (event.kind === 'group') groups.push(event.group)
    else if (event.kind === 'end') {
      const { interchange, faults } = event
      const next = startOfNext(bytes, messages.at(-1), interchange)
      const whole = slice(start, next)
      const parts = interchange
        ? messages.map((message) => partOf(bytes, whole, interchange, message, messages.length, faults, groups))
        : []
      cut.push({ interchange, groups, faults, bytes: whole, parts })
      start = next
      messages = []
      groups = []
    }
  }
  for (const event of reader.push(bytes)) take(event)
  for (const event of reader.end()) take(event)
  const last = cut.at(-1)
  // What lies behind the last interchange belongs to it: line breaks, as a rule.
  if (last && start < bytes.length) {
    const whole = slice(start - last.bytes.length, bytes.length)
    cut[cut.length - 1] = {
      ...last,
      bytes: whole,
      parts: last.parts.map((part) => (part.bytes === last.bytes ? { ...part, bytes: whole } : part)),
    }
  }
  return cut
}

/** UTF-16 as UTF-8, as the reader counts its places. */
function singleByte(bytes: Uint8Array): Uint8Array {
  const little = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x55 && bytes[1] === 0)
  const big = (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] === 0x55)
  return little || big ? Buffer.from(new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes)) : bytes
}

/** Where the interchange ends: behind its UNZ, which is the first one after its last message. */
function startOfNext(bytes: Uint8Array, last: Found | undefined, interchange: Interchange | undefined): number {
  if (!interchange) return bytes.length
  const { characters } = interchange.layout
  const from = last ? last.offset + last.length : interchange.unb.offset + interchange.unb.length
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const unz = text.indexOf('UNZ', from, 'latin1')
  const end = unz < 0 ? -1 : bytes.indexOf(characters.terminator, unz)
  return end < 0 ? bytes.length : end + 1
}

function partOf(
  bytes: Uint8Array,
  whole: Uint8Array,
  interchange: Interchange,
  message: Found,
  count: number,
  faults: readonly EdifactFault[],
  groups: readonly Group[],
): EdifactPart {
  const { reference, id, group } = message
  const groupFaults = group
    ? faults.filter(
        (fault) => fault.scope === 'group' && fault.severity === 'error' && groupAt(groups, fault.offset) === group,
      )
    : []
  const own = { reference, id, group, groupFaults }
  if (count === 1) return { ...own, bytes: whole, linesBefore: 0 }
  const { layout, unb } = interchange
  const pen = createPen(interchange.syntaxIdentifier, interchange.syntaxVersion, {
    characters: layout.characters,
    newline: layout.newline,
    charset: interchange.charset,
  })
  const line = Buffer.from(layout.newline, 'latin1')
  const slice = (offset: number, length: number) => [bytes.subarray(offset, offset + length), line]
  const pieces = [
    ...(layout.una ? [pen.una()] : []),
    ...slice(unb.offset, unb.length),
    ...(group ? slice(group.ung.offset, group.ung.length) : []),
    ...slice(message.offset, message.length),
    ...(group ? [closing(pen, 'UNE', group.reference)] : []),
    closing(pen, 'UNZ', interchange.reference),
  ]
  const before = layout.newline === '' ? 0 : Number(layout.una) + 1 + Number(group !== undefined)
  return { ...own, bytes: Buffer.concat(pieces), linesBefore: message.line - 1 - before }
}

/** A reference that cannot be written (a control character, a byte outside the character set) is a fault of its envelope: it must not keep the rest from being told. */
function closing(pen: Pen, tag: string, reference: string): Uint8Array {
  try {
    return pen.segment(segment(tag, '1', reference))
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error
    return pen.segment(segment(tag, '1', reference.replace(/[^A-Za-z0-9]/g, '.')))
  }
}

/** The group that was open, or had just been closed, at this place. */
function groupAt(groups: readonly Group[], offset: number): Group | undefined {
  return groups.findLast((group) => group.ung.offset <= offset)
}

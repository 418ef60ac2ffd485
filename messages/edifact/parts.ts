// parts — an interchange cut into what is filed one by one: each message alone in the envelope it came in, so that
// every part can be read, checked, kept and sent on by itself. An interchange of one message is its own part, byte for
// byte.
import { type EdifactFault } from './fault.js'
import { charsetUnder } from './charset.js'
import { type Group, type Interchange, type MessageId } from './envelope.js'
import { InterchangeReader, type ReaderEvent, type ReaderOptions } from './reader.js'
import { segment } from './segment.js'
import { atOnce } from '../turns.js'
import { createPen, UnwritableError, type Pen } from './writer.js'

/** One message with its envelope, so that it can go its way alone. */
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
  /** What only the whole interchange shows of the message, and its part does not: a reference used twice. */
  readonly faults: readonly EdifactFault[]
}

/** An interchange that was cut into its messages. */
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

/** 0085 of a reference that an earlier message bears. */
const usedTwice = '26'

interface FoundMessage {
  reference: string
  id: MessageId
  group: Group | undefined
  offset: number
  length: number
  line: number
  faults: readonly EdifactFault[]
}

/** How an interchange is cut; limits of what is kept in memory. */
interface CutOptions extends ReaderOptions {
  /**
   * Most parts of all interchanges together; an interchange or a group without a message counts as one. Default: no
   * limit.
   */
  maxParts?: number
  /** Most bytes of all parts together: each carries its envelope, which may be long. Default: no limit. */
  maxPartBytes?: number
}

/** Why not all was cut: then `cut` holds the first interchange alone, without parts. */
interface CutBeyond {
  beyond: 'parts' | 'bytes'
  cut: CutInterchange[]
}

/** @param received one or more interchanges, as they came @returns at least one, the last of which may be broken */
export function cutInterchanges(received: Uint8Array, options: ReaderOptions = {}): CutInterchange[] {
  return atOnce(cuttingInterchanges(received, options)).cut
}

/** How many bytes are read between two places where the work can be interrupted. */
const readAtOnce = 16_384

/** The same as a work that can be interrupted (messages/turns.ts), and that ends where a limit is reached. */
export function* cuttingInterchanges(
  received: Uint8Array,
  { maxParts = Infinity, maxPartBytes = Infinity, ...options }: CutOptions = {},
): Generator<void, { cut: CutInterchange[]; beyond?: undefined } | CutBeyond, void> {
  const bytes = yield* singleByte(received)
  // Only where messages begin and end is wanted here; what is in them is looked at part by part.
  const charset = charsetUnder(options.charset, bytes)
  const reader = new InterchangeReader({ ...options, ...(charset === undefined ? {} : { charset }), stream: true })
  const cut: CutInterchange[] = []
  let messages: FoundMessage[] = []
  let groups: Group[] = []
  let start = 0
  /** Parts so far, and those the open interchange will have at least. */
  let count = 0
  let open = 0
  let partBytes = 0
  let first: Interchange | undefined
  // All of it is what came, whatever its encoding.
  const slice = (from: number, to: number) => (from === 0 && to === bytes.length ? received : bytes.subarray(from, to))
  function* take(event: ReaderEvent): Generator<void, void, void> {
    if (event.kind === 'interchange') first ??= event.interchange
    else if (event.kind === 'message') {
      const { reference, id, group, offset, length, line } = event.message
      const faults = event.message.faults.filter(({ code }) => code === usedTwice)
      messages.push({ reference, id, group, offset, length, line, faults })
      open++
    } else if (event.kind === 'group') groups.push(event.group)
    else if (event.kind === 'group-end') open += event.messages === 0 ? 1 : 0
    else if (event.kind === 'end') {
      const { interchange, faults, endOffset } = event
      const next = endOffset ?? bytes.length
      const whole = slice(start, next)
      const parts: EdifactPart[] = []
      if (interchange) {
        const faultsOf = groupFaults(faults, groups)
        for (const message of messages) {
          const part = partOf({ bytes, start, whole, interchange, message, count: messages.length, faultsOf })
          parts.push(part)
          partBytes += part.bytes.length
          if (partBytes > maxPartBytes) break
          yield
        }
      }
      cut.push({ interchange, groups, faults, bytes: whole, parts })
      count += Math.max(1, open)
      open = 0
      start = next
      messages = []
      groups = []
      yield
    }
  }
  const beyond = () => (count + open > maxParts ? 'parts' : partBytes > maxPartBytes ? 'bytes' : undefined)
  function* all(): Generator<ReaderEvent | undefined, void, void> {
    for (let at = 0; at < bytes.length; at += readAtOnce) {
      yield* reader.push(bytes.subarray(at, at + readAtOnce))
      yield undefined
    }
    yield* reader.end()
  }
  for (const event of all()) {
    if (event === undefined) {
      yield
      continue
    }
    if (event.kind === 'segment') continue
    yield* take(event)
    const why = beyond()
    if (why) return { beyond: why, cut: [{ interchange: first, groups: [], faults: [], bytes: received, parts: [] }] }
  }
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
  return { cut }
}

/** UTF-16 as UTF-8, as the reader counts its places. */
function* singleByte(bytes: Uint8Array): Generator<void, Uint8Array, void> {
  const little = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x55 && bytes[1] === 0)
  const big = (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] === 0x55)
  if (!little && !big) return bytes
  const decoder = new TextDecoder(little ? 'utf-16le' : 'utf-16be')
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += readAtOnce * 8) {
    const piece = bytes.subarray(at, at + readAtOnce * 8)
    pieces.push(Buffer.from(decoder.decode(piece, { stream: at + piece.length < bytes.length })))
    yield
  }
  return Buffer.concat(pieces)
}

interface PartParts {
  bytes: Uint8Array
  /** Where its interchange begins in them. */
  start: number
  whole: Uint8Array
  interchange: Interchange
  message: FoundMessage
  /** Messages of the interchange. */
  count: number
  faultsOf: (group: Group | undefined) => readonly EdifactFault[]
}

function partOf({ bytes, start, whole, interchange, message, count, faultsOf }: PartParts): EdifactPart {
  const { reference, id, group } = message
  const own = { reference, id, group, groupFaults: faultsOf(group), faults: message.faults }
  if (count === 1) {
    const linesBefore = Math.max(0, message.line - 1 - lineBreaks(bytes.subarray(start, message.offset)))
    return { ...own, bytes: whole, linesBefore }
  }
  const { layout, unb } = interchange
  const pen = createPen(interchange.syntaxIdentifier, interchange.syntaxVersion, {
    characters: layout.characters,
    newline: layout.newline,
    charset: interchange.charset,
  })
  const line = Buffer.from(layout.newline, 'latin1')
  const slice = (offset: number, length: number) => [bytes.subarray(offset, offset + length), line]
  const before = [
    ...(layout.una ? [pen.una()] : []),
    ...slice(unb.offset, unb.length),
    ...(group ? slice(group.ung.offset, group.ung.length) : []),
  ]
  const pieces = [
    ...before,
    ...slice(message.offset, message.length),
    ...(group ? [closing(pen, 'UNE', group.reference)] : []),
    closing(pen, 'UNZ', interchange.reference),
  ]
  // Line breaks inside a segment (records cut at a fixed width) are kept, and count.
  const linesBefore = Math.max(0, message.line - 1 - lineBreaks(Buffer.concat(before)))
  return { ...own, bytes: Buffer.concat(pieces), linesBefore }
}

const lineBreaks = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .match(/\r\n?|\n/g)?.length ?? 0

/**
 * A reference that cannot be written (a control character, a byte outside the character set) is a fault of its
 * envelope: it must not keep the rest from being told.
 */
function closing(pen: Pen, tag: string, reference: string): Uint8Array {
  try {
    return pen.segment(segment(tag, '1', reference))
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error
    return pen.segment(segment(tag, '1', reference.replace(/[^A-Za-z0-9]/g, '.')))
  }
}

const none: readonly EdifactFault[] = []

/** The errors of each group, looked for once. */
function groupFaults(faults: readonly EdifactFault[], groups: readonly Group[]): PartParts['faultsOf'] {
  const found = new Map<Group, EdifactFault[]>()
  for (const fault of faults) {
    const group = fault.scope === 'group' && fault.severity === 'error' ? groupAt(groups, fault.offset) : undefined
    if (group) found.set(group, [...(found.get(group) ?? []), fault])
  }
  return (group) => (group && found.get(group)) ?? none
}

/** The group that was open, or had just been closed, at this place. */
function groupAt(groups: readonly Group[], offset: number): Group | undefined {
  return groups.findLast((group) => group.ung.offset <= offset)
}

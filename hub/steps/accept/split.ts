// split — one interchange becomes its messages: a plain body is one, a zip is one with attachments, or a batch; EDIFACT
// is cut message by message.
import type { Attachment, Inbound } from '../../../messages/inbound.js'
import { cuttingInterchanges, type CutInterchange, type EdifactPart } from '../../../messages/edifact/parts.js'
import type { EdifactSettings } from '../../../messages/edifact/settings.js'
import { detectSyntax } from '../../../messages/syntax.js'
import { createTurn, inTurns } from '../../../messages/turns.js'
import { fault } from '../../../messages/errors.js'
import type { Fault } from '../../../messages/fault.js'
import { isSystemFile } from '../../../messages/system-file.js'
import { unzip, type UnzipLimits, type ZipEntry } from './unzip.js'

/** What is over a limit is a fault of the delivery, or of one of its files. */
export interface SplitLimits extends UnzipLimits {
  /** Largest body, and largest sum of all files of a zip once inflated, in bytes. */
  maxBytes: number
  /**
   * Most messages of one delivery: of all its interchanges and of all files of a zip together. An attachment counts as
   * one, and so does an interchange or a group without a message: each is looked at and answered. Default 5000.
   */
  maxMessages?: number
}

/**
 * One message of an interchange. `bytes` may be empty: a zip can hold an empty file, and that message is refused, not
 * its siblings.
 */
export interface MessagePart {
  bytes: Buffer
  /** The file name inside the zip, or the interchange's own. */
  name?: string
  attachments: Attachment[]
  /** Why it is not looked at: the file it is, or stands in, cannot be taken. */
  refused?: Fault
  /**
   * Of EDIFACT: the interchange it stood in, and its own place there. A part without `message` is an interchange
   * refused as a whole.
   */
  edifact?: { interchange: CutInterchange; message?: EdifactPart }
}

/** `edifact`: every EDIFACT interchange that was found; each is owed a CONTRL. */
export type Split = { parts: MessagePart[]; edifact?: CutInterchange[] } | Refusal

/** A delivery refused as a whole. `edifact`: the interchange that is answered for it, rejected. */
interface Refusal {
  refused: Fault
  edifact?: CutInterchange
}

/**
 * Splits an interchange. What is wrong with it is a result, never an error.
 *
 * A zip's rule: exactly one XML is the message and everything else its attachments; several XMLs alone are a batch;
 * several XMLs among other files need one of the zip's own base name, and that one is the message. A zip in a zip is an
 * attachment.
 */
export async function split(inbound: Inbound, limits: SplitLimits, edifact: EdifactSettings = {}): Promise<Split> {
  const { more = [], ...first } = inbound
  if (more.length === 0) {
    const files = await filesOf(first, limits)
    if ('refused' in files) return files
    await roomForCutting(inbound, files.parts)
    return cut(files.parts, limits, edifact)
  }
  const parts: MessagePart[] = []
  let room = limits.maxBytes
  for (const { bytes, filename } of [first, ...more]) {
    const { filename: _, ...sender } = first
    const files = await filesOf({ ...sender, bytes, ...(filename === undefined ? {} : { filename }) }, limits)
    if ('parts' in files) {
      parts.push(...files.parts)
      room -= files.parts.reduce((sum, part) => sum + part.bytes.length, 0)
      // Each zip is bounded by itself; together they must not be many times as much.
      if (room < 0) return { refused: fault('HUB_TOO_LARGE', { limit: limits.maxBytes }) }
    } else
      parts.push({
        bytes,
        ...(filename === undefined ? {} : { name: filename }),
        attachments: [],
        refused: files.refused,
      })
  }
  await roomForCutting(inbound, parts)
  return cut(parts, limits, edifact)
}

/** The messages of EDIFACT are copies, each with its envelope. */
async function roomForCutting(inbound: Inbound, files: readonly MessagePart[]): Promise<void> {
  const bytes = files.reduce((sum, file) => sum + (detectSyntax(file.bytes) === 'edifact' ? file.bytes.length : 0), 0)
  if (bytes > 0) await inbound.room?.take(bytes)
}

const mostMessages = 5_000

/**
 * EDIFACT files become their messages. Attachments beside a file of several messages refuse it: nothing says whose they
 * are.
 */
async function cut(
  files: MessagePart[],
  { maxMessages = mostMessages, maxBytes }: SplitLimits,
  settings: EdifactSettings,
): Promise<Split> {
  const beside = files.flatMap(({ attachments }) => attachments)
  let left = maxMessages - beside.length
  // Every message carries the envelope it came in, and what came beside it: a long one before many must not make
  // gigabytes of a few bytes.
  let bytesLeft = maxBytes * 2 - beside.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const tooMany = fault('HUB_TOO_MANY', { limit: maxMessages })
  const tooLarge = fault('HUB_TOO_LARGE', { limit: maxBytes })
  if (left < files.length) return { refused: tooMany }
  if (bytesLeft < 0) return { refused: tooLarge }
  const found: CutInterchange[] = []
  const parts: MessagePart[] = []
  const turn = createTurn()
  for (const file of files) {
    if (file.refused || detectSyntax(file.bytes) !== 'edifact') {
      parts.push(file)
      left--
    } else {
      const result = await inTurns(
        cuttingInterchanges(file.bytes, {
          maxMessages: maxMessages + 1,
          maxParts: left,
          maxPartBytes: bytesLeft,
          ...(settings.charset === undefined ? {} : { charset: settings.charset }),
        }),
        turn,
      )
      if (result.beyond !== undefined) {
        const refused = result.beyond === 'parts' ? tooMany : tooLarge
        return { refused, ...(result.cut[0] ? { edifact: result.cut[0] } : {}) }
      }
      const messages = result.cut.flatMap((interchange) => partsOf(file, interchange))
      const unclear = messages.length > 1 && file.attachments.length > 0
      found.push(...result.cut)
      parts.push(
        ...(unclear
          ? messages.map((one) => ({ ...one, attachments: [], refused: fault('HUB_ATTACHMENT_UNCLEAR') }))
          : messages),
      )
      left -= messages.length
      bytesLeft -= messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
    }
    if (left < 0) return { refused: tooMany }
    await turn()
  }
  return found.length === 0 ? { parts } : { parts, edifact: found }
}

function partsOf(file: MessagePart, interchange: CutInterchange): MessagePart[] {
  const whole = interchange.faults.some(({ scope, severity }) => scope === 'interchange' && severity === 'error')
  if (whole || interchange.parts.length === 0)
    return [{ ...file, bytes: own(interchange.bytes, file), edifact: { interchange } }]
  return interchange.parts.map((message) => ({
    ...file,
    bytes: own(message.bytes, file),
    edifact: { interchange, message },
  }))
}

const own = (bytes: Uint8Array, file: MessagePart): Buffer =>
  bytes === file.bytes ? file.bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function filesOf(inbound: Inbound, limits: SplitLimits): Promise<{ parts: MessagePart[] } | Refusal> {
  const { bytes } = inbound
  if (isBlank(bytes)) return { refused: fault('HUB_EMPTY') }
  if (bytes.length > limits.maxBytes) return { refused: fault('HUB_TOO_LARGE', { limit: limits.maxBytes }) }
  if (!isZip(inbound)) {
    return {
      parts: [
        {
          bytes,
          ...(inbound.filename === undefined ? {} : { name: inbound.filename }),
          attachments: besideOf(inbound),
        },
      ],
    }
  }
  const { room } = inbound
  const opened = await unzip(bytes, {
    ...limits,
    ...(room ? { take: (more: number) => room.take(more) } : {}),
  })
  if ('refused' in opened) return opened
  if (opened.entries.length === 0) return { refused: fault('HUB_EMPTY') }
  return assign(opened.entries, inbound)
}

const besideOf = ({ attachments = [] }: Inbound): Attachment[] => attachments.filter(({ name }) => !isSystemFile(name))

/** Which of a zip's files are messages, and which are attachments to which. */
function assign(entries: ZipEntry[], inbound: Inbound): { parts: MessagePart[] } | Refusal {
  const beside = besideOf(inbound)
  const messages = messageFiles(entries)
  const [first] = messages
  if (!first) return { refused: fault('HUB_ZIP_NO_MESSAGE') }
  if (messages.length === entries.length && beside.length === 0) {
    return { parts: messages.map(({ name, bytes }) => ({ bytes, name, attachments: [] })) }
  }
  const main = messages.length === 1 ? first : messages.find(({ name }) => base(name) === base(inbound.filename ?? ''))
  if (!main) return { refused: fault('HUB_ZIP_NO_MESSAGE') }
  const attachments = entries.filter((entry) => entry !== main).map(({ name, bytes }): Attachment => ({ name, bytes }))
  return { parts: [{ bytes: main.bytes, name: main.name, attachments: [...attachments, ...beside] }] }
}

/**
 * The XML files; where there are none, JSON (`.json`), the EDIFACT ones (`.edi`, or a body that opens with a segment)
 * and port flat files.
 */
function messageFiles(entries: ZipEntry[]): ZipEntry[] {
  const xml = entries.filter(({ name }) => /\.xml$/i.test(name))
  return xml.length > 0
    ? xml
    : entries.filter(
        ({ name, bytes }) =>
          /\.(edi|json)$/i.test(name) ||
          detectSyntax(bytes) === 'edifact' ||
          /^\s*00:[A-Z]{3,6}:/.test(bytes.toString('latin1', 0, 64)),
      )
}

function base(name: string): string {
  return name
    .replace(/^.*[/\\]/, '')
    .replace(/\.[^.]*$/, '')
    .normalize('NFC')
    .toLowerCase()
}

/** By what it says it is, or by its first bytes: a zip under a wrong name is still a zip, and can be nothing else. */
function isZip({ bytes, filename, contentType }: Inbound): boolean {
  if (/\.zip$/i.test(filename ?? '') || /^application\/(x-)?zip(-compressed)?\b/i.test(contentType ?? '')) return true
  return (
    bytes.length >= 4 &&
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  )
}

/** Nothing, or nothing but white space and a byte order mark. Only a small body is looked through. */
function isBlank(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes.length <= 1024 && /^(?:\xef\xbb\xbf)?\s*$/.test(bytes.toString('latin1')))
}

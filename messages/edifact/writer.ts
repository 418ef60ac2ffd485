// writer — segments become bytes: separators escaped, trailing empties left out, counts and references filled in.
// Strict where the reader is tolerant.
import { encode, repertoireOf, charsetOf, type CharsetName } from './charset.js'
import { segment, type ElementInput, type Segment } from './segment.js'
import { defaultCharacters, unaText, type ServiceCharacters } from './service-characters.js'

/** How an interchange is laid out. */
export interface WriteOptions {
  characters?: ServiceCharacters
  /** Write UNA. Default: only when the characters are not the default ones. */
  una?: boolean
  /** Between segments; default nothing. */
  newline?: string
  /** Default: what the syntax identifier of UNB says. */
  charset?: CharsetName
  /**
   * Refuse what is outside the repertoire of UNOA or UNOB. Default true; a partner who reads lower case in UNOA may
   * have it off.
   */
  repertoire?: boolean
}

/**
 * A value that cannot be written in the character set of its interchange. The caller chooses another, or tells the
 * sender.
 */
export class UnwritableError extends Error {
  override name = 'UnwritableError'
  constructor(
    readonly tag: string,
    readonly element: number,
    readonly component: number,
    /** The character that has no place. */
    readonly character: string,
  ) {
    super(
      `${tag} element ${element} component ${component}: '${character}' is not in the character set of the interchange`,
    )
  }
}

/** How an interchange is to be written, worked out once. */
export interface Pen {
  segment(s: Segment): Uint8Array
  una(): Uint8Array
}

/** A pen for an interchange of this syntax identifier and version (`UNOA`, 3). */
export function createPen(syntaxIdentifier: string, syntaxVersion: number, options: WriteOptions = {}): Pen {
  const c = options.characters ?? defaultCharacters
  const charset = options.charset ?? charsetOf(syntaxIdentifier)
  if (!charset) throw new TypeError(`syntax identifier ${syntaxIdentifier} is not known`)
  const repeats = c.repetition !== 0 && (syntaxVersion >= 4 || /^IAT[AB]$/.test(syntaxIdentifier))
  const special = [c.component, c.element, c.terminator, c.release, ...(repeats ? [c.repetition] : [])]
    .filter((x) => x !== 0)
    .map((x) => String.fromCharCode(x))
  const needsRelease = new RegExp(
    `[${special.map((x) => `\\x${x.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}]`,
    'g',
  )
  const releaseCharacter = c.release === 0 ? '' : String.fromCharCode(c.release)
  const repertoire =
    options.repertoire === false || options.charset !== undefined ? undefined : repertoireOf(syntaxIdentifier)
  const [component, element, repetition, terminator] = [c.component, c.element, c.repetition, c.terminator].map((x) =>
    String.fromCharCode(x),
  ) as [string, string, string, string]
  const newline = options.newline ?? ''

  const check = (s: Segment, text: string, e: number, n: number): string => {
    if (repertoire)
      for (let i = 0; i < text.length; i++)
        if (!repertoire.has(text.charCodeAt(i)))
          throw new UnwritableError(s.tag, e, n, String.fromCodePoint(text.codePointAt(i) ?? 0))

    const bad =
      /[\x00-\x1f\x7f]/.exec(text)?.[0] ?? (releaseCharacter === '' ? text.match(needsRelease)?.[0] : undefined)
    if (bad !== undefined) throw new UnwritableError(s.tag, e, n, bad)
    return text.replace(needsRelease, `${releaseCharacter}$&`)
  }

  return {
    una: () =>
      Buffer.from(
        unaText(repeats ? c : { ...c, repetition: syntaxVersion >= 4 ? c.repetition : 0 }) + newline,
        'latin1',
      ),
    segment(s) {
      const elements = s.elements.map((one, e) => {
        const written = one.map((components) =>
          withoutTrailing(components.map((text, n) => (text === '' ? '' : check(s, text, e + 1, n + 1)))).join(
            component,
          ),
        )
        if (written.length > 1 && !repeats) throw new UnwritableError(s.tag, e + 1, 1, repetition)
        return withoutTrailing(written).join(repetition)
      })
      const text = [s.tag, ...withoutTrailing(elements)].join(element) + terminator + newline
      const encoded = encode(text, charset)
      if ('impossible' in encoded) throw blame(s, encoded.impossible)
      return encoded.bytes
    },
  }
}

function withoutTrailing(parts: string[]): string[] {
  let end = parts.length
  while (end > 0 && parts[end - 1] === '') end--
  return end === parts.length ? parts : parts.slice(0, end)
}

/** The place of a character the whole segment could not be encoded for. */
function blame(s: Segment, character: string): UnwritableError {
  for (const [e, one] of s.elements.entries())
    for (const components of one)
      for (const [n, text] of components.entries())
        if (text.includes(character)) return new UnwritableError(s.tag, e + 1, n + 1, character)
  return new UnwritableError(s.tag, 0, 0, character)
}

/**
 * Segments as they stand, UNB first; nothing is counted or filled in. What the reader read comes out as it went in, if
 * it was canonical.
 */
export function writeSegments(segments: readonly Segment[], options: WriteOptions = {}): Uint8Array {
  const [unb] = segments
  if (unb?.tag !== 'UNB') throw new TypeError('an interchange begins with UNB')
  const pen = createPen(unb.elements[0]?.[0]?.[0] ?? '', Number(unb.elements[0]?.[0]?.[1]) || 0, options)
  const parts: Uint8Array[] = []
  const una =
    options.una ?? (options.characters !== undefined && unaText(options.characters) !== unaText(defaultCharacters))
  if (una) parts.push(pen.una())
  for (const s of segments) parts.push(pen.segment(s))
  return Buffer.concat(parts)
}

/** A party of an interchange or a group: identification, qualifier, address for routing. */
export interface Party {
  id: string
  qualifier?: string | undefined
  /** 0008 / 0014 */
  routing?: string | undefined
}

/** What UNB is to say. */
export interface InterchangeHeader {
  syntaxIdentifier: string
  syntaxVersion: number
  sender: Party
  recipient: Party
  /** UNB S004 in the sender's local time. */
  preparedAt: Date
  reference: string
  applicationReference?: string
  /** 0031 = 1: a CONTRL is asked for. */
  acknowledge?: boolean
  agreement?: string
  test?: boolean
}

/** `YYMMDD`/`CCYYMMDD` and `HHMM` of a time, in China Standard Time unless told otherwise. */
export function preparation(at: Date, syntaxVersion: number, offsetMinutes = 480): [string, string] {
  const iso = new Date(at.getTime() + offsetMinutes * 60_000).toISOString()
  const day = iso.slice(0, 10).replaceAll('-', '')
  return [syntaxVersion >= 4 ? day : day.slice(2), iso.slice(11, 16).replace(':', '')]
}

/** UNB of a header. */
export function unb(h: InterchangeHeader): Segment {
  const party = (p: Party): ElementInput => [p.id, p.qualifier ?? '', p.routing ?? '']
  return segment(
    'UNB',
    [h.syntaxIdentifier, String(h.syntaxVersion)],
    party(h.sender),
    party(h.recipient),
    preparation(h.preparedAt, h.syntaxVersion),
    h.reference,
    undefined,
    h.applicationReference,
    undefined,
    h.acknowledge ? '1' : undefined,
    h.agreement,
    h.test ? '1' : undefined,
  )
}

/** A message to be written: its UNH, its body, and the UNT that is counted here. */
export function closeMessage(unh: Segment, body: readonly Segment[]): Segment[] {
  return [unh, ...body, segment('UNT', String(body.length + 2), unh.elements[0]?.[0]?.[0] ?? '')]
}

/** An interchange of messages without groups. Each message is UNH … UNT as `closeMessage` makes it. */
export function buildInterchange(
  header: InterchangeHeader,
  messages: readonly (readonly Segment[])[],
  options: WriteOptions = {},
): Uint8Array {
  return writeSegments(
    [unb(header), ...messages.flat(), segment('UNZ', String(messages.length), header.reference)],
    options,
  )
}

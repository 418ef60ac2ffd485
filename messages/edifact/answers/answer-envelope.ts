// answer-envelope — the interchange an answer travels in: addressed back to who sent the interchange answered, in that
// one's own syntax, service characters and character set, since those are what its sender's system is known to read.
import { charsetOf, encode } from '../charset.js'
import { type Interchange } from '../envelope.js'
import { segment, significant, value, type Segment } from '../segment.js'
import { defaultCharacters, type ServiceCharacters } from '../service-characters.js'
import { createPen, preparation, type Party } from '../writer.js'

/** What the envelope of an answer says of itself. */
export interface AnswerHeader {
  /** When it was prepared. */
  at: Date
  /** Its own interchange control reference (0020), at most 14 characters, never used twice towards one partner. */
  reference: string
  /** Who answers, where that is not whom the interchange was addressed to. */
  own?: Party
}

/** The syntax version an answer is written in: the one of the interchange answered, or the nearest there is. */
export const answerSyntax = ({ syntaxVersion }: Interchange): number => Math.min(4, Math.max(1, syntaxVersion || 3))

/** A value cut to what its element takes, without what the interchange's character set has no place for. */
export type Fit = (text: string, length: number) => string

/**
 * How values are made to fit the interchange answered. Control characters and what the set has no place for become full
 * stops; trailing blanks, which count for nothing, go.
 */
export function fitFor({ charset }: Pick<Interchange, 'charset'>): Fit {
  return (text, length) => {
    const plain = [...text]
      .slice(0, length)
      .join('')
      .replace(/\p{Cc}/gu, '.')
    if (!('impossible' in encode(plain, charset))) return significant(plain)
    return [...significant(plain)].map((c) => ('impossible' in encode(c, charset) ? '.' : c)).join('')
  }
}

/**
 * The sender's own; but text for people holds colons and quotes, so one who has separators to be released and no
 * release character gets the default ones.
 */
const charactersFor = ({ layout: { characters } }: Interchange): ServiceCharacters =>
  characters.release === 0 && characters.element > 0x20 ? defaultCharacters : characters

/**
 * An interchange around these messages (each UNH … UNT). Service characters and UNA are the sender's own; there are no
 * line breaks. No acknowledgement is asked for. The test indicator and the agreement (0032) are kept as they were sent.
 */
export function writeAnswer(
  answered: Interchange,
  header: AnswerHeader,
  messages: readonly (readonly Segment[])[],
): Uint8Array {
  return Buffer.concat([...answerPieces(answered, header, messages)])
}

/**
 * The same piece by piece, for an answer that grows with what it answers: a message's segments may be made as they are
 * asked for.
 */
export function* answerPieces(
  answered: Interchange,
  { at, reference, own }: AnswerHeader,
  messages: readonly Iterable<Segment>[],
): Generator<Uint8Array, void, void> {
  const { unb, layout, charset } = answered
  const version = answerSyntax(answered)
  const fit = fitFor(answered)
  // Sender and recipient change places; the address for reverse routing (0008) becomes the routing address (0014), and
  // the other way round.
  const routing = version >= 4 ? 35 : 14
  const party = (element: number) => {
    const said = (component: number, length: number) => fit(significant(value(unb, element, component)), length)
    // Whom it was addressed to may be missing, and is mandatory here: 0 stands instead.
    return [said(1, 35) || '0', said(2, 4), said(3, routing), ...(version >= 4 ? [said(4, 35)] : [])]
  }
  const sender = own ? [own.id, own.qualifier ?? '', own.routing ?? ''] : party(3)
  const agreement = fit(answered.agreement, 35) || undefined
  const [date, time] = preparation(at, version)
  const identifier = charsetOf(answered.syntaxIdentifier)
    ? answered.syntaxIdentifier
    : charset === 'utf-8'
      ? 'UNOW'
      : 'UNOA'
  const head = segment(
    'UNB',
    [identifier, String(version)],
    sender,
    party(2),
    [date, time],
    reference,
    undefined,
    undefined,
    undefined,
    undefined,
    agreement,
    answered.test ? '1' : undefined,
  )
  const tail = segment('UNZ', String(messages.length), reference)
  // The character set is named, so that a sender's own letters (lower case in UNOA) go back as they came.
  const pen = createPen(identifier, version, { characters: charactersFor(answered), charset })
  if (layout.una) yield pen.una()
  yield pen.segment(head)
  for (const message of messages) for (const s of message) yield pen.segment(s)
  yield pen.segment(tail)
}

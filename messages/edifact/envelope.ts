// envelope — what UNB, UNG and UNH say, as plain values.
import { type CharsetName } from './charset.js'
import { type EdifactFault } from './fault.js'
import { significant, value, type Segment } from './segment.js'
import { type Layout } from './tokenizer.js'
import { type Party } from './writer.js'

/** What UNA and UNB say; numbers of data elements as in ISO 9735. */
export interface Interchange {
  /** Count of this interchange in what was received, from 1: files hold more than one now and then. */
  readonly index: number
  readonly syntaxIdentifier: string
  readonly syntaxVersion: number
  /** How the bytes were read: by UNB, or by the partner's setting. */
  readonly charset: CharsetName
  readonly sender: Party
  readonly recipient: Party
  /** S004 as written: `YYMMDD` or `CCYYMMDD`, and `HHMM`. */
  readonly date: string
  readonly time: string
  readonly reference: string
  readonly applicationReference: string
  /** The sender asks for a CONTRL (0031 = 1, or 2: of acceptance too). */
  readonly acknowledgementRequest: boolean
  readonly agreement: string
  readonly test: boolean
  readonly layout: Layout
  readonly unb: Segment
}

/** What UNG says. */
export interface Group {
  readonly index: number
  readonly type: string
  readonly sender: Party
  readonly recipient: Party
  readonly reference: string
  readonly ung: Segment
}

/** S009: `CUSCAR:D:95B:UN:SMDG`. */
export interface MessageId {
  readonly type: string
  readonly version: string
  readonly release: string
  readonly agency: string
  readonly association: string
}

/**
 * `D95B`; `IA131` of what IATA issues (`PNRGOV:13:1:IA`): agencies count their releases each from its own beginning.
 */
export const releaseOf = ({ version, release, agency }: Pick<MessageId, 'version' | 'release' | 'agency'>): string =>
  (agency === 'IA' ? agency : '') + version + release

/** One message as it was read, with the faults of its envelope. */
export interface EdifactMessage {
  readonly interchange: Interchange
  readonly group: Group | undefined
  /** Count in the interchange, from 1. */
  readonly index: number
  /** 0062 */
  readonly reference: string
  readonly id: MessageId
  /** UNH to UNT. Empty when the reader streams segments instead of collecting them. */
  readonly segments: readonly Segment[]
  /** Segments read, UNH and UNT included. */
  readonly count: number
  /** Its bytes in what was received: from the tag of UNH to the terminator of UNT. */
  readonly offset: number
  readonly length: number
  readonly line: number
  /** Faults of its bytes and its envelope. Structure and elements are checked against the directory afterwards. */
  readonly faults: readonly EdifactFault[]
}

const text = (s: Segment, element: number, component = 1) => significant(value(s, element, component))

function party(s: Segment, element: number): Party {
  return {
    id: text(s, element, 1),
    qualifier: text(s, element, 2) || undefined,
    routing: text(s, element, 3) || undefined,
  }
}

/**
 * Elements that are absent are empty texts; nothing is checked here.
 * @param index of the interchange in its file, from 0
 * @param syntax what UNA and UNB 0001 say of characters and separators
 */
export function readUnb(
  unb: Segment,
  index: number,
  syntax: { identifier: string; version: number; charset: CharsetName; layout: Layout },
): Interchange {
  return {
    index,
    syntaxIdentifier: syntax.identifier,
    syntaxVersion: syntax.version,
    charset: syntax.charset,
    sender: party(unb, 2),
    recipient: party(unb, 3),
    date: text(unb, 4, 1),
    time: text(unb, 4, 2),
    reference: text(unb, 5),
    applicationReference: text(unb, 7),
    acknowledgementRequest: /^[12]$/.test(text(unb, 9)),
    agreement: text(unb, 10),
    test: text(unb, 11) === '1',
    layout: syntax.layout,
    unb,
  }
}

/** @param index of the group in its interchange, from 0 */
export function readUng(ung: Segment, index: number): Group {
  return { index, type: text(ung, 1), sender: party(ung, 2), recipient: party(ung, 3), reference: text(ung, 5), ung }
}

/** The reference (0062) and the identifier (S009) of a message. */
export function readUnh(unh: Segment): { reference: string; id: MessageId } {
  const id = {
    type: text(unh, 2, 1),
    version: text(unh, 2, 2),
    release: text(unh, 2, 3),
    agency: text(unh, 2, 4),
    association: text(unh, 2, 5),
  }
  return { reference: text(unh, 1), id }
}

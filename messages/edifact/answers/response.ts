// response — a receipt as the parts an APERAK and a CUSRES are made of: what is said, of which message, and what is
// wrong where.
import { isWarning, type Fault } from '../../fault.js'
import { type Receipt } from '../../receipt.js'
import { type ReceiptStatus } from '../../states.js'
import { segment, type Segment } from '../segment.js'
import { type AnswerHeader } from './answer-envelope.js'
import { type Original } from './original.js'
import { wordsFor, type Words } from './words.js'

/** What of a receipt is told. */
export type AnsweredReceipt = Pick<Receipt, 'receiptId' | 'status' | 'code' | 'text' | 'time' | 'faults'> &
  Partial<Pick<Receipt, 'agency' | 'agencyReference'>>

/** `reference`: see `referenceOfAnswer`. */
export interface ResponseInput extends AnswerHeader {
  receipt: AnsweredReceipt
  original: Original
}

/** 4343 of each status: AB received, AP accepted, RE rejected. */
const responses: Record<ReceiptStatus, 'AB' | 'AP' | 'RE'> = {
  accepted: 'AB',
  submitted: 'AB',
  processing: 'AB',
  approved: 'AP',
  released: 'AP',
  refused: 'RE',
  rejected: 'RE',
  failed: 'RE',
}

const statusWords: Record<ReceiptStatus, string> = {
  accepted: 'Accepted by the hub',
  submitted: 'Submitted to the authority',
  processing: 'Being processed',
  approved: 'Approved',
  released: 'Released',
  refused: 'Refused by the hub',
  rejected: 'Rejected by the authority',
  failed: 'Failed',
}

/** One thing that is wrong, ready to be written. */
export interface ErrorPoint {
  /**
   * 9321: the code of list 0085 the fault has, the authority's own where it fits, `HUB` for a code of the hub, which
   * then begins the text.
   */
  code: string
  /** The sender's own place: `LOC(7)+2:1`. */
  place: string
  tag: string
  /** Of the segment in its message, '' when it is not known. */
  position: string
  /** At most five of 70 characters: code and place, then what is wrong. */
  text: string[]
}

/** Everything an APERAK or a CUSRES says, before it is put into segments. */
export interface Response {
  response: 'AB' | 'AP' | 'RE'
  /** The release to answer in, `01B`: the sender's own, since that is what his system reads. */
  release: string
  /** BGM, DTM and what is said, in each language the sender can read. */
  number: string
  date: Segment
  texts: Segment[]
  party: Segment | undefined
  references: Segment[]
  errors: ErrorPoint[]
  words: Words
}

/** @param own the qualifier of the authority's own number (1153): AAE in APERAK, ABT in CUSRES */
export function responseTo({ receipt, original }: ResponseInput, own: 'AAE' | 'ABT', codeLength: number): Response {
  const words = wordsFor(original.interchange)
  const { plain, pieces } = words
  const instead = `${statusWords[receipt.status]} (${receipt.code})`
  const reference = (qualifier: string, value: string, line = '') =>
    plain(value, 35) === '' ? [] : [segment('RFF', [qualifier, plain(value, 35), line])]
  // A test that found nothing wrong is told as received, though it was filed nowhere.
  const response = receipt.code === 'HUB_EDI_TEST' ? 'AB' : responses[receipt.status]
  // What is rejected without a word about a place is rejected as a whole, and the receipt's own code says why.
  const faults: Fault[] =
    receipt.faults.length === 0 && response === 'RE'
      ? [{ code: receipt.code, text: receipt.text }]
      : receipt.faults.filter((one) => !isWarning(one))
  return {
    response,
    release: releaseOf(original),
    number: plain(receipt.receiptId, 35),
    date: segment('DTM', ['137', beijing(receipt.time), '203']),
    texts: pieces(receipt.text, 10, instead).map(({ pieces: said }) =>
      segment('FTX', 'AAO', undefined, undefined, said.slice(0, 5)),
    ),
    party: receipt.agency === undefined ? undefined : segment('NAD', 'MS', plain(receipt.agency, 35).toUpperCase()),
    references: [
      ...reference('ACW', original.document.number),
      ...reference('AGO', original.reference),
      ...reference(own, receipt.agencyReference ?? ''),
    ],
    errors: faults.map((fault) => errorPoint(fault, words, codeLength, instead)),
    words,
  }
}

function errorPoint(
  { code, path = '', rule = '', text }: Fault,
  { plain, pieces }: Words,
  codeLength: number,
  instead: string,
): ErrorPoint {
  const [, tag = '', position = ''] = /^([A-Z][A-Z0-9]{2})(?:\((\d+)\))?/.exec(path) ?? []
  const of0085 = /^0085=(\d+)/.exec(rule)?.[1]
  const own = plain(code, 40)
  const short =
    of0085 ?? (code.startsWith('HUB_') ? 'HUB' : own.length <= codeLength && /^[A-Z0-9]+$/i.test(own) ? own : 'ZZZ')
  return {
    code: short,
    place: plain(path, 35),
    tag,
    position,
    text: [plain(`${code} ${path}`, 70), ...pieces(text, 4, instead).flatMap(({ pieces: said }) => said)].slice(0, 5),
  }
}

/** The releases there are, D.94B to D.24A. */
const known = /^(?:94B|9[5-9][AB]|0[0-9][AB]|01C|1[0-9][AB]|2[0-2][AB]|23A|24A)$/

/** `01B` of `D:01B`; D.01B for a message that names no such release. */
function releaseOf({ id: { version, release } }: Original): string {
  return version === 'D' && known.test(release) ? release : '01B'
}

/** The years of releases in order: 94 before 01. */
export const before = (release: string, other: string): boolean => century(release) < century(other)
const century = (release: string) => (Number(release.slice(0, 2)) > 80 ? '19' : '20') + release

/** `202601311205`, China Standard Time. */
const beijing = (iso: string) =>
  new Date(Date.parse(iso) + 480 * 60_000).toISOString().slice(0, 16).replace(/[-T:]/g, '')

/**
 * 0020 of an answer from the receipt's own id: its last 14 letters and digits, so that a receipt handed out again has
 * the same number.
 */
export const referenceOfAnswer = (receiptId: string): string =>
  receiptId
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(-14) || '1'

// aperak — a receipt as an application error and acknowledgement message (APERAK), addressed back to who sent the
// original. Source: UN/EDIFACT directories D.95A to D.24A, message APERAK. Only what stands in the same place in all of
// them is used.
import { segment, type Segment } from '../segment.js'
import { closeMessage } from '../writer.js'
import { writeAnswer } from './answer-envelope.js'
import { before, responseTo, type ResponseInput } from './response.js'

/** The first release that has an APERAK, and most of its error groups. */
const first = '95A'
const mostErrors = 999

/**
 * A whole interchange. Every fault has its ERC, its text with the sender's own place, and the segment it is about:
 * RFF+ACW:number:segment.
 */
export function buildAperak(input: ResponseInput): Uint8Array {
  const { original } = input
  const answered = responseTo(input, 'AAE', 3)
  const { response, number, date, texts, party, references, errors } = answered
  const release = before(answered.release, first) ? first : answered.release
  const about = answered.words.plain(original.document.number || original.reference, 35)
  const body: Segment[] = [
    segment('BGM', response === 'RE' ? '313' : '312', number, '11', response),
    date,
    ...texts,
    ...references,
    ...(party ? [party] : []),
  ]
  for (const { code, text, position } of errors.slice(0, mostErrors)) {
    body.push(segment('ERC', [code, '', 'ZZZ']), segment('FTX', 'AAO', undefined, undefined, text))
    if (position !== '' && about !== '') body.push(segment('RFF', ['ACW', about, position.slice(0, 6)]))
  }
  return writeAnswer(original.interchange, input, [
    closeMessage(segment('UNH', '1', ['APERAK', 'D', release, 'UN']), body),
  ])
}

// cusres — a receipt as a customs response (CUSRES), for the messages customs answers with it.
// Source: UN/EDIFACT directories D.94B to D.24A, message CUSRES: one form up to D.96A, where errors stand before the
// references and have no text of their own, and one from D.96B on.
import { segment, type Segment } from '../segment.js'
import { closeMessage } from '../writer.js'
import { writeAnswer } from './answer-envelope.js'
import { before, responseTo, type ErrorPoint, type ResponseInput } from './response.js'

/** What is answered by CUSRES; everything else by APERAK. */
export const answeredByCusres: ReadonlySet<string> = new Set([
  'CUSDEC',
  'CUSCAR',
  'CUSREP',
  'CUSEXP',
  'CUSPED',
  'PAXLST',
  'PNRGOV',
])

/**
 * A whole interchange. Every fault has its ERP with the sender's own place, its ERC and, where the release has room,
 * its text.
 */
export function buildCusres(input: ResponseInput): Uint8Array {
  const { original } = input
  const old = before(responseTo(input, 'ABT', 3).release, '96B')
  const { response, release, number, date, texts, party, references, errors } = responseTo(input, 'ABT', old ? 3 : 8)
  const bgm = segment('BGM', response === 'RE' ? '963' : '962', number, '11', response)
  const parties = party ? [party] : []
  const body: Segment[] = old
    ? [
        bgm,
        ...parties,
        date,
        ...[...texts, ...errors.map(textOf)].slice(0, 5),
        ...errors.slice(0, 50).flatMap(oldPoint),
        ...(references.length > 0 ? references : [segment('RFF', ['ACW', number])]),
      ]
    : [bgm, date, ...texts, ...parties, ...references, ...errors.slice(0, 99).flatMap(point)]
  return writeAnswer(original.interchange, input, [
    closeMessage(segment('UNH', '1', ['CUSRES', 'D', release, 'UN']), body),
  ])
}

const textOf = ({ text }: ErrorPoint) => segment('FTX', 'AAO', undefined, undefined, text)

function oldPoint(error: ErrorPoint): Segment[] {
  // 1049 is mandatory there: 1 the heading, 2 what comes behind it.
  const section = error.position === '' || Number(error.position) <= 2 ? '1' : '2'
  return [segment('ERP', [section, error.place]), segment('ERC', [error.code, '', 'ZZZ'])]
}

function point(error: ErrorPoint): Segment[] {
  const at = error.position === '' ? undefined : [error.tag, error.position.slice(0, 10)]
  return [
    segment('ERP', error.place === '' ? '1' : ['', error.place], at),
    segment('ERC', [error.code, '', 'ZZZ']),
    textOf(error),
  ]
}

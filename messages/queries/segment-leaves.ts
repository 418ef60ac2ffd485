// segment-leaves — an EDIFACT message made ready for questions. Beside its segments it has what no single element of
// them says as a row says it: days as forms write them, free text as a whole, how many persons a list names, and the
// journey of a report of arrival or of departure.
import { dateAs } from '../mapping/date.js'
import type { XmlElement, XmlNode } from '../xml-reading.js'
import type { Leaves } from './leaves.js'
import { leavesOf } from './reading-leaves.js'

/** Characters of free text that are kept. */
const mostText = 500

/**
 * @param tree as readSegmentTree gives it; of XML, it is read as it is. Paths find in it, besides `RFF[VON]/1:2`:
 *   `Day[189]`, of DTM+189; `FreeText[AAI]`, of all FTX+AAI; `Persons[FM]`, the number of NAD+FM; `Journey[186]`, TDT
 *   8028 where BGM 1001 is 186
 */
export function leavesOfSegments(tree: XmlElement): Leaves {
  const told: XmlElement = { ...tree }
  for (const name of Object.keys(tree)) {
    const [, tag, qualifier] = /^(DTM|FTX|NAD)\[(.+)\]$/.exec(name) ?? []
    if (tag === 'DTM') told[`Day[${qualifier}]`] = segmentsAt(tree, name).flatMap((one) => dayOf(one) ?? [])
    if (tag === 'FTX') told[`FreeText[${qualifier}]`] = segmentsAt(tree, name).map(textOf).join(' ').slice(0, mostText)
    if (tag === 'NAD') told[`Persons[${qualifier}]`] = String(segmentsAt(tree, name).length)
  }
  const [begin, journey] = [segmentsAt(tree, 'BGM')[0], segmentsAt(tree, 'TDT')[0]]
  if (begin && journey && value(journey, '2:1') !== '') told[`Journey[${value(begin, '1:1')}]`] = value(journey, '2:1')
  return leavesOf(told)
}

const segmentsAt = (tree: XmlElement, name: string): XmlElement[] =>
  [tree[name] ?? []].flat().filter((one: XmlNode): one is XmlElement => typeof one !== 'string')

function value(segment: XmlElement, place: string): string {
  const said = segment[place]
  return typeof said === 'string' ? said : ''
}

/** `2026-01-28`; undefined for what is no day. */
function dayOf(segment: XmlElement): string | undefined {
  const digits = dateAs(value(segment, '1:2'), value(segment, '1:3'))
  return digits?.replace(/^(\d{4})(\d\d)(\d\d).*$/, '$1-$2-$3')
}

const textOf = (segment: XmlElement): string =>
  ['4:1', '4:2', '4:3', '4:4', '4:5'].flatMap((place) => value(segment, place) || []).join(' ')

// associations — whom UNH 0057 may name, and what their guides agree beyond the directories: codes of user groups, and
// the airlines' PAXLST.
import type { MessageSpec, SegmentSpec, StructureNode } from './spec.js'

/**
 * Qualifiers the guides add to. What a message does, how a date is written and what state a container is in stay the
 * directory's.
 */
const openToGroups: ReadonlySet<string> = new Set([
  '1153',
  '3035',
  '3139',
  '3155',
  '3227',
  '4451',
  '6063',
  '6145',
  '6245',
  '6311',
])

/**
 * User groups whose guides add codes to the directories' lists: SMDG (containers), ITIGG (`ITG13`, `ITIGG`), PROTECT
 * (dangerous goods), IATA. A code that no directory has is then a warning: it may be theirs.
 */
const userGroups = /^(?:SMDG|ITG|ITIGG|PROT|IATA)/

/**
 * Whether the guide of this association (UNH 0057) may use codes that the directory does not list. With `element`:
 * codes of this data element.
 */
export const addsCodes = (association: string, element?: string): boolean =>
  userGroups.test(association) && (element === undefined || openToGroups.has(element))

/**
 * Codes that are certain: element → codes, by the beginning of 0057. SMDG: verified gross mass (SOLAS), in BAPLIE,
 * COPRAR, COPARN, CODECO.
 */
const agreedCodes: readonly { group: RegExp; codes: Readonly<Record<string, readonly string[]>> }[] = [
  { group: /^(?:SMDG|ITG)/, codes: { '6311': ['VGM'] } },
]

/** Whether this association's guide names this very code for the data element. */
export const isAgreed = (association: string, element: string, code: string): boolean =>
  agreedCodes.some(({ group, codes }) => group.test(association) && codes[element]?.includes(code))

/** What is behind a release in the name of the airlines' table: `D05BIATA`. */
export const iataSuffix = 'IATA'

/** Whether the message is a PAXLST by the WCO/IATA/ICAO guide (UNH 0057 `IATA`), which differs from the directory. */
export const isIataPaxlst = (type: string, association: string): boolean => type === 'PAXLST' && association === 'IATA'

/**
 * PAXLST as the WCO/IATA/ICAO guide has it, whatever release carries it: the time of a flight leg stands at its places
 * (no DTM behind TDT), a passenger has as many references as the state asks for, a number of bags has no unit, contacts
 * are several. Source: WCO/IATA/ICAO API Guidelines, appendix II, PAXLST implementation guide; UN/EDIFACT D.15B has the
 * first two in its own diagram.
 */
export function iataPaxlst(base: MessageSpec): MessageSpec {
  const structure = base.structure.map((node) => relax(node, []))
  const mea = base.segment('MEA') && withoutUnit(base.segment('MEA')!)
  return {
    ...base,
    release: `${base.release}${iataSuffix}`,
    codesOf: base.release,
    structure,
    segment: (tag) => (tag === 'MEA' ? mea : base.segment(tag)),
  }
}

function relax(node: StructureNode, above: readonly string[]): StructureNode {
  const trigger = above.at(-1)
  if (node.kind === 'segment') {
    if (above.length === 1 && trigger === 'TDT' && node.tag === 'DTM') return { ...node, mandatory: false }
    if (above.length === 1 && trigger === 'NAD' && node.tag === 'RFF') return { ...node, max: 99_999 }
    if (above.length === 1 && trigger === 'NAD' && node.tag === 'COM') return { ...node, max: Math.max(9, node.max) }
    return node
  }
  return { ...node, children: node.children.map((child) => relax(child, [...above, node.trigger])) }
}

function withoutUnit(mea: SegmentSpec): SegmentSpec {
  return {
    ...mea,
    items: mea.items.map((item) =>
      item.id === 'C174'
        ? {
            ...item,
            components: item.components.map((one) => (one.id === '6411' ? { ...one, mandatory: false } : one)),
          }
        : item,
    ),
  }
}

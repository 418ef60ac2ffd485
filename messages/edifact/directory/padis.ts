// padis — PNRGOV, by which carriers push the PNRs of a flight to a state. It is IATA's and WCO's and stands in no UN
// directory, so its table is here. Source: IATA/WCO PADIS EDIFACT Implementation Guide, PNRGOV message, versions 11.1
// to 15.1: message structure and segments of level 0. The head has the same form in all of them. What a PNR holds (SRC
// and behind it) is not in the table: it passes as it stands.
import { parseItem, parseStructure, type MessageSpec, type SegmentSpec } from './spec.js'

const spec = (tag: string, name: string, ...lines: string[]): SegmentSpec => ({
  tag,
  name,
  items: lines.map(parseItem),
})
const times = (n: number, line: string) => Array.from({ length: n }, () => line).join('; ')

const place = (status: string, name: string) =>
  `C328 ${status} ${name} ( 3225 ${status} an..25 locationIdentification; 3224 C an..17 location )`

/**
 * What the head must say is what names the flight: date, places, airline, number, and how many PNRs there are. Lengths
 * are the guide's for that; whatever the guide leaves unused there (agents, product types, line numbers) is taken at
 * the length PADIS gives the element elsewhere, or longer. ORG may be missing or empty, as it is in PNRs.
 */
const segments = [
  spec(
    'MSG',
    'messageActionDetails',
    // 22: all PNRs of the flight; 141: those that changed.
    'C302 M messageFunctionBusinessDetails ( 4025 C an..3 businessFunction; ' +
      '1225 M an..3=22|141 messageFunction; 3055 C an..3 responsibleAgency )',
    '4343 C an..3 responseType',
  ),
  spec(
    'ORG',
    'originatorOfRequestDetails',
    'C336 C deliveringSystemDetails ( 9906 C an..3 companyIdentification; ' +
      '3225 C an..25 locationIdentification; 3224 C an..17 location )',
    'C300 C originatorIdentificationDetails ( 9900 C an..9 travelAgentIdentification; ' +
      '9902 C an..9 inHouseIdentification; 9902 C an..9 inHouseIdentification )',
    place('C', 'location'),
    'C336 C systemDetails ( 9906 C an..3 companyIdentification; 3225 C an..25 locationIdentification; ' +
      '3224 C an..17 location )',
    '9972 C an..1 originatorTypeCode',
    'C354 C originatorDetails ( 3207 C an..3 country; 6345 C an..3 currency; 3453 C an..3 language )',
    '9904 C an..9 originatorsAuthorityRequestCode',
    '3148 C an..25 communicationNumber',
    '9964 C an..9 partyIdentification',
  ),
  spec(
    'TVL',
    'travelProductInformation',
    // Local times of the leg that crosses the border. 9954: by how many days arrival is later than departure.
    'C310 M productDateAndTime ( 9916 M DDMMYY firstDate; 9918 C HHMM firstTime; 9920 C DDMMYY secondDate; ' +
      '9922 C HHMM secondTime; 9954 C n..1 dateVariation )',
    place('M', 'departure'),
    place('M', 'arrival'),
    'C306 M companyIdentification ( 9906 M an..3 companyIdentification; 9906 C an..3 companyIdentification; ' +
      '9906 C an..3 companyIdentification )',
    `C308 M productIdentificationDetails ( 9908 M an..5 ` +
      `productIdentification; ${times(3, '7037 C an..7 characteristicIdentification')} )`,
    `C309 C productTypeDetails ( ${times(9, '7141 C an..6 productDescription')} )`,
    '1082 C an..6 lineItemNumber',
    '7365 C an..3 processingIndicator',
  ),
  spec(
    'EQN',
    'numberOfUnits',
    'C523 M numberOfUnitDetails ( 6350 M n..15 numberOfUnits; 6353 C an..3 numberOfUnitsQualifier )',
  ),
]

const structure = parseStructure('UNH M1; MSG M1; ORG C1; TVL M1; EQN M1; SG1 C999 ( SRC M1; * C99999 ); UNT M1')

/** Of a segment in a PNR only the form is known: three signs of tag, then elements. */
const untold: SegmentSpec = { tag: '*', name: 'segmentOfThePnr', items: [], free: true }

/** As `messageFor` names them: `IA131` for UNH `PNRGOV:13:1:IA`. */
export const padisReleases: readonly string[] = ['IA111', 'IA121', 'IA131', 'IA141', 'IA151']

/** Messages that stand in no UN directory: their tables are here. */
export const padisTypes: readonly string[] = ['PNRGOV']

/** The message in that release; undefined for any other. `service`: UNH and UNT. */
export function padisMessage(
  type: string,
  release: string,
  service: ReadonlyMap<string, SegmentSpec>,
): MessageSpec | undefined {
  if (!padisTypes.includes(type) || !padisReleases.includes(release)) return undefined
  const byTag = new Map([
    ...service,
    ...segments.map((one): [string, SegmentSpec] => [one.tag, one]),
    ['SRC', { ...untold, tag: 'SRC', name: 'segmentRepetitionControl' }],
    ['*', untold],
  ])
  return {
    type,
    release,
    structure,
    segment: (tag) => byTag.get(tag),
    // Its elements bear numbers of the UN lists, with codes of their own.
    ownCodes: true,
    counts: [{ tag: 'EQN', element: 1, component: 1, item: '6350', group: 'SG1' }],
  }
}

// service-segments — UNB to UNZ as the syntax versions have them (ISO 9735:1988 and amendment 1; ISO 9735-1:2002 annex
// C), so that envelopes are read without a directory. Inside messages UNH and UNT have their version 4 form, which
// takes every earlier one.
import { parseItem, type SegmentSpec } from './spec.js'

const spec = (tag: string, name: string, ...lines: string[]): SegmentSpec => ({
  tag,
  name,
  items: lines.map(parseItem),
})
const byTag = (...specs: SegmentSpec[]): ReadonlyMap<string, SegmentSpec> => new Map(specs.map((s) => [s.tag, s]))

const messageIdentifier = (tag: string, status: string) =>
  `${tag} ${status} messageIdentifier ( 0065 M an..6 messageType; 0052 M an..3 messageVersionNumber; ` +
  `0054 M an..3 messageReleaseNumber; 0051 M an..3 controllingAgency; 0057 C an..6 associationAssignedCode; ` +
  `0110 C an..6 codeListDirectoryVersionNumber; 0113 C an..6 messageTypeSubfunction )`

/** UNH, UNT and UNS, the same for every syntax version. */
const insideMessages = [
  spec(
    'UNH',
    'messageHeader',
    '0062 M an..14 messageReferenceNumber',
    messageIdentifier('S009', 'M'),
    '0068 C an..35 commonAccessReference',
    'S010 C statusOfTheTransfer ( 0070 M n..2 sequenceOfTransfers; 0073 C a1 firstAndLastTransfer )',
    'S016 C messageSubsetIdentification ( 0115 M an..14 messageSubsetIdentification; ' +
      '0116 C an..3 messageSubsetVersionNumber; 0118 C an..3 messageSubsetReleaseNumber; ' +
      '0051 C an..3 controllingAgency )',
    'S017 C messageImplementationGuidelineIdentification ( 0121 M an..14 guidelineIdentification; ' +
      '0122 C an..3 guidelineVersionNumber; 0124 C an..3 guidelineReleaseNumber; 0051 C an..3 controllingAgency )',
    'S018 C scenarioIdentification ( 0127 M an..14 scenarioIdentification; ' +
      '0128 C an..3 scenarioVersionNumber; 0130 C an..3 scenarioReleaseNumber; 0051 C an..3 controllingAgency )',
  ),
  spec('UNT', 'messageTrailer', '0074 M n..10 numberOfSegmentsInTheMessage', '0062 M an..14 messageReferenceNumber'),
  spec('UNS', 'sectionControl', '0081 M a1 sectionIdentification'),
  spec('UGH', 'anticollisionSegmentGroupHeader', '0087 M an..4 anticollisionSegmentGroupIdentification'),
  spec('UGS', 'anticollisionSegmentGroupTrailer', '0087 M an..4 anticollisionSegmentGroupIdentification'),
]

// 0017 is n6 before syntax 4 and n8 in it; senders mix them up, so both lengths are taken and the reader warns.
const version3 = byTag(
  spec(
    'UNB',
    'interchangeHeader',
    'S001 M syntaxIdentifier ( 0001 M a4 syntaxIdentifier; 0002 M n1 syntaxVersionNumber )',
    'S002 M interchangeSender ( 0004 M an..35 senderIdentification; ' +
      '0007 C an..4 partnerIdentificationCodeQualifier; 0008 C an..14 addressForReverseRouting )',
    'S003 M interchangeRecipient ( 0010 M an..35 recipientIdentification; ' +
      '0007 C an..4 partnerIdentificationCodeQualifier; 0014 C an..14 routingAddress )',
    'S004 M dateAndTimeOfPreparation ( 0017 M n..8 dateOfPreparation; 0019 M n4 timeOfPreparation )',
    '0020 M an..14 interchangeControlReference',
    'S005 C recipientsReferencePassword ( 0022 M an..14 recipientsReferencePassword; ' +
      '0025 C an2 recipientsReferencePasswordQualifier )',
    '0026 C an..14 applicationReference',
    '0029 C a1 processingPriorityCode',
    '0031 C n1 acknowledgementRequest',
    '0032 C an..35 communicationsAgreementId',
    '0035 C n1 testIndicator',
  ),
  spec(
    'UNG',
    'functionalGroupHeader',
    '0038 M an..6 functionalGroupIdentification',
    'S006 M applicationSendersIdentification ( 0040 M an..35 senderIdentification; ' +
      '0007 C an..4 partnerIdentificationCodeQualifier )',
    'S007 M applicationRecipientsIdentification ( 0044 M an..35 recipientsIdentification; ' +
      '0007 C an..4 partnerIdentificationCodeQualifier )',
    'S004 M dateAndTimeOfPreparation ( 0017 M n..8 dateOfPreparation; 0019 M n4 timeOfPreparation )',
    '0048 M an..14 functionalGroupReferenceNumber',
    '0051 M an..2 controllingAgency',
    'S008 M messageVersion ( 0052 M an..3 messageVersionNumber; 0054 C an..3 messageReleaseNumber; ' +
      '0057 C an..6 associationAssignedCode )',
    '0058 C an..14 applicationPassword',
  ),
  spec('UNE', 'functionalGroupTrailer', '0060 M n..6 numberOfMessages', '0048 M an..14 functionalGroupReferenceNumber'),
  spec('UNZ', 'interchangeTrailer', '0036 M n..6 interchangeControlCount', '0020 M an..14 interchangeControlReference'),
  ...insideMessages,
)

const version4 = byTag(
  spec(
    'UNB',
    'interchangeHeader',
    'S001 M syntaxIdentifier ( 0001 M a4 syntaxIdentifier; 0002 M an1 syntaxVersionNumber; ' +
      '0080 C an..6 serviceCodeListDirectoryVersionNumber; 0133 C an..3 characterEncoding; ' +
      '0076 C an2 syntaxReleaseNumber )',
    'S002 M interchangeSender ( 0004 M an..35 interchangeSenderIdentification; ' +
      '0007 C an..4 identificationCodeQualifier; 0008 C an..35 interchangeSenderInternalIdentification; ' +
      '0042 C an..35 interchangeSenderInternalSubIdentification )',
    'S003 M interchangeRecipient ( 0010 M an..35 interchangeRecipientIdentification; ' +
      '0007 C an..4 identificationCodeQualifier; 0014 C an..35 interchangeRecipientInternalIdentification; ' +
      '0046 C an..35 interchangeRecipientInternalSubIdentification )',
    'S004 M dateAndTimeOfPreparation ( 0017 M n..8 date; 0019 M n4 time )',
    '0020 M an..14 interchangeControlReference',
    'S005 C recipientReferencePasswordDetails ( 0022 M an..14 recipientReferencePassword; ' +
      '0025 C an2 recipientReferencePasswordQualifier )',
    '0026 C an..14 applicationReference',
    '0029 C a1 processingPriorityCode',
    '0031 C n1 acknowledgementRequest',
    '0032 C an..35 interchangeAgreementIdentifier',
    '0035 C n1 testIndicator',
  ),
  spec(
    'UNG',
    'groupHeader',
    '0038 C an..6 messageGroupIdentification',
    'S006 C applicationSenderIdentification ( 0040 M an..35 applicationSenderIdentification; ' +
      '0007 C an..4 identificationCodeQualifier )',
    'S007 C applicationRecipientIdentification ( 0044 M an..35 applicationRecipientIdentification; ' +
      '0007 C an..4 identificationCodeQualifier )',
    'S004 C dateAndTimeOfPreparation ( 0017 M n..8 date; 0019 M n4 time )',
    '0048 M an..14 groupReferenceNumber',
    '0051 C an..3 controllingAgency',
    'S008 C messageVersion ( 0052 M an..3 messageVersionNumber; 0054 M an..3 messageReleaseNumber; ' +
      '0057 C an..6 associationAssignedCode )',
    '0058 C an..14 applicationPassword',
  ),
  spec('UNE', 'groupTrailer', '0060 M n..6 groupControlCount', '0048 M an..14 groupReferenceNumber'),
  spec('UNZ', 'interchangeTrailer', '0036 M n..6 interchangeControlCount', '0020 M an..14 interchangeControlReference'),
  ...insideMessages,
)

/** The service segments of a syntax version; 1 to 3 are one table. */
export function serviceSegments(syntaxVersion: number): ReadonlyMap<string, SegmentSpec> {
  return syntaxVersion >= 4 ? version4 : version3
}

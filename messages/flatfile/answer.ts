// answer — the receipt a sender of flat files gets in his own form: the 00 of his file turned round, one 90 with what
// became of it, a 91 for every fault at its record and field, 99. Authorities that take flat files answer in the same
// form (xsd/families/flatfile/family.yaml reads it).
//
//   00:TYPE:DESCRIPTION:9:SENDER:RECEIVER:TIME'          type and description of the file answered, its sender now the receiver
//   90:RESULT:CODE:TEXT:MESSAGE:REFERENCE:FILE TIME:AGENCY:AGENCY REFERENCE:RECEIPT TIME'
//   91:RECORD:TAG:FIELD:CODE:VALUE:TEXT'                 RECORD 0: a record that is not there, or the file as a whole
//   99:RECORD COUNT'
import { isWarning, type Fault } from '../fault.js'
import type { Receipt } from '../receipt.js'
import type { ReceiptStatus } from '../states.js'
import { headerOf, type FlatHeader } from './inspect.js'
import { readFlat } from './reader.js'
import { fieldText } from './record.js'
import type { FlatForm, FlatValue } from './writer.js'
import { writeFlat } from './writer.js'

/** Field 2 of record 90: what became of the file. 1 and 6 are the hub's word, the others an authority's. */
export const flatResults: Readonly<Record<ReceiptStatus, string>> = {
  accepted: '1',
  submitted: '2',
  processing: '3',
  approved: '4',
  released: '5',
  refused: '6',
  rejected: '7',
  failed: '8',
}

interface FlatAnswerSettings {
  /** Who answers, field 5 of record 00. Default: whom the file was sent to. */
  sender?: string
  /** Language of texts. Default Chinese. */
  language?: 'zh' | 'en'
  form?: FlatForm
}

/** A receipt as the bytes of a flat file, GBK unless asked otherwise, UTF-8 where GBK lacks a character. */
export function flatAnswer(
  receipt: Receipt,
  original: FlatHeader,
  { sender, language = 'zh', form = {} }: FlatAnswerSettings = {},
): Uint8Array {
  const records: FlatValue[][] = [
    [
      '00',
      original.type,
      original.description,
      '9',
      sender ?? original.receiver,
      original.sender,
      chinaTime(receipt.time, 12),
    ],
    [
      '90',
      flatResults[receipt.status],
      receipt.code,
      oneLine(receipt.text[language], 256),
      receipt.messageId,
      oneLine(receipt.reference, 70),
      original.created,
      receipt.agency ?? '',
      receipt.agencyReference ?? '',
      chinaTime(receipt.time, 14),
    ],
    ...receipt.faults.filter((one) => !isWarning(one)).map((fault) => faultRecord(fault, language)),
  ]
  records.push(['99', String(records.length + 1)])
  return writeFlat(records, form) ?? writeFlat(records, { ...form, charset: 'utf-8' }) ?? new Uint8Array()
}

/**
 * A receipt for a partner who sent a flat file. @param bytes the file answered, as it was received
 * @returns undefined when it is no flat file, and nobody can be answered
 */
export function flatReceipt(
  receipt: Receipt,
  bytes: Uint8Array,
  settings: FlatAnswerSettings = {},
): Uint8Array | undefined {
  for (const { record } of readFlat(bytes))
    if (record)
      return record.tag === '00' && fieldText(record, 2) !== ''
        ? flatAnswer(receipt, headerOf(record), settings)
        : undefined
  return undefined
}

function faultRecord(fault: Fault, language: 'zh' | 'en'): FlatValue[] {
  const [, tag = '', record = '0', field = ''] = /^([0-9]{2})(?:\((\d+)\))?(?::(\d+))?/.exec(fault.path ?? '') ?? []
  return ['91', record, tag, field, fault.code, oneLine(fault.value ?? '', 70), oneLine(fault.text[language], 256)]
}

/** A receipt's time as flat files write it: China time, 12 or 14 digits. */
function chinaTime(iso: string, digits: 12 | 14): string {
  return new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, digits)
}

const oneLine = (text: string, length: number) =>
  [...text.replace(/[\x00-\x1f]+/g, ' ').trim()].slice(0, length).join('')

// boxes — the four folders a partner knows from the Single Window client, and the names files have in them.
import { extname } from 'node:path'

/** OutBox: dropped by the partner. SentBox: taken. InBox: receipts. FailBox: refused, receipt beside the file. */
export const boxes = ['OutBox', 'SentBox', 'InBox', 'FailBox'] as const
export type Box = (typeof boxes)[number]

/** Longest file name a partner may use, in UTF-8 bytes: leaves room for what receipt names add below the usual 255. */
export const maxNameBytes = 200

/** Is this one harmless path segment, in every box and every log line? */
export function isPlainName(name: string, maxBytes = maxNameBytes): boolean {
  if (name === '' || name === '.' || name === '..' || /[/\\\u0000-\u001f\u007f]/.test(name)) return false
  return Buffer.byteLength(name) <= maxBytes
}

/** Partner ids become folder names. */
export function isPartnerFolder(partnerId: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(partnerId)
}

/** The catalogue code a file name may open with: `1.1.6.1.2_decl.xml` names operation 1.1.6.1.2. */
export function operationInName(name: string): string | undefined {
  return /^(\d+(?:\.\d+){4})_/.exec(name)?.[1]
}

/**
 * `Successed_<base>_<ts>.xml` or `Failed_<base>_<ts>.xml`: the names the Single Window client gives technical receipts.
 */
export function technicalReceiptName(taken: boolean, fileName: string, stamp = receiptStamp()): string {
  return `${taken ? 'Successed' : 'Failed'}_${baseName(fileName)}_${stamp}.xml`
}

/** Without its ending; without a message's ending below that, as `x.edi.gz` or `x.xml.done` have one. */
function baseName(fileName: string): string {
  const base = fileName.slice(0, fileName.length - extname(fileName).length)
  return base.replace(/(?<=.)\.(xml|edi|txt|zip)$/i, '')
}

/**
 * What the sender is answered in his own form, beside the technical receipt of the same stamp: `CONTRL_<base>_<ts>.edi`
 * for EDIFACT, `Successed_<base>_<ts>.txt` or `Failed_…` for a port flat file.
 */
export function acknowledgementName(receiptName: string, mediaType: string): string {
  if (mediaType !== 'application/edifact') return receiptName.replace(/\.xml$/, '.txt')
  return receiptName.replace(/^(Successed|Failed)_/, 'CONTRL_').replace(/\.xml$/, '.edi')
}

/**
 * `Receipt_<id>_<ts>.xml`, for business receipts; of another ending where they are no XML. The stamp comes from the
 * receipt's own time, so a second delivery has the same name.
 */
export function businessReceiptName(receiptId: string, time: Date, ending = 'xml'): string {
  return `Receipt_${receiptId}_${timestamp(time)}0000.${ending}`
}

/** What the agency wrote, where it is too large to be part of the receipt: beside `Receipt_<id>_<ts>.xml`. */
export function receiptBodyName(receiptId: string, time: Date, ending: string): string {
  return `Body_${receiptId}_${timestamp(time)}0000.${ending}`
}

/** A file that came with an agency's answer, beside `Receipt_<id>_<ts>.xml`; it keeps its own name at the end. */
export function receiptAttachmentName(receiptId: string, time: Date, name: string): string {
  return `Attachment_${receiptId}_${timestamp(time)}0000_${name}`
}

/** The receipt beside a refused file in FailBox. */
export function failReceiptName(fileName: string): string {
  return `${fileName}.receipt.xml`
}

let counter = Math.floor(Math.random() * 10_000)

/** yyyyMMddHHmmssSSS and four digits that tell receipts of one millisecond apart. */
function receiptStamp(now = new Date()): string {
  counter = (counter + 1) % 10_000
  return timestamp(now) + String(counter).padStart(4, '0')
}

/** China Standard Time (UTC+8, no daylight saving), whatever the machine is set to. */
function timestamp(time: Date): string {
  return new Date(time.getTime() + 8 * 3_600_000).toISOString().replace(/[-:T.Z]/g, '')
}

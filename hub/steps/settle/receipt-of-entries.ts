// receipt-of-entries — the receipt that one submission gets of an agency's answer: the gravest of what the answer says
// of it, its documents that were turned down, and its files.
import { attachedName, type AttachedFacts } from '../../../messages/attached.js'
import { limited } from '../../../messages/fault-limit.js'
import type { Fault } from '../../../messages/fault.js'
import { newId } from '../../../messages/ids.js'
import type { Receipt } from '../../../messages/receipt.js'
import type { ReplyEntry } from '../../../messages/reply.js'
import type { ReceiptStatus } from '../../../messages/states.js'
import { attachmentsOf } from '../attached-files.js'
import type { FoundSubmission } from './correlate.js'

/** What a receipt names of documents that were turned down. */
const mostNamed = 1_000

/** The news a person must hear first stands first. */
const gravity: ReceiptStatus[] = [
  'failed',
  'rejected',
  'refused',
  'processing',
  'submitted',
  'accepted',
  'approved',
  'released',
]
/** The first of the gravest; undefined: there are none. */
export function gravest(entries: readonly ReplyEntry[]): ReplyEntry | undefined {
  let found: ReplyEntry | undefined
  for (const entry of entries)
    if (!found || gravity.indexOf(entry.status) < gravity.indexOf(found.status)) found = entry
  return found
}
const isBad = (entry: ReplyEntry) => gravity.indexOf(entry.status) <= 2

/** What a receipt is made of. */
interface ReceiptFacts {
  submission: FoundSubmission
  entries: ReplyEntry[]
  body: Receipt['body']
  at: Date
  /** Files that came with the answer. */
  came: readonly AttachedFacts[]
  /** Those of them that no entry names, where they may be given out. */
  ofAll: readonly AttachedFacts[]
}

/** The receipt of the entries that speak of one submission. There is at least one. */
export function toReceipt({ submission, entries, body, at, came, ofAll }: ReceiptFacts): Receipt {
  const worst = gravest(entries)!
  const receiptId = newId('rcp')
  const named = entries.flatMap(({ attachments = [] }) => attachments)
  const own = new Set(named.map(attachedName))
  const files = attachmentsOf(receiptId, named, [...came.filter(({ name }) => own.has(name)), ...ofAll])
  return {
    receiptId,
    messageId: submission.messageId,
    reference: submission.reference,
    operation: submission.operation,
    documentType: submission.documentType,
    stage: 'business',
    agency: submission.agency,
    status: worst.status,
    code: worst.code,
    text: worst.text,
    time: worst.time ?? at.toISOString(),
    // One message may hold a hundred documents: those the agency turned down are named one by one.
    faults: [...(entries.length > 1 ? turnedDown(entries) : []), ...files.faults],
    ...(worst.agencyReference === undefined ? {} : { agencyReference: worst.agencyReference }),
    ...(worst.agencyReferenceName === undefined ? {} : { agencyReferenceName: worst.agencyReferenceName }),
    ...(body ? { body } : {}),
    ...files.attachments,
  }
}

/** A receipt names so many of them; the others stand in the agency's own words, which come with it. */
function turnedDown(entries: readonly ReplyEntry[]): Fault[] {
  const bad = entries.filter(isBad).slice(0, mostNamed + 1)
  return limited(bad.map(toFault), mostNamed)
}

function toFault(entry: ReplyEntry): Fault {
  const key = entry.about ?? entry.keys[0]
  return { code: entry.code, ...(key ? { path: key.name, value: key.value.slice(0, 200) } : {}), text: entry.text }
}

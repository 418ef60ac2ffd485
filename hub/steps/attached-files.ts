// attached-files — the files of an agency's answer: made ready to be kept, and what a receipt says of them. A file that
// is named and did not come is a warning; the receipt itself is never held back for it.
import { attachedName, keepable, type AgencyFile, type AttachedFacts } from '../../messages/attached.js'
import { fault } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { attachmentHref, type Receipt } from '../../messages/receipt.js'
import type { NewReplyFile } from '../../store/ledger.js'
import { pack } from '../../store/packing.js'
import { sha256 } from './sha256.js'

/** With their sums, packed: all that takes time is done before the write that keeps them. */
export async function filesToKeep(given: readonly AgencyFile[]): Promise<{ files: NewReplyFile[]; left: string[] }> {
  const { files, left } = keepable(given)
  const ready: NewReplyFile[] = []
  for (const { name, mediaType, bytes } of files)
    ready.push({ name, mediaType, size: bytes.length, sha256: await sha256(bytes), form: await pack(bytes) })
  return { files: ready, left }
}

/** Its facts alone, of an object that holds more: the bytes, how they are packed. */
export const factsOf = ({ name, mediaType, size, sha256: sum }: AttachedFacts): AttachedFacts => ({
  name,
  mediaType,
  size,
  sha256: sum,
})

/**
 * What a receipt says of its files.
 * @param named as the answer names them @param came those that came with the answer and are for this receipt's partner
 */
export function attachmentsOf(
  receiptId: string,
  named: readonly string[],
  came: readonly AttachedFacts[],
): { attachments: Pick<Receipt, 'attachments'>; faults: Fault[] } {
  const there = new Map(came.map((one) => [one.name, one]))
  const names = [...new Set([...named.map(attachedName), ...there.keys()])]
  const missing = names.filter((name) => !there.has(name))
  const attachments = names.map((name) => {
    const facts = there.get(name)
    return facts ? { ...factsOf(facts), href: attachmentHref(receiptId, name) } : { name, missing: true as const }
  })
  return {
    attachments: attachments.length === 0 ? {} : { attachments },
    faults: missing.map((name) => fault('HUB_RECEIPT_FILE_MISSING', { name }, { value: name, level: 'warn' })),
  }
}

// offer — hands one file to `accept` and says what its partner is told, the same for every door that deals in files.
import { HubError, errorText, type ErrorCode } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { Accept, Acknowledgement, Inbound } from '../../messages/inbound.js'
import type { Receipt } from '../../messages/receipt.js'
import { mapInTurns } from '../../messages/turns.js'

/** Receipt → XML document (urn:singlewindow:receipt:1). */
export type RenderReceipt = (receipt: Receipt) => string

/**
 * `taken`: every message was accepted, now or before. Otherwise the file belongs in FailBox. Both are final and
 * recorded.
 */
export interface OfferOutcome {
  taken: boolean
  /** Taken, and nothing of it is new: all of it was accepted before. */
  repeated?: boolean
  receipts: Receipt[]
  /** In the sender's own form, to the interchange as a whole: a file of its own beside the receipts. */
  acknowledgement?: Acknowledgement
}

/**
 * Rejects when the file was not taken and must be offered again later: the hub could not record it, or asks to slow
 * down.
 */
export async function offer(accept: Accept, inbound: Inbound): Promise<OfferOutcome> {
  try {
    const { answers, acknowledgement } = await accept(inbound)
    return {
      taken: answers.every(({ outcome }) => outcome === 'accepted' || outcome === 'duplicate'),
      repeated: answers.every(({ outcome }) => outcome === 'duplicate'),
      receipts: answers.map(({ receipt }) => receipt),
      ...(acknowledgement ? { acknowledgement } : {}),
    }
  } catch (error) {
    if (error instanceof HubError && error.status < 500 && error.status !== 429 && error.class !== 'ambiguous') {
      return { taken: false, receipts: [refusalOfFile(error.code, error.values, inbound.filename)] }
    }
    throw error
  }
}

/** The receipt of a file that was refused as a whole, before it became a message; the ledger knows nothing of it. */
export function refusalOfFile(code: ErrorCode, values: HubError['values'], fileName = ''): Receipt {
  const text = errorText(code, values)
  return {
    receiptId: newId('rcp'),
    messageId: '',
    reference: fileName,
    stage: 'technical',
    status: 'refused',
    code,
    text,
    time: new Date().toISOString(),
    faults: [{ code, text }],
  }
}

/** One file of receipts: a single one as it is, those of a batch inside one `Receipts` element. */
export async function receiptsFile(receipts: readonly Receipt[], render: RenderReceipt): Promise<Buffer> {
  const [only] = receipts
  if (only && receipts.length === 1) return Buffer.from(render(only))
  const bodies = await mapInTurns(receipts, (receipt) =>
    Buffer.from(
      `${render(receipt)
        .replace(/^\ufeff?\s*<\?xml[^>]*\?>\s*/, '')
        .trimEnd()}\n`,
    ),
  )
  const opening = '<?xml version="1.0" encoding="UTF-8"?>\n<Receipts xmlns="urn:singlewindow:receipt:1">\n'
  return Buffer.concat([Buffer.from(opening), ...bodies, Buffer.from('</Receipts>\n')])
}

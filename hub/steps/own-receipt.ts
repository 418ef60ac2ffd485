// own-receipt — what the hub itself tells a partner of a submission, where no agency speaks: and that the word goes
// with the state it tells of.
import type { Receipt } from '../../messages/receipt.js'
import type { HubReceipt, SubmissionFacts } from '../../store/ledger.js'

type About = Pick<SubmissionFacts, 'messageId' | 'reference' | 'operation' | 'documentType' | 'agency'>
/** What is said of it. */
export type Said = Pick<Receipt, 'receiptId' | 'code' | 'text' | 'body'> & { status: HubReceipt['status'] }

/** A business receipt of the hub's own. */
export function ownReceipt(about: About, said: Said, at: Date): Receipt {
  const { messageId, reference, operation, documentType, agency } = about
  return {
    ...{ messageId, reference, operation, documentType, agency },
    ...{ stage: 'business', faults: [], time: at.toISOString() },
    ...said,
  }
}

/**
 * Both in one turn, and so in one commit, the word first: a crash in between would leave a state whose partner has not
 * heard, and nobody who tells him. A disk that fills up may take the second alone: then the word is written again.
 */
export async function toldWith(tell: () => Promise<unknown>, write: () => Promise<unknown>): Promise<void> {
  const [told, written] = await Promise.allSettled([tell(), write()])
  if (written.status === 'rejected') throw written.reason
  if (told.status === 'rejected') await tell()
}

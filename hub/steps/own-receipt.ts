// own-receipt — what the hub itself tells a partner of a submission, where no agency speaks. It goes with the write of
// the state it tells of.
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

// receipts — a receipt is owed again, because its partner or an operator says so.
import type { Operator } from '../../../messages/operator.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import type { Ledger } from '../../../store/ledger.js'
import type { RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface ReceiptsParts {
  ledger: Pick<Ledger, 'getReceipt' | 'resendReceipt'>
  recorded: RecordAct
  /** @see [createPartnerBook](../partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  now: () => Date
}

/** Giving back again never sends again (promise 4). */
export function createReceipts({ ledger, recorded, partner, now }: ReceiptsParts) {
  return {
    /**
     * Without `by` it is the partner's own wish. What went to a webhook that is gone goes to the mailbox; all else the
     * way it went before.
     */
    async resendReceipt(receiptId: string, partnerId: string | undefined, by?: Operator): Promise<boolean> {
      const owed = await ledger.getReceipt(receiptId)
      if (!owed || (partnerId !== undefined && owed.partnerId !== partnerId)) return false
      const channel =
        owed.channel === 'webhook'
          ? returnChannel((await partner(owed.partnerId))?.settings, owed.receipt.stage, 'http')
          : owed.channel
      const again = () => ledger.resendReceipt(receiptId, { partnerId, channel }, now())
      return by ? recorded({ by, action: 'receipt.resend', target: receiptId }, again) : again()
    },
  }
}

// tell-partner — the hub's own receipts of a submission: that it failed, or that it is held behind its original.
import type { AgencyAnswer } from '../../../adapters/connectors/connector.js'
import { errorText, type ErrorCode } from '../../../messages/errors.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import { receiptBody, type Receipt } from '../../../messages/receipt.js'
import type { AttemptEnd, Ledger, SubmissionWork } from '../../../store/ledger.js'

/** @see [createSubmit](../submit.ts) */
export interface TellPartnerParts {
  ledger: Pick<Ledger, 'addReceipt' | 'submissionById'>
  /** @see [createPartnerBook](../../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  now: () => Date
}

/** Makes the two; each may be told twice, and is told once (promise 7). */
export function createTellPartner({ ledger, partner, now }: TellPartnerParts) {
  async function tellFailure(
    work: SubmissionWork,
    fence: string,
    end: Extract<AttemptEnd, { outcome: 'dead' }>,
    answer: AgencyAnswer | undefined,
  ): Promise<void> {
    const receipt: Receipt = {
      // The same for the same attempt, so that telling twice is telling once (promise 7). Not its number: after a
      // replay that begins again.
      receiptId: `rcp_${fence.slice(4)}`,
      messageId: work.messageId,
      reference: work.reference,
      operation: work.operation,
      documentType: work.documentType,
      stage: 'business',
      agency: work.agency,
      status: 'failed',
      code: end.code,
      text: errorText(end.code as ErrorCode, {
        detail: end.detail,
        agency: work.agency,
        messageId: work.messageId,
      }),
      time: now().toISOString(),
      faults: [],
      ...(answer ? { body: receiptBody(answer.bytes, answer.mediaType) } : {}),
    }
    await tell(work, receipt, 'failed')
  }

  /** A crash before this leaves a held submission whose partner has not heard; the state says it all the same. */
  async function tellHeld(work: SubmissionWork, original: string): Promise<void> {
    const { messageId, reference, operation, documentType, agency } = work
    const receipt: Receipt = {
      receiptId: `rcp_${work.submissionId.slice(4)}h`,
      messageId,
      reference,
      operation,
      documentType,
      stage: 'business',
      agency,
      status: 'processing',
      code: 'HUB_HELD',
      text: errorText('HUB_HELD', { reference: original }),
      time: now().toISOString(),
      faults: [],
    }
    await tell(work, receipt, 'processing')
  }

  async function tell(work: SubmissionWork, receipt: Receipt, status: 'failed' | 'processing'): Promise<void> {
    const came = (await ledger.submissionById(work.submissionId))?.channel ?? 'http'
    await ledger.addReceipt(
      {
        receipt,
        submissionId: work.submissionId,
        status,
        receiptReturn: 'owed',
        receiptChannel: returnChannel((await partner(work.partnerId))?.settings, 'business', came),
      },
      now(),
    )
  }

  return { tellFailure, tellHeld }
}

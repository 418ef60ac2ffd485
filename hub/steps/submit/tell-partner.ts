// tell-partner — the hub's own receipts of a submission: that it failed, that a person gave it up, or that it is held
// behind its original.
import type { AgencyAnswer } from '../../../adapters/connectors/connector.js'
import { errorText, type ErrorCode } from '../../../messages/errors.js'
import { newId } from '../../../messages/ids.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import { receiptBody, type Receipt } from '../../../messages/receipt.js'
import type { AttemptEnd, Ledger, SubmissionFacts, SubmissionWork } from '../../../store/ledger.js'

/** @see [createSubmit](../submit.ts) */
export interface TellPartnerParts {
  ledger: Pick<Ledger, 'addReceipt'>
  /** @see [createPartnerBook](../../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  now: () => Date
}

type Dead = Extract<AttemptEnd, { outcome: 'dead' }>

/** Makes the three; what a try comes to may be told twice, and is told once (promise 7). */
export function createTellPartner({ ledger, partner, now }: TellPartnerParts) {
  /**
   * What its partner is told is never written behind the state: a crash in between would leave a submission that is
   * given up, and nobody who tells him.
   */
  async function withFailure(
    work: SubmissionWork,
    { fence, end, answer }: { fence: string; end: Dead; answer?: AgencyAnswer | undefined },
    write: () => Promise<unknown>,
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
    const owed = await owedTo(work, receipt)
    const told = () => ledger.addReceipt({ ...owed, status: 'failed' }, now())
    // In one turn, and so in one commit, in this order. A disk that fills up may take the second alone: then the first
    // is written again, since nobody else would.
    const [first, second] = await Promise.allSettled([told(), write()])
    if (second.status === 'rejected') throw second.reason
    if (first.status === 'rejected') await told()
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
    await ledger.addReceipt({ ...(await owedTo(work, receipt)), status: 'processing' }, now())
  }

  /**
   * Told behind the deed, which is done once: a person decides about what is unclear or held, and it is neither any
   * more. A crash in between leaves a dead letter whose partner has not heard.
   */
  async function tellGivenUp(submission: SubmissionFacts): Promise<void> {
    const { messageId, reference, operation, documentType, agency } = submission
    const receipt: Receipt = {
      receiptId: newId('rcp'),
      messageId,
      reference,
      operation,
      documentType,
      stage: 'business',
      agency,
      status: 'failed',
      code: 'HUB_GIVEN_UP',
      text: errorText('HUB_GIVEN_UP', { agency }),
      time: now().toISOString(),
      faults: [],
    }
    await ledger.addReceipt({ ...(await owedTo(submission, receipt)), status: 'failed' }, now())
  }

  /** What is told of it, and by which way. Should the partner's wishes not be known just now: the way it came. */
  async function owedTo(
    { submissionId, partnerId }: Pick<SubmissionFacts, 'submissionId' | 'partnerId'>,
    receipt: Receipt,
  ) {
    const settings = (await partner(partnerId).catch(() => undefined))?.settings
    const wished = settings?.returns?.business ?? 'same'
    return {
      receipt,
      submissionId,
      receiptReturn: 'owed' as const,
      ...(wished === 'same' ? {} : { receiptChannel: returnChannel(settings, 'business', wished) }),
    }
  }

  return { withFailure, tellHeld, tellGivenUp }
}

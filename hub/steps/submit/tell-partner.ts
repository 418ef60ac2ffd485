// tell-partner — the hub's own receipts of a submission: that it failed, that a person gave it up, or that it is held
// behind its original.
import type { AgencyAnswer } from '../../../messages/agency-answer.js'
import { errorText, type ErrorCode } from '../../../messages/errors.js'
import { newId } from '../../../messages/ids.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import { receiptBody } from '../../../messages/receipt.js'
import { receiptIdOfTry } from '../../../messages/try-id.js'
import type { AttemptEnd, HubReceipt, SubmissionFacts, SubmissionWork } from '../../../store/ledger.js'
import { ownReceipt, type Said } from '../own-receipt.js'

/** @see [createSubmit](../submit.ts) */
export interface TellPartnerParts {
  /** @see [createPartnerBook](../../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  now: () => Date
}

type Dead = Extract<AttemptEnd, { outcome: 'dead' }>

/** Makes the three; what a try comes to may be told twice, and is told once (promise 7). */
export function createTellPartner({ partner, now }: TellPartnerParts) {
  /** For the write that ends its try: that it is given up, and why. */
  function failed(
    work: SubmissionWork,
    { fence, end, answer }: { fence: string; end: Dead; answer?: AgencyAnswer | undefined },
  ): Promise<HubReceipt> {
    const { agency, messageId } = work
    const said = {
      // The same for the same attempt, so that telling twice is telling once (promise 7). Not its number: after a
      // replay that begins again.
      receiptId: receiptIdOfTry(fence),
      status: 'failed',
      code: end.code,
      text: errorText(end.code as ErrorCode, { detail: end.detail, agency, messageId }),
      ...(answer ? { body: receiptBody(answer.bytes, answer.mediaType) } : {}),
    } as const
    return owedTo(work, said)
  }

  /** For the write that holds it. */
  function held(work: SubmissionWork, original: string): Promise<HubReceipt> {
    return owedTo(work, {
      receiptId: `rcp_${work.submissionId.slice(4)}h`,
      status: 'processing',
      code: 'HUB_HELD',
      text: errorText('HUB_HELD', { reference: original }),
    })
  }

  /** For the write that gives it up: a person decides that once. */
  function givenUp(submission: SubmissionFacts): Promise<HubReceipt> {
    return owedTo(submission, {
      receiptId: newId('rcp'),
      status: 'failed',
      code: 'HUB_GIVEN_UP',
      text: errorText('HUB_GIVEN_UP', { agency: submission.agency }),
    })
  }

  /** What is told of it, and by which way. Should the partner's wishes not be known just now: the way it came. */
  async function owedTo(submission: Omit<SubmissionFacts, 'channel'>, said: Said): Promise<HubReceipt> {
    const { submissionId, partnerId } = submission
    const settings = (await partner(partnerId).catch(() => undefined))?.settings
    const wished = settings?.returns?.business ?? 'same'
    return {
      receipt: ownReceipt(submission, said, now()),
      submissionId,
      status: said.status,
      receiptReturn: 'owed',
      ...(wished === 'same' ? {} : { receiptChannel: returnChannel(settings, 'business', wished) }),
    }
  }

  return { failed, held, givenUp }
}

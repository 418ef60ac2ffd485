// operator — what people may do to the hub's work. Every verb writes who, what and why to the audit; the folder beside
// this file has one file for each kind of thing that is acted on.
import type { Ledger } from '../../store/ledger.js'
import type { Log } from '../base/log.js'
import { createAnswers, type AnswersParts } from './operator/answers.js'
import { createPartnerKeys, type PartnerKeysParts } from './operator/partner-keys.js'
import { createPartners, type PartnersParts } from './operator/partners.js'
import { createPayloadRead } from './operator/payload-read.js'
import { createReceipts, type ReceiptsParts } from './operator/receipts.js'
import { createReceiptWays, type ReceiptWaysParts } from './operator/receipt-ways.js'
import { createSubmissions, type SubmissionsParts } from './operator/submissions.js'
import { createRecorded } from './recorded.js'
import { createSigningCertificates } from './signing-certificates.js'

/** @see [startOperating](../boot/operating.ts) */
interface OperatorParts
  extends
    Pick<SubmissionsParts, 'expects' | 'offer' | 'givenUp'>,
    Pick<AnswersParts, 'settleSoon'>,
    Pick<ReceiptsParts, 'partner'>,
    Pick<PartnersParts, 'partnersChanged' | 'secretFaults'>,
    Pick<PartnerKeysParts, 'certificateBinding'>,
    Pick<ReceiptWaysParts, 'subscriptions' | 'webhooks'> {
  ledger: Ledger
  log: Log
  now?: () => Date
}

/** All verbs below `/ops` that act on work and partners. */
export function createOperator({ log, now = () => new Date(), ...given }: OperatorParts) {
  const recorded = createRecorded({ ledger: given.ledger, log, event: 'operator', now })
  const parts = { ...given, recorded, now }
  return {
    ...createPayloadRead(parts),
    ...createSubmissions(parts),
    ...createAnswers(parts),
    ...createReceipts(parts),
    ...createPartners(parts),
    ...createPartnerKeys(parts),
    ...createSigningCertificates(parts),
    ...createReceiptWays(parts),
  }
}

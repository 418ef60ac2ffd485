// operator — what people may do to the hub's work, and the record of it: every verb here writes who, what and why to the audit.
//
// The deed comes first, the record after: a crash in between leaves a deed that shows in the ledger without its author; the other
// order would leave an author without a deed.
import type { Operator } from '../adapters/channels/http/parts.js'
import type { Expectation } from '../messages/document-type.js'
import { HubError } from '../messages/errors.js'
import { awaited } from '../messages/expectation.js'
import { returnChannel, type Partner } from '../messages/partner.js'
import type { Subscription } from '../messages/subscription.js'
import type { Ledger } from '../store/ledger.js'
import { loggedUrl, type Log } from './log.js'
import { hashSecret, newSecret, type SecretKind } from './partner-book.js'
import type { createSubscriptions } from './subscriptions.js'
import type { Webhooks } from './webhooks.js'

export interface OperatorParts {
  ledger: Ledger
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** Something about a partner has changed: whoever remembers partners forgets them, polls are started or ended. */
  partnersChanged: () => Promise<void>
  subscriptions: ReturnType<typeof createSubscriptions>
  webhooks: Webhooks
  /** What a document type's agency is to answer, and until when. */
  expects: (documentType: string) => Expectation[] | undefined
  offer: (submission: { submissionId: string; agency: string }) => Promise<unknown>
  settleSoon: () => void
  log: Log
  now?: () => Date
}

/** Who does it, and why. */
export type By = Operator

export function createOperator({
  ledger,
  partner,
  partnersChanged,
  subscriptions,
  webhooks,
  expects,
  offer,
  settleSoon,
  log,
  now = () => new Date(),
}: OperatorParts) {
  async function record(by: By, action: string, target: string, detail: Record<string, unknown> = {}): Promise<void> {
    await ledger.audit({ at: now(), who: by.who, action, target, why: by.why ?? '', detail })
    log.warn(
      {
        who: by.who,
        action,
        target,
        why: by.why,
        ...detail,
        ...(typeof detail.url === 'string' ? { url: loggedUrl(detail.url) } : {}),
      },
      'operator',
    )
  }

  /** What may go on now is offered at once; should that be lost, the sweeper does it. */
  async function offerAgain(submissionId: string): Promise<void> {
    const known = await ledger.submissionById(submissionId)
    if (known) await offer({ submissionId, agency: known.agency })
    const next = await ledger.nextBehind(submissionId)
    if (next) await offer(next)
  }

  async function onSubmission(
    by: By,
    action: string,
    submissionId: string,
    done: Promise<boolean>,
    detail: Record<string, unknown> = {},
  ): Promise<boolean> {
    if (!(await done)) return false
    await record(by, action, submissionId, detail)
    await offerAgain(submissionId)
    return true
  }

  /** What a person says is at the agency is answered for like all else: should no answer come, it turns up as late. */
  async function decideUnclear(submissionId: string, decision: 'taken' | 'resend' | 'dead', by: By): Promise<boolean> {
    const known = await ledger.submissionById(submissionId)
    return ledger.resolveUnclear(
      submissionId,
      decision,
      now(),
      by.why ?? '',
      known && awaited(expects(known.documentType), undefined, now()),
    )
  }

  return {
    replay: (submissionId: string, by: By) =>
      onSubmission(by, 'dead.replay', submissionId, ledger.replay(submissionId, now())),
    resolveUnclear: (submissionId: string, decision: 'taken' | 'resend' | 'dead', by: By) =>
      onSubmission(by, 'unclear.resolve', submissionId, decideUnclear(submissionId, decision, by), { decision }),
    releaseHeld: (submissionId: string, decision: 'send' | 'dead', by: By) =>
      onSubmission(by, 'held.release', submissionId, ledger.releaseHeld(submissionId, decision, now()), { decision }),

    async dropDead(submissionId: string, by: By): Promise<boolean> {
      if (!(await ledger.dropDead(submissionId))) return false
      await record(by, 'dead.drop', submissionId)
      return true
    },
    async matchOrphan(replyId: string, submissionId: string, by: By): Promise<boolean> {
      if (!(await ledger.matchOrphan(replyId, submissionId))) return false
      await record(by, 'orphan.match', replyId, { submissionId })
      settleSoon()
      return true
    },
    async dropOrphan(replyId: string, by: By): Promise<boolean> {
      if (!(await ledger.dropOrphan(replyId))) return false
      await record(by, 'orphan.drop', replyId)
      return true
    },

    /** Without `by` it is the partner's own wish. What went to a webhook that is gone goes to the mailbox; all else the way it went before. */
    async resendReceipt(receiptId: string, partnerId: string | undefined, by?: By): Promise<boolean> {
      const owed = await ledger.getReceipt(receiptId)
      if (!owed || (partnerId !== undefined && owed.partnerId !== partnerId)) return false
      const channel =
        owed.channel === 'webhook'
          ? returnChannel((await partner(owed.partnerId))?.settings, owed.receipt.stage, 'http')
          : owed.channel
      if (!(await ledger.resendReceipt(receiptId, partnerId, now(), channel))) return false
      if (by) await record(by, 'receipt.resend', receiptId)
      return true
    },

    async putPartner(changed: Parameters<Ledger['putPartner']>[0], by: By): Promise<void> {
      await ledger.putPartner(changed)
      await partnersChanged()
      await record(by, 'partner.put', changed.partnerId, {
        rights: changed.settings.rights,
        disabled: changed.disabled ?? false,
      })
    },
    async newSecret(partnerId: string, kind: SecretKind, label: string, by: By): Promise<string | undefined> {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const fresh = newSecret(kind)
      await ledger.putSecret(partnerId, kind, hashSecret(fresh), label)
      await partnersChanged()
      await record(by, 'partner.key', partnerId, { kind, label })
      return fresh
    },
    async setWebhook(partnerId: string, webhook: Parameters<Webhooks['set']>[1], by: By) {
      const set = await webhooks.set(partnerId, webhook)
      if (set) await record(by, 'partner.webhook', partnerId, { url: webhook.url, newSecret: webhook.newSecret })
      return set
    },
    async removeWebhook(partnerId: string, by: By): Promise<boolean> {
      const removed = await webhooks.remove(partnerId)
      if (removed) await record(by, 'partner.webhook', partnerId, { removed })
      return removed
    },
    async grantSubscription(partnerId: string, subscription: Subscription, by: By): Promise<void> {
      await subscriptions.subscribe(partnerId, subscription)
      await record(by, 'partner.subscribe', partnerId, { ...subscription })
    },
    async endSubscription(partnerId: string, which: { operation: string; reference?: string }, by: By): Promise<void> {
      if (!(await subscriptions.unsubscribe(partnerId, which.operation, which.reference)))
        throw new HubError('HUB_NOT_FOUND')
      await record(by, 'partner.unsubscribe', partnerId, { ...which })
    },
  }
}

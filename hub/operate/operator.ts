// operator — what people may do to the hub's work, and the record of it: every verb here writes who, what and why to
// the audit.
//
// The deed and its record are one write: neither is ever in the ledger without the other.
import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Operator } from '../../adapters/channels/http/parts.js'
import type { Expectation } from '../../messages/document-type.js'
import { HubError } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import { PartnerSettings, returnChannel, type Partner } from '../../messages/partner.js'
import type { Subscription } from '../../messages/subscription.js'
import type { HubReceipt, Ledger, SecretKind, SubmissionFacts } from '../../store/ledger.js'
import { rangeFault } from '../../adapters/trust/address-ranges.js'
import type { Binding, BoundBy } from '../../adapters/trust/client-certificate.js'
import type { Log } from '../base/log.js'
import { loggedUrl } from '../../messages/logged-url.js'
import { hashSecret, newSecret } from './partner-book.js'
import { valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { createSigningCertificates } from './signing-certificates.js'
import type { createSubscriptions } from './subscriptions.js'
import type { AuditDetail, KeyFacts } from '../../messages/views/index.js'
import type { Webhooks } from '../doors/webhooks.js'

/** @see [startOperating](../boot/operating.ts) */
export interface OperatorParts {
  ledger: Ledger
  /** @see [createPartnerBook](./partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** Something about a partner has changed: whoever remembers partners forgets them, polls are started or ended. */
  partnersChanged: () => Promise<void>
  subscriptions: ReturnType<typeof createSubscriptions>
  webhooks: Webhooks
  /**
   * What a document type's agency is to answer, and until when.
   * @see [readData](../boot/data.ts)
   */
  expects: (documentType: string) => Expectation[] | undefined
  offer: (submission: { submissionId: string; agency: string }) => Promise<unknown>
  /**
   * What a partner hears of it when a person gives it up.
   * @see [createTellPartner](../steps/submit/tell-partner.ts)
   */
  givenUp: (submission: SubmissionFacts) => Promise<HubReceipt>
  /** @see [startWorking](../boot/working.ts) */
  settleSoon: () => void
  /**
   * What of a partner's settings names a secret that is not a partner's.
   * @see [createPartnerSecrets](./partner-secrets.ts)
   */
  secretFaults: (poll: Partial<PartnerSettings>['poll']) => ValueFault[]
  /**
   * What is kept of a certificate that is to open the door. Throws HUB_REQUEST_INVALID.
   * @see [certificateBinding](../boot/tls.ts)
   */
  certificateBinding: (pem: string, by: BoundBy) => Binding
  log: Log
  now?: () => Date
}

/** Who does it, and why. */
export type By = Operator

/** What of a partner is to be changed. A member that is not there stays as it is; so does a setting. */
export interface NamedPartner {
  partnerId: string
  name?: string | undefined
  settings?: Partial<PartnerSettings> | undefined
  sshKeys?: string[] | undefined
  disabled?: boolean | undefined
}

const oneLookMs = 600_000
/** Dead letters one act replays. */
const mostReplayed = 10_000
const mostLooks = 10_000

/** Certificates are looked at when they are registered, by their own call. */
const NamedSettings = Type.Partial(Type.Omit(PartnerSettings, ['signingCertificates']), { additionalProperties: false })

const faultText = ({ at, en, value }: ValueFault) =>
  `${at}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}: ${en}`

const rangeFaults = (ranges: readonly string[] = []): ValueFault[] =>
  ranges.flatMap((range, i) => {
    const fault = rangeFault(range)
    return fault ? [{ at: `/settings/addresses/${i}`, ...fault }] : []
  })

/** As `ssh-keygen -l` writes it. */
const fingerprint = (line: string) =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`
const comment = (line: string) => line.trim().split(/\s+/).slice(2).join(' ')

export function createOperator({
  ledger,
  partner,
  partnersChanged,
  subscriptions,
  webhooks,
  expects,
  offer,
  givenUp,
  settleSoon,
  secretFaults,
  certificateBinding,
  log,
  now = () => new Date(),
}: OperatorParts) {
  /** Undefined and `false` mean that there was nothing to do; then nothing is recorded. */
  async function record<T>(
    { by, action, target, detail = {} }: { by: By; action: string; target: string; detail?: AuditDetail },
    deed: () => Promise<T>,
  ): Promise<T> {
    const done = await ledger.audited({ at: now(), who: by.who, action, target, why: by.why ?? '', detail }, deed)
    if (done === false || done === undefined) return done
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
    return done
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
    deed: () => Promise<boolean>,
    detail: AuditDetail = {},
  ): Promise<boolean> {
    if (!(await record({ by, action, target: submissionId, detail }, deed))) return false
    await offerAgain(submissionId)
    return true
  }

  /** A person decides about what nobody sends by itself. Given up, its partner hears it in the same write. */
  async function decide(
    by: By,
    { action, submissionId, decision }: { action: string; submissionId: string; decision: string },
    deed: (told: HubReceipt | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    const known = decision === 'dead' ? await ledger.submissionById(submissionId) : undefined
    const told = known && (await givenUp(known))
    return onSubmission(by, action, submissionId, () => deed(told), { decision })
  }

  /** What a person says is at the agency is answered for like all else: should no answer come, it turns up as late. */
  async function decideUnclear(
    submissionId: string,
    { decision, by, told }: { decision: 'taken' | 'resend' | 'dead'; by: By; told: HubReceipt | undefined },
  ): Promise<boolean> {
    const known = await ledger.submissionById(submissionId)
    return ledger.resolveUnclear(
      submissionId,
      { decision, why: by.why ?? '', expects: known && expects(known.documentType) },
      now(),
      told,
    )
  }

  /** Who has looked at the receipts of which message lately: a page that is left open is one look. */
  const looks = new Map<string, number>()

  return {
    /** That an operator has seen what a partner or an agency wrote. Every reading of a message's bytes is kept. */
    async payloadRead(
      messageId: string,
      what: 'content' | 'receipts' | 'attachment' | 'evidence',
      by: By,
    ): Promise<void> {
      const look = `${by.who} ${messageId}`
      const at = now().getTime()
      if (what === 'receipts' && at - (looks.get(look) ?? 0) < oneLookMs) return
      await ledger.audit({
        at: now(),
        who: by.who,
        action: 'message.read',
        target: messageId,
        why: '',
        detail: { what, ...(by.why === undefined ? {} : { name: by.why }) },
      })
      if (looks.size >= mostLooks) looks.clear()
      if (what === 'receipts') looks.set(look, at)
    },
    replay: (submissionId: string, by: By) =>
      onSubmission(by, 'dead.replay', submissionId, () => ledger.replay(submissionId, now())),
    /** One after another, each an act of its own in the audit. What stands there no more is left out. */
    async replayAll(which: { agency?: string | undefined; code?: string | undefined }, by: By): Promise<number> {
      let replayed = 0
      for (const { submissionId } of await ledger.standing('dead', mostReplayed, which)) {
        const again = () => ledger.replay(submissionId, now())
        if (await onSubmission(by, 'dead.replay', submissionId, again, { all: true })) replayed += 1
      }
      return replayed
    },
    resolveUnclear: (submissionId: string, decision: 'taken' | 'resend' | 'dead', by: By) =>
      decide(by, { action: 'unclear.resolve', submissionId, decision }, (told) =>
        decideUnclear(submissionId, { decision, by, told }),
      ),
    releaseHeld: (submissionId: string, decision: 'send' | 'dead', by: By) =>
      decide(by, { action: 'held.release', submissionId, decision }, (told) =>
        ledger.releaseHeld(submissionId, decision, now(), told),
      ),

    async dropDead(submissionId: string, by: By): Promise<boolean> {
      return record({ by, action: 'dead.drop', target: submissionId }, () => ledger.dropDead(submissionId))
    },
    async matchOrphan(replyId: string, submissionId: string, by: By): Promise<boolean> {
      const matched = await record({ by, action: 'orphan.match', target: replyId, detail: { submissionId } }, () =>
        ledger.matchOrphan(replyId, submissionId),
      )
      if (matched) settleSoon()
      return matched
    },
    async releaseAnswer(replyId: string, by: By): Promise<boolean> {
      const released = await record({ by, action: 'answer.release', target: replyId }, () =>
        ledger.releaseAnswer(replyId, now()),
      )
      if (released) settleSoon()
      return released
    },
    closeSharedKey: (id: number, by: By) =>
      record({ by, action: 'shared-key.close', target: String(id) }, () => ledger.closeSharedKey(id, now())),
    async dropOrphan(replyId: string, by: By): Promise<boolean> {
      return record({ by, action: 'orphan.drop', target: replyId }, () => ledger.dropOrphan(replyId))
    },

    /**
     * Without `by` it is the partner's own wish. What went to a webhook that is gone goes to the mailbox; all else the
     * way it went before.
     */
    async resendReceipt(receiptId: string, partnerId: string | undefined, by?: By): Promise<boolean> {
      const owed = await ledger.getReceipt(receiptId)
      if (!owed || (partnerId !== undefined && owed.partnerId !== partnerId)) return false
      const channel =
        owed.channel === 'webhook'
          ? returnChannel((await partner(owed.partnerId))?.settings, owed.receipt.stage, 'http')
          : owed.channel
      const again = () => ledger.resendReceipt(receiptId, { partnerId, channel }, now())
      return by ? record({ by, action: 'receipt.resend', target: receiptId }, again) : again()
    },

    /**
     * Adds a partner, or changes what is named of one and nothing else. A new one may do nothing until rights are
     * given.
     * @throws HubError HUB_REQUEST_INVALID with every fault
     */
    async changePartner(named: NamedPartner, by: By): Promise<{ partner: Partner; created: boolean }> {
      const { partnerId, name, settings, sshKeys, disabled } = named
      const faults = valueFaults(NamedSettings, settings ?? {}, '/settings')
      if (faults.length === 0) faults.push(...secretFaults(settings?.poll), ...rangeFaults(settings?.addresses))
      if (faults.length > 0) throw new HubError('HUB_REQUEST_INVALID', { detail: faults.map(faultText).join('; ') })
      const before = await ledger.getPartner(partnerId)
      if (!before && name === undefined)
        throw new HubError('HUB_REQUEST_INVALID', { detail: `/name: partner ${partnerId} is new and needs a name` })
      const detail = {
        created: !before,
        changed: Object.keys({ ...named, ...settings }).filter((key) => key !== 'partnerId' && key !== 'settings'),
        ...(settings?.rights || !before ? { rights: settings?.rights ?? [] } : {}),
        ...(disabled === undefined ? {} : { disabled }),
      }
      const partner = await record({ by, action: 'partner.put', target: partnerId, detail }, () =>
        ledger.changePartner(partnerId, (old) => ({
          partnerId,
          name: name ?? old?.name ?? partnerId,
          settings: Value.Default(PartnerSettings, { ...old?.settings, ...settings }) as PartnerSettings,
          sshKeys: sshKeys ?? old?.sshKeys ?? [],
          disabled: disabled ?? old?.disabled ?? false,
        })),
      )
      await partnersChanged()
      return { partner, created: !before }
    },
    /**
     * Disabled, it is answered by no door any more, and what it holds open ends. Undefined when there is no such
     * partner.
     */
    async disablePartner(partnerId: string, disabled: boolean, by: By): Promise<Partner | undefined> {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const action = disabled ? 'partner.disable' : 'partner.enable'
      const partner = await record({ by, action, target: partnerId }, () =>
        ledger.changePartner(partnerId, (old) => ({ ...old!, disabled })),
      )
      await partnersChanged()
      return partner
    },

    /**
     * Keys, passwords and public keys: what they are called, never what they are. Undefined when there is no such
     * partner.
     */
    async keys(partnerId: string): Promise<KeyFacts[] | undefined> {
      const known = await ledger.getPartner(partnerId)
      if (!known) return undefined
      const secrets = await ledger.secrets(partnerId)
      return [
        ...secrets.map(({ secretId, createdAt, lastUsedAt, expiresAt, ...more }) => ({
          id: secretId,
          ...more,
          createdAt: createdAt.toISOString(),
          ...(lastUsedAt ? { lastUsedAt: lastUsedAt.toISOString() } : {}),
          ...(expiresAt ? { expiresAt: expiresAt.toISOString(), expired: expiresAt <= now() } : {}),
        })),
        ...known.sshKeys.map((line) => ({ id: fingerprint(line), kind: 'ssh' as const, label: comment(line) })),
      ]
    },
    async newSecret(
      partnerId: string,
      { kind, label, expiresAt }: { kind: SecretKind; label: string; expiresAt?: Date | undefined },
      by: By,
    ): Promise<{ id: string; secret: string } | undefined> {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const secret = newSecret(kind)
      const id = newId('key')
      const detail = { kind, label, id, ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}) }
      await record({ by, action: 'partner.key', target: partnerId, detail }, async () => {
        await ledger.putSecret({
          partnerId,
          kind,
          sha256: hashSecret(secret),
          label,
          secretId: id,
          ...(expiresAt ? { expiresAt } : {}),
        })
        return true
      })
      await partnersChanged()
      return { id, secret }
    },
    /**
     * Lets a certificate in beside the keys. By fingerprint it opens until it ends by itself.
     * @throws HubError HUB_REQUEST_INVALID
     */
    async newCertificate(
      partnerId: string,
      { pem, by: boundBy, label, expiresAt }: { pem: string; by: BoundBy; label: string; expiresAt?: Date | undefined },
      by: By,
    ) {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const { sha256, facts } = certificateBinding(pem, boundBy)
      const ends = expiresAt ?? (boundBy === 'fingerprint' ? facts.validTo : undefined)
      if (ends !== undefined && ends <= now())
        throw new HubError('HUB_REQUEST_INVALID', { detail: `/certificate: it ended on ${ends.toISOString()}` })
      const owner = await ledger.findBySecret('certificate', sha256)
      if (owner) throw new HubError('HUB_REQUEST_INVALID', { detail: `/certificate: it is registered already` })
      const id = newId('key')
      const told = {
        id,
        by: boundBy,
        subject: facts.subject,
        issuer: facts.issuer,
        ...(boundBy === 'fingerprint' ? { fingerprint: facts.fingerprint } : {}),
        ...(ends ? { expiresAt: ends.toISOString() } : {}),
      }
      await record({ by, action: 'partner.certificate', target: partnerId, detail: { ...told, label } }, async () => {
        const named = [label, facts.subject, boundBy === 'subject' ? 'by subject' : facts.fingerprint.slice(0, 16)]
        await ledger.putSecret({
          partnerId,
          kind: 'certificate',
          sha256,
          label: named.filter(Boolean).join(' · '),
          secretId: id,
          ...(ends ? { expiresAt: ends } : {}),
        })
        return true
      })
      await partnersChanged()
      return told
    },
    ...createSigningCertificates({ ledger, record, partnersChanged, now }),
    /** From now on it opens nothing, and what it holds open ends. False when the partner has no key of this id. */
    async revokeKey(partnerId: string, id: string, by: By): Promise<boolean> {
      const known = await ledger.getPartner(partnerId)
      const ssh = known?.sshKeys.some((line) => fingerprint(line) === id)
      const detail = { id, kind: ssh ? 'ssh' : 'secret' }
      const revoked = await record({ by, action: 'partner.revoke', target: partnerId, detail }, async () => {
        if (!ssh) return ledger.revokeSecret(partnerId, id)
        await ledger.changePartner(partnerId, (old) => ({
          ...old!,
          sshKeys: old!.sshKeys.filter((line) => fingerprint(line) !== id),
        }))
        return true
      })
      if (revoked) await partnersChanged()
      return revoked
    },
    async setWebhook(partnerId: string, webhook: Parameters<Webhooks['set']>[1], by: By) {
      const detail = { url: webhook.url, newSecret: webhook.newSecret }
      return record({ by, action: 'partner.webhook', target: partnerId, detail }, () =>
        webhooks.set(partnerId, webhook),
      )
    },
    async removeWebhook(partnerId: string, by: By): Promise<boolean> {
      return record({ by, action: 'partner.webhook', target: partnerId, detail: { removed: true } }, () =>
        webhooks.remove(partnerId),
      )
    },
    async grantSubscription(partnerId: string, subscription: Subscription, by: By): Promise<void> {
      await record({ by, action: 'partner.subscribe', target: partnerId, detail: { ...subscription } }, async () => {
        await subscriptions.subscribeGranted(partnerId, subscription)
        return true
      })
    },
    /** Grants what the partner asked for by itself. */
    async grantWish(partnerId: string, which: { operation: string; reference?: string }, by: By): Promise<void> {
      const granted = await record({ by, action: 'partner.grant', target: partnerId, detail: { ...which } }, () =>
        subscriptions.grant(partnerId, which.operation, which.reference),
      )
      if (!granted) throw new HubError('HUB_NOT_FOUND')
    },
    async endSubscription(partnerId: string, which: { operation: string; reference?: string }, by: By): Promise<void> {
      const ended = await record({ by, action: 'partner.unsubscribe', target: partnerId, detail: { ...which } }, () =>
        subscriptions.unsubscribe(partnerId, which.operation, which.reference),
      )
      if (!ended) throw new HubError('HUB_NOT_FOUND')
    },
  }
}

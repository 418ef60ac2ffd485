// webhooks — the partners' webhooks: their secrets, one call, and what happens when one stays silent for three days.
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WebhookWish } from '../../adapters/channels/http/parts/partners.js'
import { postReceipt, type WebhookSigner } from '../../adapters/channels/webhook/webhook.js'
import { standardSecret } from '../../adapters/channels/webhook/signature.js'
import { urlFault, type WebhookReach } from '../../adapters/channels/webhook/reach.js'
import { errorText, HubError } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { Partner } from '../../messages/partner.js'
import type { Ledger } from '../../store/ledger.js'
import type { Log } from '../base/log.js'
import type { Deliver } from '../steps/give-back.js'

/** @see [startOperating](../boot/operating.ts) */
interface WebhooksParts {
  ledger: Pick<Ledger, 'getPartner' | 'changePartner' | 'tellPartner'>
  /** The hub's own key (webhookKey); all secrets are made from it. */
  key: string
  /** Where webhooks may lead. */
  reach: WebhookReach
  /** The hub's own signature on every call; absent: there is none. */
  signer?: WebhookSigner | undefined
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  changed: () => void
  log: Log
  now?: () => Date
}

/**
 * HUB_WEBHOOK_KEY, or one made at the first start and kept in the data folder (mode 0600). Hubs that share a ledger
 * must share it.
 */
export function webhookKey(dataDir: string, env: NodeJS.ProcessEnv): string {
  if (env.HUB_WEBHOOK_KEY) return env.HUB_WEBHOOK_KEY
  const file = join(dataDir, 'webhook.key')
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  return readFileSync(file, 'utf8').trim()
}

/** A secret is made of the hub's key and the partner's name, and is stored nowhere. */
export function createWebhooks({ ledger, key, reach, signer, changed, log, now = () => new Date() }: WebhooksParts) {
  const secretOf = (
    { partnerId, settings }: Pick<Partner, 'partnerId' | 'settings'>,
    generation = settings.webhook?.generation ?? 1,
  ) => `whsec_${createHmac('sha256', key).update(`${partnerId}\0${generation}`).digest('base64url')}`

  /** The secret of before, while both hold. */
  function previousOf(partner: Pick<Partner, 'partnerId' | 'settings'>): string | undefined {
    const previous = partner.settings.webhook?.previous
    return previous && Date.parse(previous.until) > now().getTime() ? secretOf(partner, previous.generation) : undefined
  }

  async function change(
    partnerId: string,
    webhook: (old: Partner['settings']['webhook']) => Partner['settings']['webhook'],
    returns: Partner['settings']['returns'] = {},
  ): Promise<Partner | undefined> {
    if (!(await ledger.getPartner(partnerId))) return undefined
    const after = await ledger.changePartner(partnerId, (partner) => {
      const { webhook: old, ...others } = partner!.settings
      const next = webhook(old)
      const settings = { ...others, returns: { ...others.returns, ...returns }, ...(next ? { webhook: next } : {}) }
      return { ...partner!, settings }
    })
    changed()
    return after
  }

  return {
    deliver: (async ({ partnerId, receipt }) => {
      const partner = await ledger.getPartner(partnerId)
      const url = partner?.settings.webhook?.url
      if (!partner || url === undefined) throw new Error('the partner has no webhook')
      if (partner.settings.webhook?.disabled) throw new Error('the webhook is disabled')
      const secrets = { secret: secretOf(partner), previous: previousOf(partner) }
      await postReceipt({ url, ...secrets, receipt, reach, signer, now: now() })
    }) satisfies Deliver,

    /**
     * Sets the URL (and enables it); the secret is to be handed to the partner. With a new secret the old one holds for
     * `overlapHours` more: calls are signed with both. Undefined when there is no such partner.
     */
    async set(
      partnerId: string,
      { url, newSecret, overlapHours, stages }: WebhookWish,
    ): Promise<{ url: string; secret: string; standardSecret: string; previousUntil?: string } | undefined> {
      const fault = urlFault(url, reach)
      if (fault !== undefined) throw new HubError('HUB_REQUEST_INVALID', { detail: `/url: ${fault}` })
      const partner = await change(
        partnerId,
        (old) => {
          if (!newSecret || !old) return { url, generation: old?.generation ?? 1, ...previousIn(old) }
          const until = new Date(now().getTime() + overlapHours * 3_600_000).toISOString()
          const { generation } = old
          return { url, generation: generation + 1, ...(overlapHours > 0 ? { previous: { generation, until } } : {}) }
        },
        Object.fromEntries(stages.map((stage) => [stage, 'webhook'])),
      )
      if (!partner) return undefined
      const secret = secretOf(partner)
      const until = previousOf(partner) === undefined ? undefined : partner.settings.webhook?.previous?.until
      return {
        ...{ url, secret, standardSecret: standardSecret(secret) },
        ...(until === undefined ? {} : { previousUntil: until }),
      }
    },

    async remove(partnerId: string): Promise<boolean> {
      return (await change(partnerId, () => undefined)) !== undefined
    },

    /**
     * No more calls; new receipts wait in the mailbox, and the first of them says why. A crash in between: the next
     * failure comes here again.
     */
    async disable(partnerId: string, why: string): Promise<void> {
      const known = await ledger.getPartner(partnerId)
      if (!known?.settings.webhook || known.settings.webhook.disabled) return
      const at = now().toISOString()
      await change(partnerId, (old) => old && { ...old, disabled: { at, why } })
      const noticeId = newId('ntc')
      await ledger.tellPartner(
        {
          partnerId,
          receipt: {
            receiptId: newId('rcp'),
            messageId: noticeId,
            reference: noticeId,
            stage: 'notice',
            status: 'failed',
            code: 'HUB_WEBHOOK_DISABLED',
            text: errorText('HUB_WEBHOOK_DISABLED', { detail: why }),
            time: at,
            faults: [],
          },
          channel: 'http',
        },
        now(),
      )
      log.warn({ partnerId, why }, 'webhook disabled')
    },
  }
}

const previousIn = (webhook: Partner['settings']['webhook']) =>
  webhook?.previous ? { previous: webhook.previous } : {}

export type Webhooks = ReturnType<typeof createWebhooks>

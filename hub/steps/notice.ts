// notice — what an agency says first, to nobody's submission: which notice of the catalogue it is, checked by its XSD,
// for those who subscribed. It only reads; settling writes notice and receipts in one write, so that telling twice or
// to half cannot happen.
import { namesOneOf } from '../../messages/companies.js'
import { errorText } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Inspect } from '../../messages/inspection.js'
import { mayUse, returnChannel, type Partner } from '../../messages/partner.js'
import { bodyOfAnswer, type Receipt } from '../../messages/receipt.js'
import type { ReplyEntry } from '../../messages/reply.js'
import { subjectText, subscriptionDocument } from '../../messages/subscription.js'
import type { Routing } from '../../routing/operation.js'
import type { Ledger, NewReply, Settlement } from '../../store/ledger.js'
import { attachmentsOf } from './attached-files.js'

/** @see [startAnswering](../boot/answering.ts) */
interface NoticeParts {
  /** @see [startChecking](../boot/checking.ts) */
  inspect: Inspect
  routing: Pick<Routing, 'candidates'>
  ledger: Pick<Ledger, 'subscribers'>
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  now?: () => Date
}

/** What settling writes of a notice, with whom it goes to. */
export type Notice = NonNullable<Settlement['notice']>

/**
 * Reads a reply as a notice; undefined when the catalogue has no notice of this agency in this form.
 * A notice that breaks its schema is told all the same, with its faults: keeping news back would help nobody.
 * `said` is what the family's receipt description made of it, if it has one: status, code, text.
 */
export function createNotice({ inspect, routing, ledger, partner, now = () => new Date() }: NoticeParts) {
  return async function notice(reply: NewReply, said?: ReplyEntry): Promise<Notice | undefined> {
    const { document, faults } = await inspect(reply.bytes, { owner: `agency ${reply.agency}` })
    if (!document || document.type === subscriptionDocument) return undefined
    const operations = routing
      .candidates(document.type, document.facts)
      .map(({ entry }) => entry)
      .filter((entry) => entry.kind === 'notice' && entry.agencies.includes(reply.agency))
    if (operations.length === 0) return undefined
    const noticeId = newId('ntc')
    const references = [
      ...new Set([
        ...(document.reference === undefined ? [] : [document.reference]),
        ...document.keys.map(({ value }) => value),
      ]),
    ]

    const subjects = [
      ...(document.companies ?? []).map(({ value }) => subjectText({ company: value })!),
      ...(document.ports ?? []).map((port) => subjectText({ port })!),
    ]

    const told = new Map<string, { channel: ReturnChannel; operation: string }>()
    for (const { code } of operations)
      for (const { partnerId, channel, granted } of await ledger.subscribers(code, [...references, ...subjects])) {
        const who = await partner(partnerId)
        // A number can be guessed: whoever only asked for it is told when the notice names a company of its own.
        const { companies } = who?.settings ?? {}
        const entitled = granted || (companies !== undefined && namesOneOf(document.companies ?? [], companies))
        if (who && entitled && !who.disabled && mayUse(who.settings, code) && !told.has(partnerId))
          told.set(partnerId, { channel: returnChannel(who.settings, 'notice', channel)!, operation: code })
      }
    const body = bodyOfAnswer(reply.bytes, reply.mediaType, told.size)
    const receiptFor = (operation: string): Receipt => {
      const receiptId = newId('rcp')
      const files = attachmentsOf(receiptId, said?.attachments ?? [], reply.attachments ?? [])
      return {
        receiptId,
        messageId: noticeId,
        reference: references[0] ?? noticeId,
        operation,
        documentType: document.type,
        stage: 'notice',
        agency: reply.agency,
        status: said?.status ?? 'submitted',
        code: said?.code || 'HUB_NOTICE',
        text:
          said?.text ??
          errorText('HUB_NOTICE', {
            operation: `${operation} ${operations.find((o) => o.code === operation)!.title.zh}`,
          }),
        time: said?.time ?? now().toISOString(),
        faults: [...faults, ...files.faults],
        body,
        ...(said?.agencyReference === undefined ? {} : { agencyReference: said.agencyReference }),
        ...(said?.agencyReferenceName === undefined ? {} : { agencyReferenceName: said.agencyReferenceName }),
        ...files.attachments,
      }
    }
    return {
      noticeId,
      documentType: document.type,
      operations: operations.map(({ code }) => code),
      references,
      faults,
      deliveries: [...told].map(([partnerId, { channel, operation }]) => ({
        partnerId,
        channel,
        receipt: receiptFor(operation),
      })),
    }
  }
}

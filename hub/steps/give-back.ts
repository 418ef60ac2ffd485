// give-back — one try to return one receipt on its partner's channel. A receipt that cannot be returned is kept and
// tried again; nothing in here can reach an agency, so it never causes a submission (promise 4).
import { businessReceiptName, receiptAttachmentName, receiptBodyName } from '../../adapters/channels/boxes.js'
import { withSignature } from '../../adapters/channels/signature-file.js'
import { WebhookGone } from '../../adapters/channels/webhook/webhook.js'
import { fault, HubError } from '../../messages/errors.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import { bytesOfBody, type Receipt, type ReceiptAttachment } from '../../messages/receipt.js'
import { receiptToXml } from '../../messages/receipt-xml.js'
import type { Partner } from '../../messages/partner.js'
import type { SignBytes } from '../../messages/sign-bytes.js'
import { detectSyntax, formOf } from '../../messages/syntax.js'
import type { Ledger } from '../../store/ledger.js'
import { laterBy, type StepResult } from './step.js'
import { createWaysBack } from './ways-back.js'

/** One file for an InBox. The same name again overwrites, so a try that was cut off may be made again. */
export interface OutgoingFile {
  name: string
  bytes: Buffer
}

/**
 * One receipt, and what it is in an InBox: a file; before it those that came with it, and one with what the agency
 * wrote, where that is too large to be part of it.
 */
export interface Outgoing {
  partnerId: string
  receipt: Receipt
  files: () => Promise<OutgoingFile[]>
}

/**
 * Hands it over: into an InBox, atomically and in order, where the same name again overwrites; or to a webhook. Rejects
 * when it could not.
 */
export type Deliver = (outgoing: Outgoing) => Promise<void>

/** @see [startWorking](../boot/working.ts) */
interface GiveBackParts {
  ledger: Pick<Ledger, 'getReceipt' | 'receiptBody' | 'receiptAttachment' | 'endReturn'>
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /**
   * Channels that push. A receipt of any other waits in the mailbox.
   * @see [startFileDoors](../doors/file-doors.ts), [createWebhooks](../doors/webhooks.ts)
   */
  deliver: Partial<Record<ReturnChannel, Deliver>>
  /**
   * A receipt as CUSRES or APERAK, or as a port flat file; undefined when its message was neither EDIFACT nor such a
   * file.
   * @see [createSenderSyntax](../doors/sender-syntax.ts)
   */
  inSendersForm: (receipt: Receipt, partnerId: string) => Promise<Buffer | undefined>
  /** The hub's signature, a file beside each receipt; absent: there is none. */
  sign?: SignBytes | undefined
  /** Told when a way has been silent for three days, or says that it is gone. */
  gone?: (event: { partnerId: string; channel: ReturnChannel; why: string }) => Promise<void>
  /** @see [createObserve](./observe.ts) */
  observe?: (event: GiveBackEvent) => void
  now?: () => Date
}

/** How one try ended. `abandoned`: no more tries are made; the receipt stays in the ledger and can be sent again. */
export interface GiveBackEvent {
  receiptId: string
  messageId: string
  partnerId: string
  channel: ReturnChannel
  outcome: 'delivered' | 'retry' | 'abandoned'
  seconds: number
  error?: string
}

/**
 * Another hub that lives has the partner's mailbox, or will have it when the partner comes in there: the receipt is
 * left to it, and no try has failed.
 */
export class MailboxElsewhere extends Error {
  override name = 'MailboxElsewhere'
}
/** By then another hub may have taken the job. A partner that does not come for long is waited for at leisure. */
const elsewhereMs = (owedMs: number) => Math.min(60_000, Math.max(1_000, owedMs / 10))

const retrySeconds = [1, 5, 30, 120, 600, 1800]
/** No receipt waits longer until it is tried again. */
export const longestReturnWaitMs = Math.max(...retrySeconds) * 1000
const giveUpMs = 3 * 24 * 3_600_000

/**
 * One try to return one receipt, by its id. A receipt that is not owed any more is `done`. When its way is gone, or
 * after three days in vain, it is given up: it stays in the ledger until somebody has it sent again.
 */
export function createGiveBack({
  ledger,
  partner,
  deliver,
  inSendersForm,
  sign,
  gone,
  observe,
  now = () => new Date(),
}: GiveBackParts) {
  const ways = createWaysBack()

  /**
   * The agency's own bytes, but CUSRES, APERAK or a flat file for a partner who sent such and is answered in XML; the
   * hub's form where there is neither.
   */
  async function nativeFile(receipt: Receipt, partnerId: string): Promise<{ bytes: Buffer; theirs: boolean }> {
    const body = receipt.body && (bytesOfBody(receipt.body) ?? (await bodyApart(receipt.receiptId))?.bytes)
    const syntax = body && detectSyntax(body)
    if (body && (syntax === 'edifact' || syntax === 'flatfile')) return { bytes: body, theirs: true }
    const ours = await inSendersForm(receipt, partnerId)
    if (ours) return { bytes: ours, theirs: false }
    return body ? { bytes: body, theirs: true } : { bytes: Buffer.from(receiptToXml(receipt)), theirs: false }
  }

  /** A result that was deleted after its days is told by its size: its receipt is given all the same. */
  const bodyApart = (receiptId: string) =>
    ledger.receiptBody(receiptId).catch((error: unknown) => {
      if (error instanceof HubError && error.code === 'HUB_RESULT_DELETED') return undefined
      throw error
    })

  /**
   * Whoever sees the receipt finds its files there. One that is damaged is not given out: the receipt says so, and
   * goes.
   */
  async function attachmentFiles(
    receipt: Receipt,
    time: Date,
  ): Promise<{ files: OutgoingFile[]; told: Pick<Receipt, 'faults' | 'attachments'> }> {
    const { receiptId, attachments = [] } = receipt
    const files: OutgoingFile[] = []
    const faults = [...receipt.faults]
    const told: ReceiptAttachment[] = []
    for (const one of attachments) {
      const name = receiptAttachmentName(receiptId, time, one.name)
      try {
        const found = one.missing ? undefined : await ledger.receiptAttachment(receiptId, one.name)
        if (found) files.push({ name, bytes: found.bytes })
        told.push(found ? { ...one, file: name } : one)
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'HUB_RECEIPT_FILE_DAMAGED') throw error
        faults.push(fault('HUB_RECEIPT_FILE_DAMAGED', { name: one.name }, { value: one.name, level: 'warn' }))
        told.push(one)
      }
    }
    return { files, told: { faults, ...(told.length === 0 ? {} : { attachments: told }) } }
  }

  async function filesOf(whole: Receipt, partnerId: string): Promise<OutgoingFile[]> {
    const time = new Date(whole.time)
    const { files, told: withFiles } = await attachmentFiles(whole, time)
    const receipt = { ...whole, ...withFiles }
    const { receiptId, body } = receipt
    if (((await partner(partnerId))?.settings.receipts ?? 'hub') === 'native') {
      const { bytes, theirs } = await nativeFile(receipt, partnerId)
      const file = { name: businessReceiptName(receiptId, time, formOf(bytes).ending), bytes }
      return [...files, ...(await withSignature(file, sign, theirs ? 'enclosure' : 'receipt'))]
    }
    const large = body && body.content === undefined ? await bodyApart(receiptId) : undefined
    const beside = large && {
      name: receiptBodyName(receiptId, time, bodyEnding(large)),
      bytes: large.bytes,
    }
    const told = body && beside ? { ...receipt, body: { ...body, file: beside.name } } : receipt
    return [
      ...files,
      ...(beside ? await withSignature(beside, sign, 'enclosure') : []),
      ...(await withSignature(
        { name: businessReceiptName(receiptId, time), bytes: Buffer.from(receiptToXml(told)) },
        sign,
      )),
    ]
  }

  return async function giveBack(receiptId: string): Promise<StepResult> {
    const started = performance.now()
    const owed = await ledger.getReceipt(receiptId)
    const push = owed && deliver[owed.channel]
    if (!owed || owed.returnState !== 'owed' || !push) return { outcome: 'done' }
    const tell = (outcome: 'delivered' | 'retry' | 'abandoned', error?: string) =>
      observe?.({
        receiptId,
        messageId: owed.receipt.messageId,
        partnerId: owed.partnerId,
        channel: owed.channel,
        outcome,
        seconds: (performance.now() - started) / 1000,
        ...(error === undefined ? {} : { error }),
      })
    const way = ways.enter(owed, () => now().getTime())
    if ('later' in way) return laterBy(way.later, now())
    try {
      const { partnerId, receipt } = owed
      await push({ partnerId, receipt, files: () => filesOf(receipt, partnerId) })
      way.leave(true)
    } catch (cause) {
      way.leave(cause instanceof WebhookGone || cause instanceof MailboxElsewhere)
      const error = cause instanceof Error ? cause.message : String(cause)
      const isGone = cause instanceof WebhookGone
      // Counted from the day it was first owed: three days of trying, then a person looks at it.
      if (isGone || now().getTime() - owed.owedSince.getTime() > giveUpMs) {
        // First the way is closed, then the receipt given up: a crash in between comes here again.
        await gone?.({ partnerId: owed.partnerId, channel: owed.channel, why: error })
        await ledger.endReturn(receiptId, { outcome: 'abandoned', error }, now())
        tell('abandoned', error)
        return { outcome: 'done' }
      }
      if (cause instanceof MailboxElsewhere)
        return {
          outcome: 'later',
          at: new Date(now().getTime() + elsewhereMs(now().getTime() - owed.owedSince.getTime())),
        }
      const at = new Date(
        now().getTime() + retrySeconds[Math.min(owed.returnAttempts, retrySeconds.length - 1)]! * 1000,
      )
      await ledger.endReturn(receiptId, { outcome: 'retry', at, error }, now())
      tell('retry', error)
      return { outcome: 'later', at }
    }
    await ledger.endReturn(receiptId, { outcome: 'delivered' }, now())
    tell('delivered')
    return { outcome: 'done' }
  }
}

/** As its media type says, where that is one people know; else as its first bytes tell. */
function bodyEnding({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): string {
  if (mediaType.startsWith('application/pdf')) return 'pdf'
  return detectSyntax(bytes) === 'unknown' ? 'bin' : formOf(bytes).ending
}

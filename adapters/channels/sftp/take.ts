// take — a complete file of the hub's own folder goes through `accept`, then to SentBox or FailBox, its receipts to
// InBox. Order: ledger, receipts, move. A crash after the ledger leaves the partner without OK; it sends again and gets
// the first answer.
import { constants, open, rm } from 'node:fs/promises'
import type { Accept } from '../../../messages/inbound.js'
import { acknowledgementName, failReceiptName, operationInName, technicalReceiptName } from '../boxes.js'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { Rates } from '../../../messages/rates.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import type { Log } from '../log.js'
import { offer, receiptsFile, refusalOfFile, type RenderReceipt, type OfferOutcome } from '../offer.js'
import { withSignature } from '../signature-file.js'
import { createCopies } from './copies.js'
import type { Mailbox } from './mailbox.js'
import { createUnread } from './unread.js'

/** @see [startSftpDoor](./door.ts) */
interface TakeParts {
  accept: Accept
  /** @see [receiptToXml](../../../messages/receipt-xml.ts) */
  renderReceipt: RenderReceipt
  /** Receipts get a signature beside them; absent: they get none. */
  sign?: SignBytes | undefined
  maxBytes: number
  /** Most bytes of one partner's refused and repeated files that are kept in its boxes a day. */
  maxCopiesPerDay: number
  /** Receipts of refused and repeated files that may lie in one InBox. */
  maxUnread: number
  memory: MemoryBudget
  /** Whose partner has sent too many bytes, waits for its turn. */
  rates: Pick<Rates, 'turn'>
  log: Log
}

/** @see [startSftpDoor](./door.ts) */
export interface Take {
  /** Resolves when the file is answered for; rejects, the file still in its place, when it has to be offered again. */
  take(mailbox: Mailbox, file: string, name: string): Promise<OfferOutcome>
  /** Tells a partner about a file that grew too large to be kept. */
  tellTooLarge(mailbox: Mailbox, name: string): Promise<void>
  /** May nothing more be taken until the partner has deleted receipts from its InBox? */
  isFull(mailbox: Mailbox): Promise<boolean>
}

/** The function is called with a claimed file; it may be called for the same file twice. */
export function createTake(parts: TakeParts): Take {
  const { accept, renderReceipt, sign, maxBytes, maxCopiesPerDay, maxUnread, memory, rates, log } = parts
  const copies = createCopies(maxCopiesPerDay)
  const unread = createUnread({ most: maxUnread, log })

  /** Is what was refused, or taken before, kept in its box? What is new always is. */
  const isKept = ({ partnerId }: Mailbox, { taken, repeated }: OfferOutcome, bytes: number): boolean => {
    if (taken && !repeated) return true
    const { kept, first } = copies.keep(partnerId, bytes)
    if (first) log.warn({ partnerId, most: maxCopiesPerDay }, 'copies of refused and repeated files not kept today')
    return kept
  }
  /** True when the file itself is to be kept. */
  const tell = async (mailbox: Mailbox, name: string, verdict: OfferOutcome, size: number): Promise<boolean> => {
    const receipts = await receiptsFile(verdict.receipts, renderReceipt)
    const kept = isKept(mailbox, verdict, size + receipts.length)
    const place = async (box: 'InBox' | 'FailBox', receiptName: string, bytes: Buffer) => {
      for (const file of await withSignature({ name: receiptName, bytes }, sign))
        await mailbox.place(box, file.name, file.bytes)
    }
    if (!verdict.taken && kept) await place('FailBox', failReceiptName(name), receipts)
    const receiptName = technicalReceiptName(verdict.taken, name)
    if (verdict.acknowledgement) {
      const { mediaType, bytes } = verdict.acknowledgement
      await place('InBox', acknowledgementName(receiptName, mediaType), bytes)
    }
    await place('InBox', receiptName, receipts)
    if (!verdict.taken || verdict.repeated) unread.add(mailbox.partnerId)
    return kept
  }

  return {
    isFull: unread.isFull,
    async take(mailbox, file, name) {
      const { partnerId } = mailbox
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
      const room = memory.room(partnerId)
      let verdict: OfferOutcome
      let size = 0
      try {
        size = (await handle.stat()).size
        if (size > maxBytes) {
          verdict = { taken: false, receipts: [refusalOfFile('HUB_TOO_LARGE', { limit: maxBytes }, name)] }
        } else {
          await rates.turn(partnerId)
          await room.take(size)
          const bytes = await handle.readFile()
          if (bytes.length !== size) throw new Error('the file changed while it was read')
          const operation = operationInName(name)
          verdict = await offer(accept, {
            partnerId,
            channel: 'sftp',
            bytes,
            filename: name,
            room,
            ...(operation === undefined ? {} : { operation }),
          })
        }
      } finally {
        room.release()
        await handle.close()
      }
      const kept = await tell(mailbox, name, verdict, size)
      try {
        if (!kept) await rm(file, { force: true })
        else await mailbox.keep(verdict.taken ? 'SentBox' : 'FailBox', name, file)
      } catch (error) {
        // The copy is a convenience: ledger and receipts have it all. Better without it than taken twice.
        log.error({ partnerId, name, err: error }, 'file taken but not moved')
        await rm(file, { force: true })
      }
      log.info(
        {
          partnerId,
          name,
          taken: verdict.taken,
          messageIds: verdict.receipts.map(({ messageId }) => messageId).slice(0, 20),
        },
        'file taken',
      )
      return verdict
    },
    async tellTooLarge(mailbox, name) {
      const receipts = [refusalOfFile('HUB_TOO_LARGE', { limit: maxBytes }, name)]
      await tell(mailbox, name, { taken: false, receipts }, 0)
    },
  }
}

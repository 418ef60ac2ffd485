// answers — agencies' answers: stored first, then settled into receipts, statuses and learnt keys.
import type { AttachedFacts } from '../../messages/attached.js'
import type { Awaited } from '../../messages/expectation.js'
import type { Fault } from '../../messages/fault.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Key } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import type { ReceiptStatus, ReturnState } from '../../messages/states.js'
import type { KeptForm } from '../packing.js'

/** An agency's answer as it came in, before anything is made of it. */
export interface NewReply {
  replyId: string
  agency: string
  /** Known when it came as the answer to a submission. */
  submissionId?: string
  mediaType: string
  /** It lies where the other side puts what it could not import, whatever its content says. */
  importFailed?: true
  bytes: Buffer
  receivedAt: Date
  /** It was held, and a person has let it go: it is not held again. */
  letGo?: true
  /**
   * Of the bytes, hexadecimal, where whoever gives it has it already. Of a large one it is made before, so that the
   * write is not held up.
   */
  sha256?: string
  /** The bytes are not those that were kept: nothing is read out of them. */
  damaged?: true
  /** The files that came with it. Their bytes stay with the answer, and are read by `receiptAttachment` alone. */
  attachments?: AttachedFacts[]
}

/**
 * A file that came with an answer, as it is handed over to be kept: packed beforehand (store/packing.ts), so that no
 * write waits for that.
 */
export interface NewReplyFile extends AttachedFacts {
  form: KeptForm
}

/** Why an answer is held: one of ours may yet be taught a number it cites, or is in doubt and may be meant. */
export interface HeldFor {
  /** Document types it may speak of. */
  types: string[]
  /** Names of the keys it cites, entry by entry. */
  cited: string[][]
  /** Ids of submissions that have the number it cites; until it is known whether the agency has them. */
  doubtful?: string[]
  /** The number they have. */
  keys?: Key[]
}

/** What `settle` made of one reply: receipts for submissions, or nothing found. */
export interface Settlement {
  replyId: string
  /**
   * Asked for together with the keeping of the reply: where that was kept before, by another id, nothing is written.
   */
  withKeeping?: true
  /** One per submission the reply speaks of. */
  entries: {
    submissionId: string
    /** The newest business status; a later one never goes back from released/rejected to processing. */
    status: ReceiptStatus
    agencyReference?: string
    /** What is awaited next; absent: nothing any more. A step that was reached before is not awaited again. */
    awaited?: Awaited
    /** Correlation keys this reply teaches. */
    learn: Key[]
    receipt: Receipt
    receiptReturn: ReturnState
    /** The way it goes; absent: the way the message came. */
    receiptChannel?: ReturnChannel
  }[]
  /**
   * Those among whom the owners were chosen, by how many answers each had had. Where one has had more by now, nothing
   * is written: it may be another's.
   */
  chosenAmong?: { messageId: string; submissionId: string; answers: number }[]
  /**
   * It answers a question that nobody waits for any more, or is given in other bytes: its digest stays, its bytes go.
   */
  dropsBytes?: true
  /** True when at least one entry found no submission: kept as an orphan, matched later or by hand. */
  orphan: boolean
  /**
   * Nothing is made of it yet: one of ours may be its owner. Found again as an orphan is, and when nothing is in doubt
   * any more.
   */
  held?: HeldFor
  /** What the entries that found nobody cite: a submission that comes to know one of these finds the reply again. */
  orphanKeys?: Key[]
  /** Set when the agency spoke first: what it said, and the receipts (stage `notice`) for those who subscribed. */
  notice?: {
    noticeId: string
    documentType: string
    operations: string[]
    references: string[]
    faults: Fault[]
    deliveries: { partnerId: string; channel: ReturnChannel; receipt: Receipt }[]
  }
}

/** A reply as it is kept now. */
export interface KeptReply {
  replyId: string
  /** It had come before: nothing was added. */
  known: boolean
}

/** A business receipt the hub itself gives for a submission. */
export interface HubReceipt {
  receipt: Receipt
  submissionId: string
  /** What is true of the submission from now on, until the agency itself says something. */
  status: ReceiptStatus
  /**
   * Nobody waits for the agency any more, though it has the submission: the status is the hub's to say. Nothing is
   * written where the agency has decided before.
   */
  ends?: true
  receiptReturn: ReturnState
  /** The way it goes; absent: the way the message came. */
  receiptChannel?: ReturnChannel | undefined
}

/** What the partner hears of it, in the same write. */
export interface ReceiptBeside {
  told?: HubReceipt | undefined
}

/** What the hub itself tells a partner, about no message of its. */
export interface PartnerReceipt {
  partnerId: string
  receipt: Receipt
  channel: ReturnChannel
}

/**
 * An answer is kept by one write and settled by another; a crash in between leaves it for the sweeper
 * (`unsettledReplies`).
 */
export interface Answers {
  /**
   * Keeps an agency's answer, and its files in the same write. The same bytes from the same agency for the same
   * submission again: `known` true, and nothing is added but files that did not come before, or were damaged here.
   */
  recordReply(reply: NewReply, files?: readonly NewReplyFile[]): Promise<KeptReply>
  /**
   * Replies kept but not settled (the hub died in between), oldest first, after the given one: at most `limit`, and 32
   * MB or one.
   */
  unsettledReplies(limit: number, after?: string): Promise<NewReply[]>
  /**
   * Writes receipts, statuses and learnt keys, and marks the reply settled, in one durable write. Settling twice
   * changes nothing. False: another answer came between the choice of its owner and this write; choose again.
   */
  settle(settlement: Settlement, now: Date): Promise<boolean>
  /**
   * A business receipt the hub itself gives for a submission (given up, refused by the agency's door). Idempotent by
   * receiptId.
   */
  addReceipt(given: HubReceipt, now: Date): Promise<void>
  /** A receipt of stage `notice`. Idempotent by receiptId. */
  tellPartner(told: PartnerReceipt, now: Date): Promise<void>
}

// ledger — the durable record of everything; the truth. One interface, one folder per engine behind it (sqlite/, later postgres/).
// Every method that writes resolves only after the write is on disk (fsync). Redis can be wiped; this cannot.
import type { AgencyHold } from '../messages/agency-hold.js'
import type { Awaited } from '../messages/expectation.js'
import type { Fault } from '../messages/fault.js'
import type { Acknowledgement, ChannelKind, ReturnChannel } from '../messages/inbound.js'
import type { Key } from '../messages/inspection.js'
import type { Partner, PartnerSettings } from '../messages/partner.js'
import type { Receipt } from '../messages/receipt.js'
import type { MessageState, ReceiptStatus, ReturnState, SubmissionState } from '../messages/states.js'
import type { Subscription, SubscriptionView } from '../messages/subscription.js'
import type { Place } from './archive.js'
import type { KeptBytes, KeptMessage } from './kept.js'

// ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewAttachment {
  name: string
  bytes: Buffer
  mediaType?: string
}

export interface NewSubmission {
  submissionId: string
  agency: string
  /** What this agency is sent in its own form, and the keys by which it will cite that. Absent: what is sent on to all. */
  sent?: { bytes: Buffer; keys: Key[] }
  /** Turns the message down when another partner has one of its keys under way there. */
  refuseShared?: true
}

export interface NewMessage {
  messageId: string
  reference: string
  /** What "the same message again" means, already scoped by document type (promise 8). Refused messages do not claim it. */
  identity: string
  documentType?: string
  operation?: string
  schema?: { file: string; version: string }
  /** The bytes of this message as received (promise 5). */
  bytes: Buffer
  /** What is sent on, where that was made of the message; absent: the message itself. */
  forwarded?: Buffer
  sha256: string
  attachments: NewAttachment[]
  /** Names the business document; submissions of one partner, agency and order key go one after another. */
  order?: string
  keys: Key[]
  /** Codes of the company that files. */
  senders?: string[]
  /** Receipts may teach it numbers it does not have yet. */
  learns?: true
  /** Names of keys by which receipts are looked up first. */
  firstKeys?: ReadonlySet<string>
  /** A change or deletion: held while its original, found by a shared key, stands refused. */
  changes?: true
  /** Empty when refused. */
  submissions: NewSubmission[]
  /** The technical receipt. status `accepted` or `refused`. */
  receipt: Receipt
  /** How the technical receipt goes back: `replied` when the channel's own answer carries it, `owed` when it must be delivered. */
  receiptReturn: ReturnState
  /** The way it goes when it is owed; absent: the interchange's own. */
  receiptChannel?: ReturnChannel
}

export interface NewInterchange {
  interchangeId: string
  partnerId: string
  channel: ChannelKind
  filename?: string
  contentType?: string
  receivedAt: Date
  size: number
  sha256: string
  /** In the order they stand in the interchange. */
  messages: NewMessage[]
  /** Bytes of this partner's refused messages that are kept a day (UTC), as they stand on disk. Beyond it only records and receipts are. Absent: all. */
  refusedQuota?: number
  /** What was answered to it as a whole, in the sender's form. */
  acknowledgement?: Acknowledgement
  /** More messages of an interchange that is recorded already. */
  continues?: boolean
}

/** What became of each message, in order. */
export type Recorded =
  /** `receipt`: as it was written, where it is not as it was given: it says that the bytes are not kept. */
  | { outcome: 'recorded'; receipt?: Receipt; shared?: { agency: string; key: Key }[] }
  /** Another partner has the key under way at this agency, which takes no second one. NOT recorded, as with a conflict. */
  | { outcome: 'key-in-use'; agency: string; key: Key }
  /** The identity was taken by an earlier message with the same bytes; its technical receipt is the answer again. */
  | { outcome: 'duplicate'; messageId: string; receipt: Receipt }
  /**
   * The identity was taken by an earlier message with other bytes, and that one is still under way or was taken by an agency.
   * (When every submission of the earlier one ended `rejected`, `failed` or `dead`, the new one is recorded instead: a correction.)
   * NOT recorded by this call: the caller records it again as refused with a conflict receipt.
   */
  | { outcome: 'conflict'; messageId: string }

// ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** All a worker needs to send one message to one agency. */
export interface SubmissionWork {
  submissionId: string
  messageId: string
  partnerId: string
  agency: string
  operation: string
  documentType: string
  reference: string
  /** How often it has been tried, this time included; from 1. */
  attempt: number
  /** An earlier try of it may have reached the agency: what the agency calls a duplicate may be that one. */
  mayHaveArrived?: true
  /** Its bytes are not what they were when they were recorded: they are not sent. */
  damaged?: true
  acceptedAt: Date
  bytes: Buffer
  attachments: NewAttachment[]
}

export type Claim =
  /** Yours: the ledger says `submitting` and the attempt is on disk. `fence` must be shown when settling the attempt. */
  | { outcome: 'claimed'; work: SubmissionWork; fence: string }
  /** The next try is due later. */
  | { outcome: 'later'; at: Date }
  /** An earlier message about the same business document has not been taken by the agency yet. */
  | { outcome: 'behind'; submissionId: string }
  /** The original it changes was refused: it is held from now on, and this claim is the one that found out. */
  | { outcome: 'held'; work: SubmissionWork; original: { submissionId: string; reference: string } }
  /** A worker claimed it before and did not come back: bytes may have left. `startedAt` tells when. */
  | { outcome: 'interrupted'; work: SubmissionWork; fence: string; startedAt: Date }
  /** Nothing to do: held, submitted, unclear, dead or unknown. `sentSince`: unclear since a copy was restored; it may have been sent at any time from then on. */
  | { outcome: 'done'; state: SubmissionState | 'unknown'; sentSince?: Date }

/** How one attempt ended. */
export type AttemptEnd =
  | { outcome: 'submitted'; agencyReference?: string; awaited?: Awaited; learn?: Key[] }
  | { outcome: 'retry'; at: Date; code: string; detail: string }
  | { outcome: 'unclear'; code: string; detail: string }
  | { outcome: 'dead'; code: string; detail: string }

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An agency's answer as it came in, before anything is made of it. */
export interface NewReply {
  replyId: string
  agency: string
  /** Known when it came as the answer to a submission. */
  submissionId?: string
  mediaType: string
  bytes: Buffer
  receivedAt: Date
  /** It was held, and a person has let it go: it is not held again. */
  letGo?: true
  /** Of the bytes, hexadecimal, where whoever gives it has it already. Of a large one it is made before, so that the write is not held up. */
  sha256?: string
  /** The bytes are not those that were kept: nothing is read out of them. */
  damaged?: true
}

/** Why an answer is held: one of ours may yet be taught a number it cites. */
export interface HeldFor {
  /** Document types it may speak of. */
  types: string[]
  /** Names of the keys it cites, entry by entry. */
  cited: string[][]
}

export interface HeldAnswerView {
  replyId: string
  agency: string
  receivedAt: string
  keys: Key[]
  documentTypes: string[]
  size: number
}

/** One who has a key an answer cites. */
export interface OwnerView {
  submissionId: string
  messageId: string
  partnerId: string
  documentType: string
  reference: string
  /** Grows with every submission. */
  order: number
  state: SubmissionState
  status?: ReceiptStatus
  /** The agency itself has taught the key; else it stands in the message. */
  learnt: boolean
  senders: string[]
  /** Nothing more is awaited of the agency, or it was given up. */
  finished: boolean
}

/** Two partners have the same key under way at one agency. */
export interface SharedKeyView {
  id: number
  agency: string
  key: Key
  candidates: OwnerView[]
  since: string
}

/** What `settle` made of one reply: receipts for submissions, or nothing found. */
export interface Settlement {
  replyId: string
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
  /** True when at least one entry found no submission: kept as an orphan, matched later or by hand. */
  orphan: boolean
  /** Nothing is made of it yet: one of ours may be its owner. Found again as an orphan is, and when nothing is in doubt any more. */
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

export interface NoticeView {
  noticeId: string
  agency: string
  documentType: string
  operations: string[]
  references: string[]
  faults: Fault[]
  deliveries: number
  receivedAt: string
}

// ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AttemptView {
  attempt: number
  startedAt: string
  endedAt?: string
  outcome?: string
  code?: string
  detail?: string
}
export interface SubmissionView {
  submissionId: string
  agency: string
  state: SubmissionState
  status?: ReceiptStatus
  agencyReference?: string
  nextAt?: string
  /** The answer awaited next: which step of the document type's expectations, until when. */
  awaited?: { step: number; by: string; overdue: boolean }
  attempts: AttemptView[]
}
export interface ReceiptView {
  receipt: Receipt
  partnerId: string
  seq: number
  /** The way it goes back. */
  channel: ReturnChannel
  returnState: ReturnState
  returnedAt?: string
  returnAttempts: number
  lastError?: string
}
export interface MessageView {
  messageId: string
  interchangeId: string
  partnerId: string
  channel: ChannelKind
  filename?: string
  reference: string
  documentType?: string
  operation?: string
  schema?: { file: string; version: string }
  state: MessageState
  size: number
  sha256: string
  receivedAt: string
  attachments: { name: string; size: number; mediaType?: string }[]
  faults: Fault[]
  submissions: SubmissionView[]
  receipts: ReceiptView[]
  /** How often the same bytes came again. */
  repeats: number
  /** Its bytes are not in the ledger any more: since when, and in which file of the archive they are; without one they are gone. */
  letGo?: { at: string; archive?: string }
}
export type MessageSummary = Pick<
  MessageView,
  | 'messageId'
  | 'partnerId'
  | 'reference'
  | 'documentType'
  | 'operation'
  | 'state'
  | 'receivedAt'
  | 'channel'
  | 'filename'
>

export interface MessageQuery {
  /** Always set on partner doors (promise 9); absent only on ops doors. */
  partnerId?: string
  reference?: string
  /** References that begin so. Of more than 5,000 the first 5,000 by their letters are looked at; `more` then says so. */
  referenceStart?: string
  operation?: string
  /** Any of these; beside `operation`, which then counts alone. */
  operations?: readonly string[]
  state?: MessageState
  since?: Date
  /** Received before this moment. */
  until?: Date
  /** Opaque, from the previous page. */
  cursor?: string
  /** 1–500. */
  limit: number
}

/** Which audit entries: by whom, of which kind (`agency` for all of agencies), before which entry. */
export interface AuditQuery {
  who?: string | undefined
  /** An action, or the beginning of its name: `agency`, `agency.pause`. */
  action?: string | undefined
  /** `n` of the last entry of the page before. */
  before?: number | undefined
}

/** Receipts that wait in a partner's mailbox until the partner acknowledges them. */
export interface MailboxFacts {
  partnerId: string
  waiting: number
  /** When the oldest of them was made. */
  oldestAt: string
}

export interface AgencyCounts {
  agency: string
  queued: number
  held: number
  submitting: number
  submitted: number
  unclear: number
  dead: number
  oldestQueuedAt?: string
}

export interface OverdueView {
  submissionId: string
  messageId: string
  partnerId: string
  agency: string
  documentType: string
  reference: string
  step: number
  by: string
}
export interface StandingView {
  submissionId: string
  messageId: string
  partnerId: string
  agency: string
  operation: string
  documentType: string
  reference: string
  since: string
  code?: string
  detail?: string
  awaited?: { step: number; by: string }
  /** Of a held change: the original it waits for. */
  original?: { messageId: string; reference: string }
}
export interface OrphanView {
  replyId: string
  agency: string
  mediaType: string
  size: number
  receivedAt: string
  keys: Key[]
  /** Its first 400 bytes; empty of a damaged one. */
  head: string
  /** Its bytes are not those that came (HUB_BYTES_DAMAGED): the agency is asked for it again. */
  damaged?: true
  /** The submission it came as the answer to. */
  submissionId?: string
}
/** Who did what to which submission, reply, partner or agency, and why. */
export interface AuditEntry {
  /** Its place; given out by the ledger. */
  n?: number
  at: Date
  who: string
  action: string
  target: string
  why: string
  detail?: Record<string, unknown>
}

export interface PartnerFacts {
  partnerId: string
  name: string
  disabled: boolean
  lastSeen?: string
  undelivered: number
}

export interface LedgerCounts {
  messages: number
  refused: number
  receiptsOwed: number
  orphans: number
  overdue: number
  /** Answers that wait until it is known whether they are of ours, and since when the oldest. */
  heldAnswers: number
  oldestHeldAnswerAt?: string
  /** Keys two partners have under way at one agency. */
  sharedKeys: number
  agencies: AgencyCounts[]
}

export type SecretKind = 'http' | 'sftp'

/** The partner behind a key, and which of its keys that was. */
export interface KeyOwner extends Partner {
  secretId: string
  expiresAt?: Date
}

/** One key or password of a partner. */
export interface SecretView {
  secretId: string
  kind: SecretKind
  label: string
  createdAt: Date
  lastUsedAt?: Date
  expiresAt?: Date
}

// ── the interface ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Ledger {
  // partners
  putPartner(partner: {
    partnerId: string
    name: string
    settings: PartnerSettings
    sshKeys: string[]
    disabled?: boolean
  }): Promise<void>
  /** Reads and writes in one turn: two who change different things of one partner both do. Resolves with the partner as it is now. */
  changePartner(partnerId: string, change: (before: Partner | undefined) => Partner): Promise<Partner>
  getPartner(partnerId: string): Promise<Partner | undefined>
  listPartners(): Promise<Partner[]>
  /** Keys and passwords are kept as SHA-256 of the secret only (they are long and random). kind: http key or sftp password. */
  putSecret(
    partnerId: string,
    kind: SecretKind,
    sha256: string,
    label: string,
    more?: { secretId?: string; expiresAt?: Date },
  ): Promise<void>
  /** The partner that owns this secret, unless disabled or the secret has expired. Notes that it was used, to the minute. */
  findBySecret(kind: SecretKind, sha256: string, now?: Date): Promise<KeyOwner | undefined>
  /** A partner's keys and passwords, the oldest first; what they are is never known. */
  secrets(partnerId: string): Promise<SecretView[]>
  /** From now on this one opens nothing. False when the partner has none of this id. */
  revokeSecret(partnerId: string, secretId: string): Promise<boolean>
  revokeSecrets(partnerId: string, kind: SecretKind): Promise<number>

  // notices
  /**
   * The same operation and reference again changes the channel, and keeps a grant.
   * False, and nothing is written, when it would be one more than `most` of this partner.
   */
  subscribe(
    partnerId: string,
    subscription: Subscription,
    how: { now: Date; granted: boolean; most?: number },
  ): Promise<boolean>
  /** False when the partner has no such subscription. */
  grant(partnerId: string, operation: string, reference?: string): Promise<boolean>
  unsubscribe(partnerId: string, operation: string, reference?: string): Promise<boolean>
  subscriptions(partnerId: string): Promise<SubscriptionView[]>
  /** Who is to be told of a notice of this operation that names these references; each partner once. */
  subscribers(
    operation: string,
    references: string[],
  ): Promise<{ partnerId: string; channel: ReturnChannel; granted: boolean }[]>
  /** The newest first. */
  notices(limit: number): Promise<NoticeView[]>

  // taking: one durable, group-committed write for the whole interchange
  record(interchange: NewInterchange): Promise<Recorded[]>

  // sending
  claim(submissionId: string, now: Date): Promise<Claim>
  /**
   * Ends the attempt the fence belongs to. False when the fence is stale and nothing was changed.
   * A `submitted` end is taken even when the submission was parked `unclear` meanwhile: knowledge beats doubt.
   */
  endAttempt(submissionId: string, fence: string, end: AttemptEnd, now: Date): Promise<boolean>
  /** Submissions that are owed and due (`queued`, next try not after `dueBy`), oldest first, for the sweeper. */
  dueSubmissions(dueBy: Date, limit: number, after?: string): Promise<{ submissionId: string; agency: string }[]>
  /** Submissions to these agencies `submitting` since before `startedBefore`: their worker is gone. Those of agencies nobody serves any more would crowd out the rest. */
  interruptedSubmissions(
    startedBefore: Date,
    limit: number,
    agencies: string[],
  ): Promise<{ submissionId: string; agency: string }[]>
  /** The next queued submission with the same partner, agency and order key, once this one is out of the way. */
  nextBehind(submissionId: string): Promise<{ submissionId: string; agency: string } | undefined>
  /** A person or a status query decides an `unclear` one: taken by the agency (which answer is awaited now), to be sent again, or given up. */
  resolveUnclear(
    submissionId: string,
    decision: 'taken' | 'resend' | 'dead',
    now: Date,
    why: string,
    awaited?: Awaited,
  ): Promise<boolean>
  /**
   * For an older copy put back in place: all that waits in it (queued, being sent, held) becomes `unclear`, since it may have been sent
   * after the copy was made; what is unclear in it is so for this reason now. How many that were. Receipts go on with numbers that were never given out.
   */
  doubtWaiting(now: Date, why: string): Promise<number>
  /** Unclear ones, those longest so first, from after the given submission on. */
  unclearSubmissions(limit: number, after?: string): Promise<{ submissionId: string; agency: string }[]>
  /** A person lets a held one go: as it is, or as a dead letter. */
  releaseHeld(submissionId: string, decision: 'send' | 'dead', now: Date): Promise<boolean>
  /** A person closes a dead letter: it is kept, and not shown as open any more. */
  dropDead(submissionId: string): Promise<boolean>
  /** Submissions whose awaited answer is late, each told once. */
  markOverdue(now: Date, limit: number): Promise<OverdueView[]>
  /** What stands in a state a person must look at, the oldest first. */
  standing(
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which?: { agency?: string | undefined; code?: string | undefined },
  ): Promise<StandingView[]>
  /** A dead letter back into the queue (attempts start again). */
  replay(submissionId: string, now: Date): Promise<boolean>

  // answers
  /** Keeps an agency's answer. The same bytes from the same agency for the same submission again: `known` true, nothing added. */
  recordReply(reply: NewReply): Promise<{ replyId: string; known: boolean }>
  /** Replies kept but not settled (the hub died in between), oldest first, after the given one: at most `limit`, and 32 MB or one. */
  unsettledReplies(limit: number, after?: string): Promise<NewReply[]>
  /** Whom a key speaks of. @param among document types it may be; every type when absent */
  findSubmission(
    agency: string,
    key: Key,
    among?: readonly string[],
  ): Promise<
    | {
        submissionId: string
        messageId: string
        partnerId: string
        reference: string
        operation: string
        documentType: string
      }
    | undefined
  >
  submissionById(submissionId: string): Promise<
    | {
        submissionId: string
        messageId: string
        partnerId: string
        agency: string
        reference: string
        operation: string
        documentType: string
        channel: ChannelKind
      }
    | undefined
  >
  /** Writes receipts, statuses and learnt keys, and marks the reply settled, in one durable write. Settling twice changes nothing. */
  settle(settlement: Settlement, now: Date): Promise<void>
  /** A business receipt the hub itself gives for a submission (given up, refused by the agency's door). Idempotent by receiptId. */
  addReceipt(
    receipt: Receipt,
    submissionId: string,
    status: ReceiptStatus,
    receiptReturn: ReturnState,
    now: Date,
    channel?: ReturnChannel,
  ): Promise<void>
  /** What the hub itself tells a partner, about no message of its (stage `notice`). Idempotent by receiptId. */
  tellPartner(partnerId: string, receipt: Receipt, channel: ReturnChannel, now: Date): Promise<void>

  /** Everybody who has this key at this agency, what it surely has first. @param among document types it may be */
  ownersOf(agency: string, key: Key, among?: readonly string[]): Promise<OwnerView[]>
  /** Was one of ours under way at this agency before then, of these types and still without a number the answer cites? */
  mayLearn(agency: string, held: HeldFor, before: Date): Promise<boolean>
  /** Keys two partners have under way at one agency, the newest first. */
  sharedKeys(limit: number): Promise<SharedKeyView[]>
  /** A person has looked into it. */
  closeSharedKey(id: number, now: Date): Promise<boolean>

  // held answers
  /** Answers that wait until it is known whether they are of ours, the oldest first. */
  heldAnswers(limit: number): Promise<HeldAnswerView[]>
  /** Those held for something that is settled by now: unsettled again. How many. */
  reopenHeld(limit: number): Promise<number>
  /** A person lets one go, as what it is without an owner: unsettled again, and not held any more. */
  releaseAnswer(replyId: string, now: Date): Promise<boolean>

  // orphans
  /** Replies that speak of no submission, the newest first. */
  orphans(limit: number): Promise<OrphanView[]>
  /** Orphans that cite what a submission has come to know meanwhile: unsettled again. How many. */
  reopenOrphans(limit: number): Promise<number>
  /** A person says whose it is: unsettled again, for that submission. */
  matchOrphan(replyId: string, submissionId: string): Promise<boolean>
  /** A person says it concerns nobody: no orphan any more, still kept. */
  dropOrphan(replyId: string): Promise<boolean>

  // agencies people have paused or announced to be closed; those that are neither are not there
  agencyHolds(): Promise<Map<string, AgencyHold>>
  /** Changes what is said of an agency: what it is now. Two changes at once are made one after the other. */
  holdAgency(agency: string, change: (before: AgencyHold) => AgencyHold, now: Date): Promise<AgencyHold>

  // what people did
  /**
   * Does what a person wants done, and keeps who wanted it, in one write: neither is ever there without the other. The entry goes into the first
   * write that `deed` makes; a write that says `false` (there was nothing to do) leaves none.
   */
  audited<T>(entry: AuditEntry, deed: () => Promise<T>): Promise<T>
  audit(entry: AuditEntry): Promise<void>
  /** The newest first; of one target (a submission, reply, partner, agency) or all. */
  audits(limit: number, target?: string, which?: AuditQuery): Promise<AuditEntry[]>

  // returning
  /** Receipts owed by push channels, due by then. */
  dueReturns(
    channels: ReturnChannel[],
    dueBy: Date,
    limit: number,
  ): Promise<{ receiptId: string; partnerId: string; channel: ReturnChannel }[]>
  getReceipt(
    receiptId: string,
  ): Promise<
    (ReceiptView & { channel: ReturnChannel; owedSince: Date; filename?: string; documentType?: string }) | undefined
  >
  /** What the agency wrote, verbatim, whatever its size; undefined when there is no such receipt, or none of an agency. */
  receiptBody(receiptId: string): Promise<{ partnerId: string; mediaType: string; bytes: Buffer } | undefined>
  endReturn(
    receiptId: string,
    end:
      | { outcome: 'delivered' }
      | { outcome: 'retry'; at: Date; error: string }
      | { outcome: 'abandoned'; error: string },
    now: Date,
  ): Promise<void>
  /**
   * The mailbox: receipts of this partner's http messages not acknowledged yet, `seq` greater than `after`, in order. A page ends at `limit`, or at
   * 8 MB; a body above 1 MB is told by its size (receiptBody gives it).
   */
  mailbox(partnerId: string, after: number, limit: number): Promise<ReceiptView[]>
  /** Business receipts and notices of this partner, on whatever way, `seq` greater than `after`, in order: what an event stream tells. Pages as above. */
  receiptsAfter(partnerId: string, after: number, limit: number): Promise<ReceiptView[]>
  /** The newest such `seq`; 0 when there is none. */
  lastReceipt(partnerId: string): Promise<number>
  /** Receipts that were given up, or have been tried in vain, the newest first. Without `partnerId`: everybody's. */
  undelivered(partnerId: string | undefined, limit: number): Promise<ReceiptView[]>
  /** Owes a receipt again, whatever became of it, on this way (absent: the one it had). False when it is not this partner's. */
  resendReceipt(receiptId: string, partnerId: string | undefined, now: Date, channel?: ReturnChannel): Promise<boolean>
  /** False when the receipt is not this partner's (or does not exist). Acknowledging twice is fine. */
  acknowledge(partnerId: string, receiptId: string, now: Date): Promise<boolean>

  // letting go of the bytes of what is long done with; the record of it stays
  /** Messages received before then whose bytes are here, the oldest first, after the given one. */
  keptBefore(before: Date, limit: number, after?: string, only?: 'refused'): Promise<KeptMessage[]>
  /** All that is kept of one message in bytes; undefined when it was let go of. */
  kept(messageId: string): Promise<KeptBytes | undefined>
  /** Takes them out of the ledger with these of their answers, but for messages that are open by now. How many. The space is used again by what comes. */
  letGo(
    messages: readonly { messageId: string; replyIds: readonly string[]; place?: Place }[],
    now: Date,
  ): Promise<number>
  /** When its bytes were let go of, and where they are now; undefined when they are here. */
  whereabouts(messageId: string): Promise<{ at: Date; place?: Place } | undefined>
  /** Bytes of the ledger's file, and how many of them are free for what comes. */
  size(): { bytes: number; spare: number }

  // reading
  /** With `partnerId`, another partner's message is as unknown as none (promise 9). */
  getMessage(messageId: string, partnerId?: string): Promise<MessageView | undefined>
  findMessages(query: MessageQuery): Promise<{ messages: MessageSummary[]; cursor?: string; more?: boolean }>
  /** `bytes` is not there when they were let go of. */
  getContent(
    messageId: string,
    partnerId?: string,
  ): Promise<{ bytes?: Buffer; contentType?: string; filename?: string } | undefined>
  /** What was, or will be, sent on: the message itself, or what was made of it. `bytes` is not there when they were let go of. */
  getForwarded(messageId: string, partnerId?: string): Promise<{ bytes?: Buffer } | undefined>
  /** What the message's interchange was answered as a whole; undefined where that form has no such answer. */
  getAcknowledgement(messageId: string, partnerId?: string): Promise<Acknowledgement | undefined>
  counts(): Promise<LedgerCounts>
  /** Messages by an id, a reference, or any correlation key of these names; of each of the three the newest first. */
  findByNumber(text: string, where: { agencies: string[]; names: string[] }, limit: number): Promise<MessageSummary[]>
  partnerFacts(): Promise<PartnerFacts[]>
  /** Of every partner with a receipt not acknowledged yet. */
  mailboxFacts(): Promise<MailboxFacts[]>

  /** Pieces of bytes ever found damaged in it, each counted once. */
  damaged(): number
  /** Resolves when a write as of a message works, and nothing damaged was come upon while writing; rejects otherwise. For /readyz. */
  ping(): Promise<void>
  /** Online copy of the whole ledger to a file. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

/** Told after a commit, so that long polls and queues wake without asking again and again. Best effort; the ledger is the truth. */
export interface LedgerEvents {
  receipts(
    listener: (event: {
      partnerId: string
      receiptId: string
      channel: ReturnChannel
      returnState: ReturnState
    }) => void,
  ): () => void
}

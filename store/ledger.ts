// ledger — the durable record of everything; the truth. The interface stands in ledger/, a file a chapter; one folder
// per engine implements it (sqlite/), and what is decided is in rules/, for every engine alike.
// Every method that writes resolves only after the write is on disk (fsync). Redis can be wiped; this cannot.
import type { Partners } from './ledger/partners.js'
import type { Notices } from './ledger/notices.js'
import type { Taking } from './ledger/taking.js'
import type { Sending } from './ledger/sending.js'
import type { Answers } from './ledger/answers.js'
import type { Owners } from './ledger/owners.js'
import type { Orphans } from './ledger/orphans.js'
import type { Attention } from './ledger/attention.js'
import type { AgencyHolds } from './ledger/agencies.js'
import type { Audit } from './ledger/audit.js'
import type { Returning } from './ledger/returning.js'
import type { Retention } from './ledger/retention.js'
import type { Reading } from './ledger/reading.js'
import type { Filed } from './ledger/filed.js'
import type { Questions } from './ledger/questions.js'
import type { AgentGrants, FilingGrants } from './ledger/filing-grants.js'
import type { Operators } from './ledger/operators.js'
import type { Upkeep } from './ledger/upkeep.js'
import type { Keys } from './ledger/keys.js'
import type { LegalHolds } from './ledger/legal-holds.js'

/** What is read, as whoever asks is shown it. */
export type {
  AgencyCounts,
  AttemptView,
  HeldAnswerView,
  LedgerCounts,
  MailboxFacts,
  MessagePage,
  MessageSummary,
  MessageView,
  NoticeView,
  OrphanView,
  OwnerView,
  ReceiptView,
  SharedKeyView,
  AttentionView,
  SubmissionView,
} from '../messages/views/index.js'
export type {
  NewReply,
  NewReplyFile,
  HeldFor,
  Settlement,
  KeptReply,
  HubReceipt,
  PartnerReceipt,
} from './ledger/answers.js'
export type { OverdueAnswer, AttentionFilter } from './ledger/attention.js'
export type { AuditEntry } from './ledger/audit.js'
export type { SubscriptionTerms, Subscriber } from './ledger/notices.js'
export type { OwnerFacts, SubmissionFacts } from './ledger/owners.js'
export type { SecretKind, KeyOwner, SecretView, PartnerFacts, NewPartner, NewSecret } from './ledger/partners.js'
export type { MessageQuery, MessageContent, ForwardedBytes, NumberPlaces } from './ledger/reading.js'
export type { FiledSearch, FiledFound, FiledMessage, FiledContent } from './ledger/filed.js'
export type { AnsweredQuestion } from './ledger/questions.js'
export type { KeptPage, LetGo, BytesLocation, LedgerSize } from './ledger/retention.js'
export type { OwedReceipt, ReceiptToReturn, ReceiptBodyBytes, ReturnEnd, ReturnAgain } from './ledger/returning.js'
export type {
  SubmissionWork,
  EarlierTries,
  ClaimOutcome,
  AttemptEnd,
  SubmissionRef,
  AttemptRef,
  UnclearDecision,
} from './ledger/sending.js'
export type {
  NewAttachment,
  NewSubmission,
  NewMessage,
  NewInterchange,
  Recorded,
  RefusedAsConflict,
} from './ledger/taking.js'
export type { Proof, ProofOfMessage, ProvenFact, SignedHead } from './ledger/proof.js'
export {
  legalHoldKinds,
  type LegalHoldKind,
  type LegalHolds,
  type LegalHold,
  type NewLegalHold,
} from './ledger/legal-holds.js'
export type { DataKeyFacts, Keys, Resealed } from './ledger/keys.js'
export type {
  HubLiving,
  HubProcess,
  HubAbility,
  LeaseState,
  LeaseToken,
  Neighbours,
  Remembered,
  HubsAndLeases,
} from './ledger/neighbours.js'
export type { ReceiptEvent, LedgerEvents } from './ledger/upkeep.js'

/**
 * All of it, a chapter each in ledger/. A method that writes rejects with a HubError (HUB_LEDGER_UNAVAILABLE …) when it
 * cannot say that the write is on disk; whoever called does it again, and finds what was written all the same.
 * @see [openSqliteLedger](./sqlite/open.ts), [openPostgresLedger](./postgres/open.ts)
 */
export interface Ledger
  extends
    Partners,
    Notices,
    Taking,
    Sending,
    Answers,
    Owners,
    Orphans,
    Attention,
    AgencyHolds,
    Audit,
    Returning,
    Retention,
    Reading,
    Filed,
    FilingGrants,
    Keys,
    LegalHolds,
    Questions,
    AgentGrants,
    Operators,
    Upkeep {}

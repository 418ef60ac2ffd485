// parts — what the HTTP door is given. It knows nothing else of the hub: every verb and every look-up comes in by name.
import type { IncomingHttpHeaders } from 'node:http'
import type { Static } from 'typebox'
import type { AgencyFile } from '../../../messages/attached.js'
import type { FilingGrant, GrantGiven, GrantReceived, GrantUse, WhichGrants } from '../../../messages/filing-grant.js'
import type { ConnectionLimits } from './connections.js'
import type { Acknowledgement, Accept, Answer, Inbound } from '../../../messages/inbound.js'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import type { Rates } from '../../../messages/rates.js'
import type { Partner, PartnerSettings } from '../../../messages/partner.js'
import type { Operator, OperatorRole, SessionFrom, SignedIn, WaitingAct } from '../../../messages/operator.js'
import type { ScopeParts } from './ops-rights.js'
import type { Receipt } from '../../../messages/receipt.js'
import type { MessageState } from '../../../messages/states.js'
import type { Subscription, SubscriptionView } from '../../../messages/subscription.js'
import type { SignerView } from '../../../messages/signer-view.js'
import type { TlsSetting } from './tls-server.js'
import type { SharedWrongKeys } from './guesses.js'
import type { Authorities, Client, ShownCredentials } from './credentials.js'
import type { PersonsParts } from './persons-door.js'
import type * as view from '../../../messages/views/index.js'

/** A receipt in its partner's mailbox; `seq` is its place there. */
export interface ReceiptInBox {
  receipt: Receipt
  partnerId: string
  seq: number
}

/** What messages are looked for by; absent: any. */
export interface MessageSearch {
  partnerId?: string
  reference?: string
  /** The beginning of the reference. */
  referenceStart?: string
  /** Catalogue code, or the beginning of one. */
  operation?: string
  /** Messages owed to this agency. */
  agency?: string
  state?: MessageState
  since?: Date
  until?: Date
  cursor?: string
  limit: number
}

/** @see [buildHttpDoor](../../../hub/boot/http.ts), [describedDoor](../../../hub/doors/describe.ts) */
export interface PartnerParts {
  /** @see [createAccept](../../../hub/steps/accept.ts) */
  accept: Accept
  /** @see [createAccept](../../../hub/steps/accept.ts) */
  validate: (inbound: Inbound) => Promise<Answer[]>
  /**
   * What was sent as a listing for people, with the faults of these receipts in place; undefined for what is not
   * listed.
   */
  listing: (inbound: Inbound, receipts: readonly Receipt[]) => Promise<string | undefined>
  /**
   * A receipt as CUSRES or APERAK, or as a port flat file; undefined when its message was neither EDIFACT nor such a
   * file.
   */
  inSendersForm: (receipt: Receipt, partnerId: string) => Promise<Buffer | undefined>
  /**
   * Which partner has shown this. Rejects with a HubError where that is known and it may not come in all the same.
   * @see [createAuthenticate](../../../hub/doors/authenticate.ts)
   */
  authenticate: (shown: ShownCredentials) => Promise<Partner | undefined>
  /**
   * A token for a client's id and secret; undefined where there is no such client. Rejects as `authenticate` does.
   * @see [createAuthenticate](../../../hub/doors/authenticate.ts)
   */
  tokenFor: (
    client: Client,
    shown: Omit<ShownCredentials, 'key'>,
  ) => Promise<{ owner: Partner; token: string; seconds: number } | undefined>
  /**
   * Told when something about a partner has changed, until the returned function is called.
   * @see [createPartnerBook](../../../hub/operate/partner-book.ts)
   */
  partnersChanged: (listener: () => void) => () => void
  /** One message with its history, or undefined when there is none or it is another partner's. */
  message: (messageId: string, partnerId?: string) => Promise<view.MessageView | undefined>
  /** @see [createFindMessages](../../../hub/doors/find-messages.ts) */
  messages: (search: MessageSearch) => Promise<view.MessagePage>
  /** @see [createContent](../../../hub/doors/content.ts) */
  forwarded: (messageId: string, partnerId?: string) => Promise<Buffer | undefined>
  acknowledgement: (messageId: string, partnerId?: string) => Promise<Acknowledgement | undefined>
  /** @see [createContent](../../../hub/doors/content.ts) */
  content: (
    messageId: string,
    partnerId?: string,
  ) => Promise<{ bytes: Buffer; contentType?: string; filename?: string } | undefined>
  /**
   * Receipts after `after`, at once or within `ms`.
   * @see [createMailbox](../../../hub/doors/mailbox.ts)
   */
  waitForReceipts: (
    partnerId: string,
    after: number,
    ms: number,
    limit: number,
    signal: AbortSignal,
  ) => Promise<ReceiptInBox[]>
  /** Business receipts and notices, on whatever way they go, after this one. */
  receiptsAfter: (partnerId: string, after: number, limit: number) => Promise<ReceiptInBox[]>
  lastReceipt: (partnerId: string) => Promise<number>
  /**
   * Done when the next receipt of this partner is on disk, after `ms`, or at the signal.
   * @see [createMailbox](../../../hub/doors/mailbox.ts)
   */
  nextReceipt: (partnerId: string, ms: number, signal: AbortSignal) => { done: Promise<void> }
  /** Given up, or tried in vain so far; everybody's without a partner. */
  undelivered: (partnerId: string | undefined, limit: number) => Promise<view.ReceiptView[]>
  /** Owes it again, the way the partner's settings say now. False when it is not this partner's. */
  resendReceipt: (receiptId: string, partnerId: string | undefined, by?: Operator) => Promise<boolean>
  receipt: (receiptId: string) => Promise<ReceiptInBox | undefined>
  /** What the agency wrote, verbatim, whatever its size. */
  receiptBody: (receiptId: string) => Promise<{ partnerId: string; mediaType: string; bytes: Buffer } | undefined>
  /** A file that came with a receipt. Rejects with HUB_RECEIPT_FILE_MISSING or HUB_RECEIPT_FILE_DAMAGED. */
  receiptAttachment: (
    receiptId: string,
    name: string,
  ) => Promise<{ partnerId: string; messageId: string; mediaType: string; bytes: Buffer; name: string } | undefined>
  /** In one write. Resolves with those of them that are this partner's. */
  acknowledge: (partnerId: string, receiptIds: readonly string[]) => Promise<string[]>
}

/** The questions a partner can ask. @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface QueriesParts {
  /** Queries that can be asked. */
  queries: () => view.QuerySummary[]
  /** One of them, with its criteria and columns. @throws HubError HUB_QUERY_NONE */
  query: (operation: string) => view.QueryDetails
  /**
   * @returns the id of the message the question is; or the answer itself, where the hub alone gives it and the caller
   *   waits
   * @throws HubError with every criterion that is wrong
   */
  ask: (question: {
    partner: Partner
    operation: string
    parameters: Record<string, unknown>
    page?: number
    size?: number
    /** The caller waits for the answer. */
    waits?: boolean
  }) => Promise<string | view.QueryAnswer>
  /** How many may be taken at once, now: filings go first. */
  questionsAtOnce: () => number
  /** The answer, or how far it is after `waitMs`. @throws HubError HUB_NOT_FOUND */
  answer: (which: {
    partnerId: string
    operation: string
    messageId: string
    waitMs: number
    signal: AbortSignal
  }) => Promise<view.QueryAnswer>
  /** Its answer has been given to a call. */
  given: (partnerId: string, messageId: string) => Promise<void>
}

/** What partners want to be told of. @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface SubscriptionParts {
  subscriptions: (partnerId: string) => Promise<SubscriptionView[]>
  /**
   * Rejects with a HubError when there is no such notice, it is outside the partner's rights, or the partner asks too
   * much.
   */
  subscribe: (partnerId: string, subscription: Subscription) => Promise<void>
  unsubscribe: (partnerId: string, operation: string, reference?: string) => Promise<boolean>
}

interface Grants {
  given: GrantGiven[]
  received: GrantReceived[]
}

/** Who may see what a partner filed. @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface FilingGrantParts {
  /** What a partner has given, and what it was given. */
  filingGrants: (partnerId: string) => Promise<Grants>
  /** Who saw something by its grants, the newest first. */
  grantUses: (owner: string) => Promise<GrantUse[]>
  /** Rejects with a HubError when the grant is wrong, or the partner gives too many. */
  grantFilings: (owner: string, grant: FilingGrant) => Promise<void>
  /** Rejects with HUB_NOT_FOUND when there is no such grant. */
  revokeFilings: (owner: string, which: WhichGrants) => Promise<void>
  /** An operator's, in the owner's name. */
  grantFilingsOf: (owner: string, grant: FilingGrant, by: Operator) => Promise<void>
  revokeFilingsOf: (owner: string, which: WhichGrants, by: Operator) => Promise<void>
  /** Undefined when there is no such partner. */
  filingGrantsOf: (owner: string) => Promise<(Grants & { uses: GrantUse[] }) | undefined>
}

/** Who may file in whose name; as `FilingGrantParts`. */
export interface AgentGrantParts {
  agentGrants: (partnerId: string) => Promise<view.AgentList>
  grantAgent: (owner: string, grant: FilingGrant) => Promise<void>
  revokeAgent: (owner: string, which: WhichGrants) => Promise<void>
  grantAgentOf: (owner: string, grant: FilingGrant, by: Operator) => Promise<void>
  revokeAgentOf: (owner: string, which: WhichGrants, by: Operator) => Promise<void>
  /** Undefined when there is no such partner. */
  agentGrantsOf: (owner: string) => Promise<view.AgentList | undefined>
}

/** What can be sent. @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface CatalogueParts {
  operations: (filter: { prefix?: string; all: boolean; q?: string }) => view.OperationSummary[]
  operation: (code: string) => view.OperationView | undefined
  /** The schemas of an operation's documents, each with all it includes, as text. */
  schemas: (code: string) => { file: string; content: string }[] | undefined
  samples: (code: string) => { file: string; content: Buffer }[] | undefined
  /** The JSON Schema of its document, where it is one of ours. */
  jsonSchema: (code: string) => string | undefined
  /** A zip of schemas, samples and JSON Schema. */
  bundle: (code: string) => Promise<Buffer | undefined>
}

/** @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface AgencyParts {
  /** Does the call show this agency's own credentials? */
  agencyMaySpeak: (agency: string, headers: IncomingHttpHeaders) => boolean
  /**
   * Keeps an agency's answer for good; resolves when it is on disk.
   * @see [startAnswering](../../../hub/boot/answering.ts)
   */
  takeReply: (
    agency: string,
    answer: { mediaType: string; bytes: Buffer; files?: AgencyFile[] },
  ) => Promise<{ replyId: string; known: boolean }>
}

/** A session of the monitor that began. */
export interface SessionBegun {
  /** What its cookie holds. */
  cookie: string
  name: string
  recoveryCodes?: string[]
}

/** How people sign in on the monitor. */
export interface SignInParts {
  ways: () => Static<typeof view.SignInWays>
  /** Is there a way in beside the keys? Then a browser is shown the page to sign in. */
  hasPage: () => Promise<boolean>
  /** Undefined: name, password or code is wrong. */
  byPassword: (
    shown: { name: string; password: string; code: string },
    from: SessionFrom,
  ) => Promise<SessionBegun | undefined>
  byKey: (key: string, from: SessionFrom) => Promise<SessionBegun | undefined>
  /** Rejects with HUB_WELCOME_OVER. */
  welcome: (token: string) => Promise<Static<typeof view.Welcome>>
  /** Rejects with HUB_WELCOME_OVER, HUB_PASSWORD_WEAK, HUB_SIGN_IN_FAILED. */
  choose: (chosen: { token: string; password: string; code: string }, from: SessionFrom) => Promise<SessionBegun>
  /** Where the browser goes, and what it keeps meanwhile. Rejects with HUB_OIDC_FAILED. */
  oidcBegin: () => Promise<{ url: string; begun: { state: string; nonce: string; verifier: string } }>
  oidcEnd: (
    query: string,
    begun: { state: string; nonce: string; verifier: string },
    from: SessionFrom,
  ) => Promise<SessionBegun>
  /** Whose session this cookie is; undefined: it has ended. */
  bySession: (cookie: string) => Promise<SignedIn | undefined>
  /** The person does something. */
  used: (session: string) => Promise<void>
  /** The open sessions of an account. `current`: the session that asks. Rejects with HUB_OPS_NOT_FOUND. */
  sessions: (name: string, current?: string) => Promise<view.SessionView[]>
  /** Ends the one with this id, or all but `keep`. What is left. Rejects with HUB_OPS_NOT_FOUND. */
  endSessions: (
    name: string,
    which: { id?: string | undefined; keep?: string | undefined; by: Operator },
  ) => Promise<view.SessionView[]>
  signOut: (which: { name: string; session: string; everywhere: boolean }) => Promise<void>
  /**
   * The old password is asked for. Every session of the account ends; who called with one gets a new one. Rejects with
   * HUB_PASSWORD_WRONG, HUB_PASSWORD_WEAK, HUB_RATE_LIMITED, HUB_REQUEST_INVALID where the account has no password.
   */
  changePassword: (
    who: SignedIn,
    change: { old: string; password: string },
    from: SessionFrom,
  ) => Promise<SessionBegun | undefined>
}

/**
 * Accounts, and acts that wait for a second person. What is not there rejects with HUB_OPS_NOT_FOUND.
 * @see [buildHttpDoor](../../../hub/boot/http.ts)
 */
export interface OperatorsParts {
  operators: () => Promise<view.OperatorView[]>
  addOperator: (
    named: { name: string; role: OperatorRole; agencies?: string[] | undefined },
    by: Operator,
  ) => Promise<view.InvitedOperator>
  setRole: (
    name: string,
    right: { role: OperatorRole; agencies?: string[] | undefined },
    by: Operator,
  ) => Promise<view.OperatorView>
  setDisabled: (name: string, disabled: boolean, by: Operator) => Promise<view.OperatorView>
  resetOperator: (name: string, by: Operator) => Promise<view.InvitedOperator>
  newOperatorKey: (name: string, by: Operator) => Promise<{ name: string; secret: string }>
  signOutOperator: (name: string, by: Operator) => Promise<view.OperatorView>
  /** An account as it is now; undefined: there is none, or it is disabled. */
  accountNamed: (name: string) => Promise<SignedIn | undefined>
  needsTwo: (act: string | undefined, who: string) => Promise<boolean>
  askSecond: (act: Pick<WaitingAct, 'act' | 'call' | 'from'>, by: Operator) => Promise<view.WaitingActView>
  approvals: (which: { who: SignedIn; open: boolean }) => Promise<view.WaitingActView[]>
  waitingCount: () => Promise<number>
  approve: (
    id: string,
    how: { who: SignedIn; by: Operator; run: (act: WaitingAct) => Promise<number> },
  ) => Promise<view.WaitingActView>
  decline: (id: string, how: { who: SignedIn; by: Operator }) => Promise<view.WaitingActView>
  /**
   * Everything `run` leads to until `over` is done by this person.
   * @see [createActing](../../../hub/operate/acting.ts)
   */
  actingAs: <T>(
    who: { by: SignedIn['by']; address: string; approvedBy?: string },
    run: () => T,
    over: Promise<unknown>,
  ) => T
  /**
   * Agencies a thing is about; none where there is no such thing.
   * @see [createAgenciesOf](../../../hub/operate/agencies-of.ts)
   */
  agenciesOf: ScopeParts['agenciesOf']
}

/** @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface OpsParts {
  /** Who has this key; undefined when nobody has, or who is disabled. */
  operatorOf: (secret: string) => Promise<SignedIn | undefined>
  partners: () => Promise<Partner[]>
  /** Adds a partner, or changes what is named of one. Rejects with a HubError that names every fault. */
  changePartner: (
    named: {
      partnerId: string
      name?: string | undefined
      settings?: Partial<PartnerSettings> | undefined
      sshKeys?: string[] | undefined
      disabled?: boolean | undefined
    },
    by: Operator,
  ) => Promise<{ partner: Partner; created: boolean }>
  /** Undefined when there is no such partner. */
  disablePartner: (partnerId: string, disabled: boolean, by: Operator) => Promise<Partner | undefined>
  /** A partner's keys, never what they are. Undefined when there is no such partner. */
  keys: (partnerId: string) => Promise<view.KeyFacts[] | undefined>
  /** Makes a secret; it is never seen again. Undefined when there is no such partner. */
  newSecret: (
    partnerId: string,
    key: { kind: 'http' | 'sftp' | 'oauth'; label: string; expiresAt?: Date | undefined },
    by: Operator,
  ) => Promise<{ id: string; secret: string } | undefined>
  /**
   * Lets a certificate in, by its fingerprint, or by its subject and issuer. Undefined when there is no such partner.
   * Rejects with HUB_REQUEST_INVALID.
   */
  newCertificate: (
    partnerId: string,
    certificate: { pem: string; by: 'fingerprint' | 'subject'; label: string; expiresAt?: Date | undefined },
    by: Operator,
  ) => Promise<view.CertificateBound | undefined>
  /**
   * A signature of this certificate holds from now on. Undefined when there is no such partner. Rejects with
   * HUB_REQUEST_INVALID.
   */
  addSigningCertificate: (
    partnerId: string,
    certificate: { pem: string; label: string },
    by: Operator,
  ) => Promise<view.SigningCertificateView | undefined>
  signingCertificates: (partnerId: string) => Promise<view.SigningCertificateView[] | undefined>
  revokeSigningCertificate: (partnerId: string, id: string, by: Operator) => Promise<boolean>
  revokeKey: (partnerId: string, id: string, by: Operator) => Promise<boolean>
  /** Undefined when there is no such partner. The secret is the partner's to know. */
  setWebhook: (
    partnerId: string,
    webhook: { url: string; newSecret: boolean; overlapHours: number; stages: Receipt['stage'][] },
    by: Operator,
  ) => Promise<Omit<view.WebhookSet, 'partnerId'> | undefined>
  removeWebhook: (partnerId: string, by: Operator) => Promise<boolean>
  grantSubscription: (partnerId: string, subscription: Subscription, by: Operator) => Promise<void>
  /** Rejects with HUB_NOT_FOUND when the partner did not ask for it. */
  grantWish: (partnerId: string, which: { operation: string; reference?: string }, by: Operator) => Promise<void>
  endSubscription: (partnerId: string, which: { operation: string; reference?: string }, by: Operator) => Promise<void>
  status: () => Promise<view.Status>
  /** Jobs by queue, as Redis has them; undefined while it is away. */
  queues: () => Promise<view.QueueCounts[] | undefined>
  /** The newest notices of agencies. */
  notices: (limit: number) => Promise<view.NoticeView[]>
  /** Submissions a person must look at. */
  standing: (
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which?: { agency?: string | undefined; code?: string | undefined },
  ) => Promise<view.StandingView[]>
  /** Keeps that an operator has seen what a partner or an agency wrote; resolves when that is on disk. */
  payloadRead: (
    messageId: string,
    what: 'content' | 'receipts' | 'attachment' | 'evidence',
    by: Operator,
  ) => Promise<void>
  /**
   * A zip that proves the message to somebody who does not trust the hub; undefined when there is no such message.
   * @see [createEvidence](../../../hub/operate/evidence/evidence.ts)
   */
  evidence: (messageId: string) => Promise<Buffer | undefined>
  replay: (submissionId: string, by: Operator) => Promise<boolean>
  /** All dead letters of an agency, or of all; how many. */
  replayAll: (which: { agency?: string | undefined; code?: string | undefined }, by: Operator) => Promise<number>
  resolveUnclear: (submissionId: string, decision: 'taken' | 'resend' | 'dead', by: Operator) => Promise<boolean>
  releaseHeld: (submissionId: string, decision: 'send' | 'dead', by: Operator) => Promise<boolean>
  dropDead: (submissionId: string, by: Operator) => Promise<boolean>
  /**
   * Copies the ledger while the hub runs.
   * @see [createBackup](../../../hub/operate/backup.ts)
   */
  backup: (by: Operator) => Promise<view.BackupMade>
  /** Lets go of the bytes of what is long done with; undefined when everything is kept forever. */
  retention: { view: () => view.RetentionView; walk: (by: Operator) => Promise<view.Walked> } | undefined
  /** Encryption at rest, and legal holds. */
  keeping: {
    keys: () => Promise<view.KeysView>
    rotateKey: (by: Operator) => Promise<view.KeysView>
    reseal: (by: Operator) => Promise<view.KeysView>
    hold: (
      hold: { kind: 'message' | 'partner' | 'company'; value: string; until?: Date | undefined },
      by: Operator,
    ) => Promise<view.HoldView>
    holds: (all: boolean) => Promise<view.HoldView[]>
    releaseHold: (n: number, by: Operator) => Promise<boolean>
  }
  orphans: (limit: number) => Promise<view.OrphanView[]>
  matchOrphan: (replyId: string, submissionId: string, by: Operator) => Promise<boolean>
  dropOrphan: (replyId: string, by: Operator) => Promise<boolean>
  /** Answers that wait until it is known whether they are of ours, the oldest first. */
  heldAnswers: (limit: number) => Promise<view.HeldAnswerView[]>
  releaseAnswer: (replyId: string, by: Operator) => Promise<boolean>
  /** Keys two partners have under way at one agency. */
  sharedKeys: (limit: number) => Promise<view.SharedKeyView[]>
  closeSharedKey: (id: number, by: Operator) => Promise<boolean>
  audits: (
    limit: number,
    target?: string,
    which?: { who?: string | undefined; action?: string | undefined; before?: number | undefined },
  ) => Promise<view.AuditView[]>
  /** Questions that were answered in their call, the newest first. */
  questionsAsked: (which: {
    partnerId?: string
    operation?: string
    before?: string
    limit: number
  }) => Promise<view.QuestionView[]>
  mailboxes: () => Promise<view.MailboxFacts[]>
  /**
   * Messages by any number somebody may know: an id, a reference, a bill of lading, an agency's number.
   * @see [createFindByNumber](../../../hub/doors/find-by-number.ts)
   */
  findByNumber: (text: string, limit: number) => Promise<view.MessageSummary[]>
}

/** Undefined: there is no such agency. */
export interface AgencyOpsParts {
  agencies: () => Promise<view.AgencyView[]>
  agency: (code: string) => Promise<view.AgencyView | undefined>
  pauseAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  resumeAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  closeAgency: (
    code: string,
    window: { start: string; end: string; timeZone?: string },
    by: Operator,
  ) => Promise<view.AgencyView | undefined>
  openAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  /** Undefined when there is no such agency, or its answers are files. */
  readAnswer: (
    code: string,
    answer: { status: number; headers: Record<string, string>; body: Buffer },
  ) => Promise<view.AnswerReadView | undefined>
  /** Rejects with a HubError that names every fault. */
  reloadConfig: (by: Operator) => Promise<void>
}

/** @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface SigningParts {
  signers: () => SignerView[]
  /** By the token an agent shows. */
  signAgent: (token: string) =>
    | {
        next: (waitMs: number, signal: AbortSignal) => Promise<{ id: string; bytes: string } | undefined>
        done: (id: string, value: Buffer) => boolean
        failed: (id: string, why: string) => boolean
        lost: (id: string) => void
      }
    | undefined
}

/** @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface HttpDoorParts
  extends
    PartnerParts,
    QueriesParts,
    SubscriptionParts,
    FilingGrantParts,
    AgentGrantParts,
    CatalogueParts,
    AgencyParts,
    OpsParts,
    AgencyOpsParts,
    SigningParts,
    PersonsParts,
    OperatorsParts {
  signIn: SignInParts
  /** Signs receipts as the hub; absent: it does not. */
  receiptSigner?: { jws: SignBytes; keys(): view.ReceiptKey[] } | undefined
  /**
   * Told of every key or token that opened nothing.
   * @see [createSignIns](../../../hub/doors/sign-ins.ts)
   */
  signInFailed: (who: { door: 'partner' | 'operator' | 'agency' | 'signer'; address: string; name?: string }) => void
  /**
   * Told of every call that somebody known may not make.
   * @see [createSignIns](../../../hub/doors/sign-ins.ts)
   */
  callRefused: (refused: { who: string; role: string; by: string; address: string; call: string }) => void
  /** Absent: this process counts for itself. */
  wrongKeys?: SharedWrongKeys | undefined
  health: () => view.Alive
  /** @see [createReadiness](../../../monitoring/health.ts) */
  readiness: () => Promise<view.Readiness>
  /** @see [createMetrics](../../../monitoring/metrics.ts) */
  metrics: () => Promise<{ contentType: string; text: string }>
  log: { error(ids: object, event: string): void; warn(ids: object, event: string): void }
  /** Where room in memory comes from for what partners send, and for what agencies post back. */
  memory: { partners: MemoryBudget; agencies: MemoryBudget }
  /** How much a partner may ask and send in a second. */
  rates: Pick<Rates, 'call' | 'left'>
  limits: { maxBytes: number; requestSeconds?: number; connections: ConnectionLimits }
  /** Absent: plain HTTP. `hstsSeconds`: how long a browser is told to come back by TLS only; 0: it is not told. */
  tls?: (TlsSetting & { hstsSeconds: number }) | undefined
  /** A load balancer in front speaks TLS: browsers keep secure cookies. */
  behindTls?: boolean | undefined
  /** Addresses and ranges of the proxies whose X-Forwarded-For is believed. None: the caller is who connects. */
  trustedProxies?: readonly string[] | undefined
  /** Whose clients may be known by their certificate's subject. */
  clientAuthorities?: Authorities | undefined
  version: string
}

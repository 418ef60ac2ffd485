// attention — what needs a person: submissions that stopped, answers without an owner, numbers that two partners share;
// and the result of an operator's act.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Fault } from '../fault.js'
import { ReceiptStatus } from '../states.js'
import * as field from './fields.js'

/** A submission a person must look at. */
export const AttentionView = Type.Object(
  {
    submissionId: field.SubmissionId,
    messageId: field.MessageId,
    partnerId: field.PartnerId,
    agency: field.AgencyCode,
    operation: field.OperationCode,
    documentType: field.DocumentTypeId,
    reference: field.Reference,
    since: field.Moment('Since when it is in this state'),
    code: Type.Optional(field.ErrorCodeText),
    detail: Type.Optional(field.Text('What happened', 'no answer within 30 s')),
    awaited: Type.Optional(
      Type.Object(
        {
          step: Type.Integer({ minimum: 0, description: 'Number of the expected answer', examples: [0] }),
          by: field.Moment('When it was due'),
        },
        { description: 'The late answer' },
      ),
    ),
    original: Type.Optional(
      Type.Object(
        { messageId: field.MessageId, reference: field.Reference },
        { description: 'Of a held change: the original it waits for' },
      ),
    ),
  },
  { title: 'Attention', description: 'A submission a person must look at 待处理申报' },
)
export type AttentionView = Static<typeof AttentionView>

/** Submissions a person must look at, the oldest first: dead, unclear, held or overdue. */
export const AttentionList = Type.Object(
  { submissions: Type.Array(AttentionView) },
  { title: 'AttentionList', description: 'Submissions a person must look at, the oldest first' },
)
export type AttentionList = Static<typeof AttentionList>

/** An answer that waits until it is known whether it is of ours. */
export const HeldAnswerView = Type.Object(
  {
    replyId: field.ReplyId,
    agency: field.AgencyCode,
    receivedAt: field.Moment('When it came'),
    keys: Type.Array(field.KeyView, { description: 'The numbers it cites' }),
    documentTypes: Type.Array(field.DocumentTypeId, { description: 'The documents it may answer' }),
    size: field.Bytes('Bytes', 812),
  },
  { title: 'HeldAnswer', description: 'An answer whose submission is not known yet 待定回执' },
)
export type HeldAnswerView = Static<typeof HeldAnswerView>

/** Held answers, the oldest first; the answer to `GET /ops/answers/held`. */
export const HeldAnswerList = Type.Object(
  { answers: Type.Array(HeldAnswerView) },
  { title: 'HeldAnswerList', description: 'Held answers, the oldest first' },
)
export type HeldAnswerList = Static<typeof HeldAnswerList>

/** An answer that speaks of no submission. */
export const OrphanView = Type.Object(
  {
    replyId: field.ReplyId,
    agency: field.AgencyCode,
    mediaType: field.Text('As the agency declared it', 'application/xml'),
    size: field.Bytes('Bytes', 812),
    receivedAt: field.Moment('When it came'),
    keys: Type.Array(field.KeyView, { description: 'The numbers it cites' }),
    head: field.Text('Its first 400 bytes; empty if it is damaged', '<Receipt>'),
    damaged: Type.Optional(field.Mark('The stored bytes are damaged (HUB_BYTES_DAMAGED). Ask the agency for it again')),
    submissionId: Type.Optional(described(field.SubmissionId, 'The submission whose call it answered')),
  },
  { title: 'Orphan', description: 'An answer that belongs to no submission 无主回执' },
)
export type OrphanView = Static<typeof OrphanView>

/** Answers without an owner, the newest first; the answer to `GET /ops/orphans`. */
export const OrphanList = Type.Object(
  { orphans: Type.Array(OrphanView) },
  { title: 'OrphanList', description: 'Answers without an owner, the newest first' },
)
export type OrphanList = Static<typeof OrphanList>

/** One who has a key an answer cites. */
export const OwnerView = Type.Object(
  {
    submissionId: field.SubmissionId,
    messageId: field.MessageId,
    partnerId: field.PartnerId,
    documentType: field.DocumentTypeId,
    reference: field.Reference,
    order: Type.Integer({ description: 'Grows with every submission', examples: [7] }),
    state: field.SubmissionStateName,
    status: Type.Optional(ReceiptStatus),
    learnt: field.Flag('True: the number is from the agency. Else: from the message'),
    senders: Type.Array(field.Text('Code of a company', '3120260001')),
    awaits: field.Flag('An answer of the agency is expected'),
    finished: field.Flag('No further answer is expected, or it was given up'),
  },
  { title: 'Owner', description: 'A submission with a number that an answer cites' },
)
export type OwnerView = Static<typeof OwnerView>

/** Two partners have the same key under way at one agency. */
export const SharedKeyView = Type.Object(
  {
    id: Type.Integer({ description: 'Its number', examples: [1] }),
    agency: field.AgencyCode,
    key: field.KeyView,
    candidates: Type.Array(OwnerView),
    since: field.Moment('Since when'),
  },
  { title: 'SharedKey', description: 'A number that two partners use at one agency at the same time 编号冲突' },
)
export type SharedKeyView = Static<typeof SharedKeyView>

/** Shared keys, the newest first; the answer to `GET /ops/shared-keys`. */
export const SharedKeyList = Type.Object(
  { sharedKeys: Type.Array(SharedKeyView) },
  { title: 'SharedKeyList', description: 'Shared keys, the newest first' },
)
export type SharedKeyList = Static<typeof SharedKeyList>

/** What an agency said first. */
export const NoticeView = Type.Object(
  {
    noticeId: field.NoticeId,
    agency: field.AgencyCode,
    documentType: field.DocumentTypeId,
    operations: Type.Array(field.OperationCode),
    references: Type.Array(field.Text('A number it names', 'TESTBL0001')),
    faults: Type.Array(Fault),
    deliveries: field.Count('Number of partners that received it', 1),
    receivedAt: field.Moment('When it came'),
  },
  { title: 'Notice', description: 'What an agency sent without being asked 通知' },
)
export type NoticeView = Static<typeof NoticeView>

/** Notices, the newest first; the answer to `GET /ops/notices`. */
export const NoticeList = Type.Object(
  { notices: Type.Array(NoticeView) },
  { title: 'NoticeList', description: 'Notices, the newest first' },
)
export type NoticeList = Static<typeof NoticeList>

const done = (title: string, description: string, what: Record<string, ReturnType<typeof field.Mark>>) =>
  Type.Object({ submissionId: field.SubmissionId, ...what }, { title, description })
/** A dead letter that is queued again; the answer to `POST /ops/submissions/:id/replay`. */
export const SubmissionReplayed = done('SubmissionReplayed', 'A dead letter that is queued again', {
  replayed: field.Mark('It is queued again'),
})
/** A dead letter that is closed; the answer to `POST /ops/submissions/:id/drop`. */
export const SubmissionDropped = done('SubmissionDropped', 'A dead letter that is closed', {
  dropped: field.Mark('It is closed, and kept'),
})
/** An unclear submission that was decided; the answer to `POST /ops/submissions/:id/resolve`. */
export const UnclearResolved = Type.Object(
  {
    submissionId: field.SubmissionId,
    decision: Type.Enum(['taken', 'resend', 'dead'], { description: 'What was decided' }),
  },
  { title: 'UnclearResolved', description: 'An unclear submission that was decided' },
)
/** A held submission that was decided; the answer to `POST /ops/submissions/:id/release`. */
export const HeldReleased = Type.Object(
  { submissionId: field.SubmissionId, decision: Type.Enum(['send', 'dead'], { description: 'What was decided' }) },
  { title: 'HeldReleased', description: 'A held submission that was decided' },
)
/** An answer and the submission it was assigned to; the answer to `POST /ops/orphans/:id/match`. */
export const OrphanMatched = Type.Object(
  { replyId: field.ReplyId, submissionId: field.SubmissionId },
  { title: 'OrphanMatched', description: 'An answer and the submission it was assigned to' },
)
/** An answer that was ignored; the answer to `POST /ops/orphans/:id/drop`. */
export const OrphanDropped = Type.Object(
  { replyId: field.ReplyId, dropped: field.Mark('It is no longer an orphan; it is kept') },
  { title: 'OrphanDropped', description: 'An answer that was ignored' },
)
/** An answer that belongs to no submission of this hub; the answer to `POST /ops/answers/:id/release`. */
export const AnswerReleased = Type.Object(
  { replyId: field.ReplyId, released: field.Mark('It is no longer held') },
  { title: 'AnswerReleased', description: 'An answer that belongs to no submission of this hub' },
)
/** A shared key that was checked; the answer to `POST /ops/shared-keys/:id/close`. */
export const SharedKeyClosed = Type.Object(
  { id: Type.Integer({ description: 'Its number', examples: [1] }), closed: field.Mark('It was checked') },
  { title: 'SharedKeyClosed', description: 'A shared key that was checked' },
)

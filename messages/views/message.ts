// message — one message as it is read: a row of a search, the whole message with its submissions, and the result of a
// search by number.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Fault } from '../fault.js'
import { FiledUnder } from '../filing-grant.js'
import { Receipt } from '../receipt.js'
import { MessageState, ReceiptStatus } from '../states.js'
import * as field from './fields.js'
import { ReceiptView } from './receipts.js'

const summary = {
  messageId: field.MessageId,
  partnerId: field.PartnerId,
  reference: field.Reference,
  documentType: Type.Optional(described(field.DocumentTypeId, 'Absent where it was not recognised')),
  operation: Type.Optional(field.OperationCode),
  state: MessageState,
  receivedAt: field.Moment('When it was received'),
  channel: field.Channel,
  filename: Type.Optional(field.Text('Name of the file it came in', 'order.xml')),
}

/** One message of a search. */
export const MessageSummary = Type.Object(summary, {
  title: 'MessageSummary',
  description: 'One message of a search 报文',
})
export type MessageSummary = Static<typeof MessageSummary>

/** One try to hand a message to its agency. */
export const AttemptView = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1, description: 'Number of the attempt, from 1', examples: [1] }),
    startedAt: field.Moment('When it began'),
    endedAt: Type.Optional(field.Moment('When it ended; absent while it is running')),
    outcome: Type.Optional(field.Text('How it ended: submitted, retry, unclear, dead', 'submitted')),
    code: Type.Optional(field.ErrorCodeText),
    detail: Type.Optional(field.Text('What happened', 'HTTP 503')),
  },
  { title: 'Attempt', description: 'One try to hand a message to its agency 尝试' },
)
export type AttemptView = Static<typeof AttemptView>

/** One message for one agency. */
export const SubmissionView = Type.Object(
  {
    submissionId: field.SubmissionId,
    agency: field.AgencyCode,
    state: field.SubmissionStateName,
    status: Type.Optional(ReceiptStatus),
    agencyReference: Type.Optional(field.Text("The agency's number of it", 'I20260000000001')),
    nextAt: Type.Optional(field.Moment('When the next attempt is due')),
    awaited: Type.Optional(
      Type.Object(
        {
          step: Type.Integer({ minimum: 0, description: 'Number of the expected answer', examples: [0] }),
          by: field.Moment('When it is due'),
          overdue: field.Flag('It is late'),
        },
        { description: 'The next expected answer' },
      ),
    ),
    attempts: Type.Array(AttemptView),
  },
  { title: 'Submission', description: 'One message for one agency 申报' },
)
export type SubmissionView = Static<typeof SubmissionView>

const whole = {
  ...summary,
  interchangeId: field.InterchangeId,
  schema: Type.Optional(
    Type.Object(
      {
        file: field.Text('The XSD it was checked against', 'ceb/CEB311Message.xsd'),
        version: field.Text('Edition of the published format', '1.0'),
      },
      { description: 'What it was checked against' },
    ),
  ),
  size: field.Bytes('Bytes as received'),
  sha256: field.Sha256,
  repeats: field.Count('How often the same bytes were sent again'),
  attachments: Type.Array(
    Type.Object(
      {
        name: field.Text('File name', 'invoice.pdf'),
        size: field.Bytes('Bytes'),
        mediaType: Type.Optional(field.Text('As declared by the sender', 'application/pdf')),
      },
      { description: 'An attached file 随附单据' },
    ),
  ),
  faults: Type.Array(Fault),
  submissions: Type.Array(SubmissionView),
  filedUnder: Type.Optional(Type.Array(FiledUnder)),
  letGo: Type.Optional(
    Type.Object(
      {
        at: field.Moment('Since when'),
        archive: Type.Optional(field.Text('The archive file; absent: the bytes were deleted', '2026-11.ndjson.gz')),
      },
      { description: 'Its bytes are no longer in the ledger' },
    ),
  ),
}

/** One message as an operator reads it: with the way back of each receipt. */
export const MessageView = Type.Object(
  { ...whole, receipts: Type.Array(ReceiptView) },
  {
    title: 'MessageWithWayBack',
    description: 'One message with its history and the delivery of each receipt 报文全程',
  },
)
export type MessageView = Static<typeof MessageView>

/** One message as its partner reads it. */
export const OwnMessage = Type.Object(
  { ...whole, receipts: Type.Array(Receipt) },
  { title: 'Message', description: 'One message with its history 报文及其全程' },
)
export type OwnMessage = Static<typeof OwnMessage>

/** One page of a search, the newest first; the answer to `GET /v1/messages` and `GET /ops/messages`. */
export const MessagePage = Type.Object(
  {
    messages: Type.Array(MessageSummary),
    cursor: Type.Optional(field.Text('Cursor of the next page; absent on the last page', '1764331672310.42')),
    more: Type.Optional(field.Flag('Too many references begin like this; give more characters', true)),
  },
  { title: 'MessagePage', description: 'One page of a search, the newest first' },
)
export type MessagePage = Static<typeof MessagePage>

/** The messages that have this number; the answer to `GET /ops/search`. */
export const FoundMessages = Type.Object(
  { messages: Type.Array(MessageSummary) },
  { title: 'FoundMessages', description: 'The messages that have this number' },
)
export type FoundMessages = Static<typeof FoundMessages>

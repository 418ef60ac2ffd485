// message-view — a message as its partner reads it over HTTP: a row of a search, and one with its whole history.
import { Type, type Static } from 'typebox'
import { Fault } from '../../../messages/fault.js'
import { Receipt } from '../../../messages/receipt.js'
import { MessageState, ReceiptStatus, submissionStates } from '../../../messages/states.js'

const row = {
  messageId: Type.String({ examples: ['msg_01M8HDCT03W7WQK0ZT6SHXSF8D'] }),
  partnerId: Type.String(),
  reference: Type.String({ description: 'Your own number of it' }),
  state: MessageState,
  receivedAt: Type.String({ format: 'date-time' }),
  channel: Type.String({ description: 'The way it came: http, sftp, sftp-poll' }),
  documentType: Type.Optional(Type.String({ description: 'Absent where it could not be told' })),
  operation: Type.Optional(Type.String({ description: 'Catalogue code' })),
  filename: Type.Optional(Type.String()),
}
const open = { additionalProperties: true }

export const MessageRow = Type.Object(row, { ...open, description: 'One message of a search 报文' })
export type MessageRow = Static<typeof MessageRow>

const Submission = Type.Object(
  {
    submissionId: Type.String(),
    agency: Type.String(),
    state: Type.Enum(submissionStates),
    status: Type.Optional(ReceiptStatus),
    agencyReference: Type.Optional(Type.String()),
    attempts: Type.Array(Type.Object({ attempt: Type.Integer(), startedAt: Type.String() }, open)),
  },
  { ...open, description: 'Its way to one agency' },
)

export const MessageDetail = Type.Object(
  {
    ...row,
    interchangeId: Type.String(),
    size: Type.Integer({ description: 'Bytes as received' }),
    sha256: Type.String(),
    repeats: Type.Integer({ description: 'How often the same bytes came again' }),
    attachments: Type.Array(Type.Object({ name: Type.String(), size: Type.Integer() }, open)),
    faults: Type.Array(Fault),
    submissions: Type.Array(Submission),
    receipts: Type.Array(Receipt),
  },
  { ...open, description: 'One message with its history 报文及其全程' },
)
export type MessageDetail = Static<typeof MessageDetail>

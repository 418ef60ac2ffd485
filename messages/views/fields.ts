// fields — the single values that answers are made of, each with its description and an example; the views name them.
import { Type } from 'typebox'
import { channels, returnChannels } from '../inbound.js'
import { returnStates, submissionStates } from '../states.js'

const id = (prefix: string, description: string) =>
  Type.String({ description, examples: [`${prefix}_01M8HDCT03W7WQK0ZT6SHXSF8D`] })

// Ids: three letters say of what, a ULID which one.

/** `msg_…` */
export const MessageId = id('msg', 'The message 报文')
/** `int_…` */
export const InterchangeId = id('int', 'The interchange (file or body) of the message')
/** `rcp_…` */
export const ReceiptId = id('rcp', 'The receipt 回执')
/** `sub_…` */
export const SubmissionId = id('sub', "The message's way to one agency 申报")
/** `rep_…` */
export const ReplyId = id('rep', "The agency's answer as it came in 应答")
/** `ntc_…` */
export const NoticeId = id('ntc', 'The notice 通知')
/** `key_…`; of an SSH key its fingerprint. */
export const KeyId = Type.String({
  description: 'Id of the key, never the secret; for an SSH key its fingerprint',
  examples: ['key_01M8HDCT03W7WQK0ZT6SHXSF8D'],
})

/** As the operator has named it. */
export const PartnerId = Type.String({ description: 'The partner 企业', examples: ['demo'] })
/** As in routing/agencies.yaml. */
export const AgencyCode = Type.String({ description: 'Code of the agency 主管部门', examples: ['gacc'] })
/** As in the catalogue: `category.system.service.function.item`. */
export const OperationCode = Type.String({ description: 'Catalogue code of the operation', examples: ['10.1.1.1.1'] })
/** As packs and forms name it. */
export const DocumentTypeId = Type.String({ description: 'The document type 单证类型', examples: ['CEB311Message'] })
/** Chosen by the partner. */
export const Reference = Type.String({
  description: "The partner's own number of it",
  examples: ['ORDER-20261128-001'],
})
/** 64 hexadecimal digits. */
export const Sha256 = Type.String({
  description: 'SHA-256 of the bytes, hexadecimal',
  examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
})
/** A code of the hub or of an agency. */
export const ErrorCodeText = Type.String({
  description: 'A HUB_… code of docs/errors.md, or the code of the agency',
  examples: ['HUB_AGENCY_TIMEOUT'],
})

/** A moment, ISO 8601. */
export const Moment = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-28T12:07:52.310Z'] })
/** Something a person or an agency wrote. */
export const Text = (description: string, example: string) => Type.String({ description, examples: [example] })
/** How many there are of something. */
export const Count = (description: string, example = 0) =>
  Type.Integer({ minimum: 0, description, examples: [example] })
/** A time in seconds. */
export const Seconds = (description: string, example = 0) =>
  Type.Number({ minimum: 0, description, examples: [example] })
/** A size in bytes. */
export const Bytes = (description: string, example = 6210) => Count(description, example)
/** Yes or no. */
export const Flag = (description: string, example = false) => Type.Boolean({ description, examples: [example] })
/** A flag that is there when it is true, and absent otherwise. */
export const Mark = (description: string) => Type.Literal(true, { description })

/** Of an interchange. */
export const Channel = Type.Enum(channels, { description: 'The channel it came by 接入方式' })
/** Of a receipt. */
export const WayBack = Type.Enum(returnChannels, { description: 'The channel of the receipt' })
/** Of a receipt on its way back. */
export const ReturnStateName = Type.Enum(returnStates, { description: 'State of its delivery' })
/** Of a submission; docs/lifecycle.md draws them. */
export const SubmissionStateName = Type.Enum(submissionStates, { description: 'State of the submission' })

/** A number that agencies cite: its name in the document, and its value. */
export const KeyView = Type.Object(
  { name: Text('Name of the key', 'billNo'), value: Text('The number', 'TESTBL0001') },
  { title: 'Key', description: 'A number that receipts cite 关联键' },
)

/** A fact of an act or a rule, whose name says what it is: text, a number, yes or no, a list, or texts by name. */
export const PlainFact = Type.Union(
  [
    Type.String(),
    Type.Number(),
    Type.Boolean(),
    Type.Array(Type.Union([Type.String(), Type.Number()])),
    Type.Record(Type.String(), Type.String()),
  ],
  { title: 'PlainFact', description: 'Text, a number, yes or no, a list, or texts by name' },
)

// receipt — what goes back to the partner: the hub's own form, as a schema and its type.
import { Type, type Static } from 'typebox'
import { described } from './described.js'
import { Bilingual } from './text.js'
import { Fault } from './fault.js'
import { ReceiptStatus } from './states.js'

/**
 * A larger body is not part of a receipt as it is shown: reading it would hold up everybody else. Its size is told, and
 * where it is.
 */
export const mostInlineBytes = 1 << 20

/**
 * An agency's own receipt, verbatim: text when its bytes are UTF-8, base64 otherwise, so no byte is ever changed. Of a
 * large one `size` stands in
 * place of `encoding` and `content`.
 */
export const ReceiptBody = Type.Object(
  {
    mediaType: Type.String({ description: 'As the agency declared it, e.g. application/xml' }),
    encoding: Type.Optional(Type.Union([Type.Literal('utf-8'), Type.Literal('base64')])),
    content: Type.Optional(Type.String({ description: 'Absent above 1 MB: `href` gives the bytes' })),
    size: Type.Optional(Type.Integer({ description: 'Bytes, where there is no `content`' })),
    href: Type.Optional(Type.String({ description: 'Where the bytes are, without `content`: /v1/receipts/{id}/body' })),
    file: Type.Optional(Type.String({ description: 'The file beside this receipt in the InBox that holds the bytes' })),
  },
  { title: 'ReceiptBody', description: "The agency's own receipt, verbatim 原始回执" },
)
export type ReceiptBody = Static<typeof ReceiptBody>

/** A file the agency sent with its answer, or named in it and did not send. */
export const ReceiptAttachment = Type.Object(
  {
    name: Type.String({ description: 'File name, safe as one path segment' }),
    mediaType: Type.Optional(Type.String({ description: 'As the agency declared it, e.g. application/pdf' })),
    size: Type.Optional(Type.Integer({ description: 'Bytes' })),
    sha256: Type.Optional(Type.String({ description: 'Of its bytes, hexadecimal' })),
    href: Type.Optional(Type.String({ description: 'Where its bytes are: /v1/receipts/{id}/attachments/{name}' })),
    file: Type.Optional(Type.String({ description: 'The file beside this receipt in the InBox that holds the bytes' })),
    missing: Type.Optional(
      Type.Literal(true, { description: 'The answer names it, but it did not come; a fault of level warn says so' }),
    ),
  },
  { title: 'ReceiptAttachment', description: 'A file that came with the answer 附件' },
)
export type ReceiptAttachment = Static<typeof ReceiptAttachment>

/** Where a receipt's attachment is given out. */
export const attachmentHref = (receiptId: string, name: string): string =>
  `/v1/receipts/${receiptId}/attachments/${encodeURIComponent(name)}`

/** What goes back to the partner: the hub's answer, or an agency's. */
export const Receipt = Type.Object(
  {
    receiptId: Type.String({ description: 'Its id', examples: ['rcp_01M8HDCT03W7WQK0ZT6SHXSF8D'] }),
    messageId: Type.String({
      description: "The message answered; of a notice, the notice's own id",
      examples: ['msg_01M8HDCT03W7WQK0ZT6SHXSF8D'],
    }),
    reference: Type.String({ description: "The partner's own reference, echoed", examples: ['ORDER-20261128-001'] }),
    operation: Type.Optional(Type.String({ description: 'Catalogue code category.system.service.function.item' })),
    documentType: Type.Optional(Type.String({ description: 'Absent where it was not recognised' })),
    stage: Type.Enum(['technical', 'business', 'notice'], {
      description:
        '`technical`: from the hub. `business`: from the agency. `notice`: sent by the agency without being ' +
        'asked, to subscribers',
    }),
    agency: Type.Optional(Type.String({ description: 'The agency that answered; absent on technical receipts' })),
    status: ReceiptStatus,
    code: Type.String({
      description: "HUB_… on technical receipts, the agency's own code on business receipts",
      examples: ['HUB_ACCEPTED'],
    }),
    text: Bilingual,
    remedy: Type.Optional(Bilingual),
    time: Type.String({
      format: 'date-time',
      description: "When it was made; of a business receipt by the agency's clock",
      examples: ['2026-11-28T12:07:52.310Z'],
    }),
    faults: Type.Array(Fault),
    agencyReference: Type.Optional(Type.String({ description: "The agency's number for the document, e.g. 统一编号" })),
    agencyReferenceName: Type.Optional(described(Bilingual, 'What that number is: 统一编号, 报关单号 …')),
    body: Type.Optional(ReceiptBody),
    attachments: Type.Optional(
      Type.Array(ReceiptAttachment, { description: 'Files that came with the answer 附件: certificates, prints' }),
    ),
  },
  {
    title: 'Receipt',
    description: 'Receipt 回执',
    examples: [
      {
        receiptId: 'rcp_01M8HDCT03W7WQK0ZT6SHXSF8D',
        messageId: 'msg_01M8HDCT03W7WQK0ZT6SHXSF8D',
        reference: 'ORDER-20261128-001',
        operation: '10.1.1.1.1',
        documentType: 'CEB311Message',
        stage: 'technical',
        status: 'accepted',
        code: 'HUB_ACCEPTED',
        text: { zh: '报文已接收，将转发至主管部门。', en: 'Taken. It will be submitted to its agency.' },
        time: '2026-11-28T12:07:52.310Z',
        faults: [],
      },
    ],
  },
)
export type Receipt = Static<typeof Receipt>

/** Bytes of an agency receipt as a body that gives them back exactly. */
export function receiptBody(bytes: Uint8Array, mediaType: string): ReceiptBody {
  try {
    return {
      mediaType,
      encoding: 'utf-8',
      content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    }
  } catch {
    return { mediaType, encoding: 'base64', content: Buffer.from(bytes).toString('base64') }
  }
}

/**
 * The body of one of so many receipts that one answer makes. Where they would be large together the bytes stay with the
 * answer, once, and the
 * ledger finds them there.
 */
export function bodyOfAnswer(bytes: Uint8Array, mediaType: string, receipts: number): ReceiptBody {
  return bytes.length * receipts <= mostInlineBytes ? receiptBody(bytes, mediaType) : { mediaType, size: bytes.length }
}

/** The bytes of a receipt body, exactly as the agency sent them; undefined of a large one, which is elsewhere. */
export function bytesOfBody({ content, encoding }: ReceiptBody): Buffer | undefined {
  return content === undefined ? undefined : Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
}

/** How many bytes the body has. */
export function sizeOfBody({ content, encoding, size = 0 }: ReceiptBody): number {
  return content === undefined ? size : Buffer.byteLength(content, encoding === 'base64' ? 'base64' : 'utf8')
}

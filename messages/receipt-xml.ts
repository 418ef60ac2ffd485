// receipt-xml — the hub's own receipt form as XML: `Receipt` in urn:singlewindow:receipt:1
// (xsd/families/receipt/schemas/receipt.xsd).
import { escapeXmlExactly, showUnwritable } from './escape-xml.js'
import { XMLParser } from 'fast-xml-parser'
import type { Fault } from './fault.js'
import { receiptBody, type Receipt, type ReceiptAttachment, type ReceiptBody } from './receipt.js'
import { withRemedies } from './remedy.js'
import type { Bilingual } from './text.js'

/** Of receipts in the hub's own form. */
const receiptNamespace = 'urn:singlewindow:receipt:1'

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** One receipt as a document of its own. */
export function receiptToXml(receipt: Receipt): string {
  return declaration + receiptElement(receipt, ` xmlns="${receiptNamespace}"`) + '\n'
}

/** A list, wrapped also when it holds one or none. */
export function receiptsToXml(receipts: readonly Receipt[], attributes: Record<string, string | number> = {}): string {
  return [...xmlOfReceipts(receipts, attributes)].join('')
}

/** The same receipt by receipt, for a list that is long. */
export function* xmlOfReceipts(
  receipts: readonly Receipt[],
  attributes: Record<string, string | number> = {},
): Generator<string, void, void> {
  const extra = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join('')
  yield `${declaration}<Receipts xmlns="${receiptNamespace}"${extra}>\n`
  for (const receipt of receipts) yield receiptElement(receipt, '') + '\n'
  yield '</Receipts>\n'
}

function receiptElement(receipt: Receipt, namespace: string): string {
  const r = withRemedies(receipt)
  const faults = r.faults
    .map((f) => `    <Fault${f.level ? ` level="${f.level}"` : ''}>\n${faultLines(f)}\n    </Fault>`)
    .join('\n')
  const lines = [
    element('ReceiptId', r.receiptId),
    element('MessageId', r.messageId),
    element('Reference', r.reference),
    element('Operation', r.operation),
    element('DocumentType', r.documentType),
    element('Stage', r.stage),
    element('Agency', r.agency),
    element('Status', r.status),
    element('Code', r.code),
    ...texts('Text', r.text),
    ...(r.remedy ? texts('Remedy', r.remedy) : []),
    element('Time', r.time),
    r.faults.length === 0 ? undefined : `  <Faults>\n${faults}\n  </Faults>`,
    agencyReference(r),
    r.body && bodyElement(r.body),
    r.attachments && attachmentsElement(r.attachments),
  ]
  return `<Receipt${namespace}>\n${lines.filter((l) => l !== undefined).join('\n')}\n</Receipt>`
}

/** The number, with what it is in `name`. */
function agencyReference({ agencyReference: number, agencyReferenceName: name }: Receipt): string | undefined {
  if (number === undefined || !name) return element('AgencyReference', number)
  const names = ` name="${escape(name.zh)}" nameEn="${escape(name.en)}"`
  return `  <AgencyReference${names}>${escape(number)}</AgencyReference>`
}

function bodyElement({ mediaType, encoding, content = '', size, href, file }: ReceiptBody): string {
  const place = Object.entries({ size, href, file }).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escape(String(value))}"`],
  )
  const base64 = encoding === 'base64' ? content : Buffer.from(content, 'utf8').toString('base64')
  return `  <Body mediaType="${escape(mediaType)}" encoding="base64"${place.join('')}>${base64}</Body>`
}

function attachmentsElement(attachments: readonly ReceiptAttachment[]): string | undefined {
  if (attachments.length === 0) return undefined
  const lines = attachments.map((one) => {
    const known = Object.entries(one).map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    return `    <Attachment${known.join('')}/>`
  })
  return `  <Attachments>\n${lines.join('\n')}\n  </Attachments>`
}

function faultLines(f: Fault): string {
  const deeper = (line: string | undefined) => line && `    ${line}`
  return [
    element('Code', f.code),
    element('Path', f.path),
    element('Line', f.line),
    element('Column', f.column),
    element('Rule', f.rule),
    element('Value', f.value),
    ...texts('Text', f.text),
    ...(f.remedy ? texts('Remedy', f.remedy) : []),
  ]
    .map(deeper)
    .filter((l) => l !== undefined)
    .join('\n')
}

function texts(name: 'Text' | 'Remedy', { zh, en }: Bilingual): string[] {
  return [`  <${name} xml:lang="zh">${escape(zh)}</${name}>`, `  <${name} xml:lang="en">${escape(en)}</${name}>`]
}

function element(name: string, value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `  <${name}>${escape(String(value))}</${name}>`
}

/** What XML cannot hold at all becomes U+FFFD; line ends survive as references. */
const escape = (text: string) => escapeXmlExactly(showUnwritable(text))

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => ['Fault', 'Text', 'Remedy', 'Receipt', 'Attachment'].includes(name),
})

interface Spoken {
  '@lang': string
  '#text'?: string
}

interface BodyTree {
  '@mediaType': string
  '@size'?: string
  '@href'?: string
  '@file'?: string
  '#text'?: string
}

interface NumberTree {
  '@name': string
  '@nameEn': string
  '#text'?: string
}

type AttachmentTree = Record<`@${keyof ReceiptAttachment}`, string | undefined>

type Tree = Record<string, string | undefined> & {
  Text?: Spoken[]
  Remedy?: Spoken[]
  Faults?: { Fault: Tree[] }
  Body?: BodyTree
  AgencyReference?: string | NumberTree
  Attachments?: { Attachment: AttachmentTree[] }
}

/** Reads what `receiptToXml` wrote: the same receipt (a body comes back as text when its bytes are UTF-8). */
export function receiptFromXml(xml: string): Receipt {
  const { Receipt: found } = parser.parse(xml) as { Receipt?: Tree[] }
  const r = found?.[0]
  if (!r) throw new Error('no Receipt element')
  return {
    receiptId: r.ReceiptId!,
    messageId: r.MessageId ?? '',
    reference: r.Reference ?? '',
    ...given('operation', r.Operation),
    ...given('documentType', r.DocumentType),
    stage: r.Stage as Receipt['stage'],
    ...given('agency', r.Agency),
    status: r.Status as Receipt['status'],
    code: r.Code!,
    text: bilingual(r.Text),
    ...(r.Remedy ? { remedy: bilingual(r.Remedy) } : {}),
    time: r.Time!,
    faults: (r.Faults?.Fault ?? []).map((f) => ({
      code: f.Code!,
      ...given('path', f.Path),
      ...(f.Line === undefined ? {} : { line: Number(f.Line) }),
      ...(f.Column === undefined ? {} : { column: Number(f.Column) }),
      ...given('rule', f.Rule),
      ...given('value', f.Value),
      ...(f['@level'] === 'warn' ? { level: 'warn' as const } : {}),
      text: bilingual(f.Text),
      ...(f.Remedy ? { remedy: bilingual(f.Remedy) } : {}),
    })),
    ...numberOf(r.AgencyReference),
    ...(r.Body ? { body: bodyOf(r.Body) } : {}),
    ...(r.Attachments ? { attachments: r.Attachments.Attachment.map(attachmentOf) } : {}),
  }
}

function given<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: string })
}

function numberOf(found: string | NumberTree | undefined): Pick<Receipt, 'agencyReference' | 'agencyReferenceName'> {
  if (found === undefined || typeof found === 'string') return given('agencyReference', found)
  const name = { zh: found['@name'], en: found['@nameEn'] }
  return { agencyReference: found['#text'] ?? '', agencyReferenceName: name }
}

function bilingual(spoken: Spoken[] | undefined): Bilingual {
  const of = (lang: string) => spoken?.find((t) => t['@lang'] === lang)?.['#text'] ?? ''
  return { zh: of('zh'), en: of('en') }
}

function attachmentOf(tree: AttachmentTree): ReceiptAttachment {
  return {
    name: tree['@name'] ?? '',
    ...given('mediaType', tree['@mediaType']),
    ...(tree['@size'] === undefined ? {} : { size: Number(tree['@size']) }),
    ...given('sha256', tree['@sha256']),
    ...given('href', tree['@href']),
    ...given('file', tree['@file']),
    ...(tree['@missing'] === 'true' ? { missing: true as const } : {}),
  }
}

function bodyOf(body: BodyTree): ReceiptBody {
  const mediaType = body['@mediaType']
  return body['@size'] === undefined
    ? receiptBody(Buffer.from(body['#text'] ?? '', 'base64'), mediaType)
    : { mediaType, size: Number(body['@size']), ...given('href', body['@href']), ...given('file', body['@file']) }
}

// result — the answer to a query as a document: written by the hub and by the simulator, read from what an authority
// answers.
import { escapeXml } from '../escape-xml.js'
import { nodesAt, valueAt, type XmlElement, type XmlNode } from '../xml-reading.js'
import type { Row } from './filing.js'
import type { LeafValue } from './leaves.js'
import type { Question } from './question.js'
import { resultName, type Column, type QueryShape } from './shape.js'

/** An answer as its document says it. */
export interface Result {
  asOf: string
  note?: string
  page: number
  size: number
  total: number
  /** There are more than `total` says. */
  more: boolean
  /** What the next page is asked by; only in an answer the hub gives in the call. */
  next?: string
  rows: Row[]
}

const element = (name: string, text: string, attribute = '') => `<${name}${attribute}>${escapeXml(text)}</${name}>`

/** @param by what the answer is called by whoever gives it */
export function writeResult(shape: QueryShape, asked: Question, result: Result, by: { messageId: string }): Buffer {
  const name = resultName(shape.query)
  return Buffer.from(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<${name} xmlns="${shape.resultNamespace}">`,
      '  <Head>',
      ...[
        element('MessageID', by.messageId.slice(0, 60)),
        element('FunctionCode', '11'),
        element('MessageType', name),
        element('SenderID', asked.receiver),
        element('ReceiverID', asked.sender),
        element('SendTime', result.asOf),
        element('Version', '1.0'),
      ].map((line) => `    ${line}`),
      '  </Head>',
      `  ${element('OriginalMessageID', asked.messageId)}`,
      `  ${element('AsOf', result.asOf)}`,
      ...(result.note === undefined ? [] : [`  ${element('Note', result.note)}`]),
      '  <Page>',
      `    <Number>${result.page}</Number>`,
      `    <Size>${result.size}</Size>`,
      `    <Total>${result.total}</Total>`,
      ...(result.more ? ['    <More>1</More>'] : []),
      '  </Page>',
      ...result.rows.flatMap((row) => rowLines(shape, row)),
      `</${name}>`,
      '',
    ].join('\n'),
  )
}

function rowLines({ columns }: QueryShape, row: Row): string[] {
  return [
    '  <Row>',
    `    ${element('Source', row.source)}`,
    `    ${element('AsOf', row.asOf)}`,
    ...(row.hubMessage === undefined ? [] : [`    ${element('HubMessage', row.hubMessage)}`]),
    ...(row.sharedBy === undefined ? [] : [`    ${element('SharedBy', row.sharedBy)}`]),
    ...(row.stateText === undefined ? [] : [`    ${element('StateText', row.stateText.slice(0, 2000))}`]),
    ...columns.flatMap((column) =>
      (row.values[column.name] ?? []).map(
        (value) => `    ${element(column.name, value.text, besideOf(column, value))}`,
      ),
    ),
    '  </Row>',
  ]
}

const besideOf = ({ attribute, egAttribute }: Column, { beside }: LeafValue) =>
  attribute === undefined ? '' : ` ${attribute}="${escapeXml(beside ?? egAttribute ?? '')}"`

/** Reads an agency’s result of a query; undefined when the root is not that of its result. */
export function readResult(shape: QueryShape, root: string, tree: XmlElement): Result | undefined {
  if (root !== resultName(shape.query)) return undefined
  const number = (path: string) => Number(valueAt(tree, path) ?? 0) || 0
  const note = valueAt(tree, 'Note')
  return {
    asOf: valueAt(tree, 'AsOf') ?? '',
    ...(note === undefined ? {} : { note }),
    page: number('Page/Number'),
    size: number('Page/Size'),
    total: number('Page/Total'),
    more: valueAt(tree, 'Page/More') === '1',
    rows: nodesAt(tree, 'Row').map((node) => readRow(shape, node)),
  }
}

function readRow({ columns }: QueryShape, node: XmlNode): Row {
  const hubMessage = valueAt(node, 'HubMessage')
  const sharedBy = valueAt(node, 'SharedBy')
  const stateText = valueAt(node, 'StateText')
  return {
    source: valueAt(node, 'Source') === 'hub' ? 'hub' : 'agency',
    asOf: valueAt(node, 'AsOf') ?? '',
    ...(hubMessage === undefined ? {} : { hubMessage }),
    ...(sharedBy === undefined ? {} : { sharedBy }),
    ...(stateText === undefined ? {} : { stateText }),
    values: Object.fromEntries(
      columns.flatMap(({ name }) => {
        const values = nodesAt(node, name).map(valueOf)
        return values.length > 0 ? [[name, values]] : []
      }),
    ),
  }
}

function valueOf(node: XmlNode): LeafValue {
  if (typeof node === 'string') return { text: node }
  const beside = node['@currency'] ?? node['@unit']
  return {
    text: typeof node['#text'] === 'string' ? node['#text'] : '',
    ...(typeof beside === 'string' ? { beside } : {}),
  }
}

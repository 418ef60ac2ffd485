// question — what a query asks, as it came: the criteria that are filled, and the page.
import { escapeXml } from '../escape-xml.js'
import { valueAt, type XmlElement } from '../xml-reading.js'
import { largestPageSize, usualPageSize, type QueryShape } from './shape.js'

/** A question as its document says it. */
export interface Question {
  messageId: string
  sender: string
  receiver: string
  /** Criterion → the values any of which will do. */
  criteria: Record<string, string[]>
  page: number
  size: number
}

/** Of a query that has passed its schema. Pages count from 1; sizes above the largest are cut to it. */
export function readQuestion({ criteria }: QueryShape, tree: XmlElement): Question {
  const at = (path: string) => valueAt(tree, path)?.trim() ?? ''
  const number = (path: string, usual: number, most: number) => {
    const value = Number(at(path))
    return Number.isInteger(value) && value > 0 ? Math.min(value, most) : usual
  }
  const filled = criteria.flatMap(({ name }) => {
    const value = at(`Criteria/${name}`)
    return value === '' ? [] : [[name, [value]] as [string, string[]]]
  })
  return {
    messageId: at('Head/MessageID'),
    sender: at('Head/SenderID'),
    receiver: at('Head/ReceiverID'),
    criteria: Object.fromEntries(filled),
    page: number('Page/Number', 1, 100_000),
    size: number('Page/Size', usualPageSize, largestPageSize),
  }
}

/** The question as a message. @param service which operation is meant, where the query serves several */
export function writeQuestion(
  { query, namespace, criteria, operations }: QueryShape,
  { messageId, sender, receiver, criteria: filled, page, size }: Question,
  service: string,
  sentAt: string,
): Buffer {
  const asked = criteria.flatMap(({ name }) => (filled[name] ?? []).slice(0, 1).map((value) => element(name, value)))
  return Buffer.from(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<${query} xmlns="${namespace}">`,
      '<Head>',
      element('MessageID', messageId),
      element('FunctionCode', '13'),
      element('MessageType', query),
      element('SenderID', sender),
      element('ReceiverID', receiver),
      element('SendTime', sentAt),
      element('Version', '1.0'),
      '</Head>',
      ...(operations.length > 1 ? [element('Service', service)] : []),
      ...(asked.length > 0 ? ['<Criteria>', ...asked, '</Criteria>'] : []),
      `<Page><Number>${page}</Number><Size>${size}</Size></Page>`,
      `</${query}>`,
      '',
    ].join('\n'),
  )
}

const element = (name: string, value: string) => `<${name}>${escapeXml(value)}</${name}>`

// ops-messages-routes — for the operator: every partner's messages, found by any number or searched by what is known of
// them, as pages or as one CSV file.
import { Readable } from 'node:stream'
import { Type, type Static } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import type { MessageSearch } from '../../../../messages/filters.js'
import type { SignedIn } from '../../../../messages/operator.js'
import { maySee } from '../../../../messages/ops-rights.js'
import { MessageState } from '../../../../messages/states.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { textAs } from '../forms.js'
import type { MessageOpsParts, MessageParts } from '../parts/messages.js'
import type { OperatorsParts } from '../parts/operators.js'
import { textFor, type PersonsParts } from '../persons-door.js'

const Time = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }))
const asked = {
  partnerId: Type.Optional(Type.String({ maxLength: 64, description: 'Partner 企业' })),
  reference: Type.Optional(Type.String({ maxLength: 200, description: 'The whole reference' })),
  referenceStart: Type.Optional(
    Type.String({ minLength: 2, maxLength: 200, description: 'The beginning of the reference' }),
  ),
  operation: Type.Optional(
    Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$', description: 'Catalogue code, or the beginning of one: 1.1' }),
  ),
  agency: Type.Optional(Type.String({ maxLength: 64, description: 'Agency code 主管部门: messages owed to it' })),
  state: Type.Optional(MessageState),
  since: Time('Received at this time or later'),
  until: Time('Received before this time'),
}
const Query = Type.Object({
  ...asked,
  cursor: Type.Optional(Type.String({ maxLength: 100, description: '`cursor` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
})
const CsvQuery = Type.Object({
  ...asked,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, default: 100_000, description: 'Rows at most' })),
})
type SearchParameters = Omit<Static<typeof Query>, 'cursor' | 'limit'>

const tags = ['ops']

const columns = [
  'receivedAt',
  'messageId',
  'partnerId',
  'reference',
  'documentType',
  'operation',
  'state',
  'channel',
  'filename',
] as const

/** `/ops/messages`, `/ops/messages.csv` and `/ops/search`. Who is limited to agencies finds what is theirs. */
export function opsMessagesRoutes(
  app: Door,
  parts: Pick<MessageParts, 'messages'> &
    Pick<MessageOpsParts, 'findByNumber'> &
    Pick<OperatorsParts, 'agenciesOf'> &
    PersonsParts,
): void {
  const { messages, persons } = parts
  app.get(
    '/ops/messages',
    {
      schema: {
        querystring: Query,
        tags,
        operationId: 'searchAllMessages',
        response: { 200: view.MessagePage },
        summary:
          'Search across partners 查询报文, newest first. `more`: too many references begin so; name more letters',
      },
    },
    async ({ query: { limit = 50, cursor, ...query }, signedIn }) =>
      messages({ ...search(limited(query, signedIn)), limit, ...(cursor === undefined ? {} : { cursor }) }),
  )

  app.get(
    '/ops/messages.csv',
    {
      schema: {
        querystring: CsvQuery,
        tags,
        operationId: 'exportAllMessages',
        response: { 200: textAs('One row a message', 'text/csv') },
        summary: 'The same as one CSV file (UTF-8 with BOM, times UTC)',
      },
    },
    async (request, reply) => {
      const { limit = 100_000, ...query } = request.query
      const shown = await textFor(request, { persons })
      const rows = csv(search(limited(query, request.signedIn)), limit, shown)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="messages.csv"')
        .send(Readable.from(rows))
    },
  )

  app.get(
    '/ops/search',
    {
      schema: {
        querystring: Type.Object({
          q: Type.String({ minLength: 1, maxLength: 200 }),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
        }),
        tags,
        operationId: 'findByNumber',
        response: { 200: view.FoundMessages },
        summary: 'By any number: id, reference, bill of lading, 报关单号 …',
      },
    },
    async ({ query, signedIn }) => {
      const messages = await parts.findByNumber(query.q.trim(), query.limit ?? 50)
      if (signedIn.agencies === undefined) return { messages }
      const seen = await Promise.all(
        messages.map(async ({ messageId }) => maySee(signedIn, await parts.agenciesOf('message', messageId))),
      )
      return { messages: messages.filter((_one, i) => seen[i]) }
    },
  )

  /** What partners chose to write may name somebody. */
  const written = (name: string, value: string | undefined, shown: (text: string) => string) =>
    value !== undefined && (name === 'reference' || name === 'filename') ? shown(value) : value

  async function* csv(
    query: Omit<MessageSearch, 'limit'>,
    most: number,
    shown: (text: string) => string,
  ): AsyncGenerator<string> {
    yield `\ufeff${columns.join(',')}\r\n`
    let rows = 0
    for (let cursor: string | undefined, first = true; (first || cursor !== undefined) && rows < most; first = false) {
      const page = await messages({
        ...query,
        limit: Math.min(500, most - rows),
        ...(cursor === undefined ? {} : { cursor }),
      })
      cursor = page.cursor
      rows += page.messages.length
      yield page.messages
        .map((m) => `${columns.map((name) => cell(written(name, m[name], shown))).join(',')}\r\n`)
        .join('')
    }
  }
}

/**
 * What somebody who is limited to agencies searches: one of them, by itself where there is only one.
 * @throws HubError HUB_REQUEST_INVALID, HUB_OPS_NOT_FOUND
 */
function limited(asked: SearchParameters, { agencies }: SignedIn): SearchParameters {
  if (agencies === undefined) return asked
  const agency = asked.agency ?? (agencies.length === 1 ? agencies[0] : undefined)
  if (agency === undefined)
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: `/agency: name one of your agencies: ${agencies.join(', ')}`,
      detailZh: `/agency：请指定部门：${agencies.join('、')}`,
    })
  if (!agencies.includes(agency)) throw new HubError('HUB_OPS_NOT_FOUND', { what: `agency ${agency}` })
  return { ...asked, agency }
}

function search({ since, until, ...rest }: SearchParameters): Omit<MessageSearch, 'limit'> {
  const range = { ...(since ? { since: new Date(since) } : {}), ...(until ? { until: new Date(until) } : {}) }
  if (range.since && range.until && range.since >= range.until)
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: `since ${since} is not before until ${until}`,
      detailZh: `since ${since} 不早于 until ${until}`,
    })
  return { ...rest, ...range }
}

/**
 * Quoted where it must be. What a spreadsheet would run as a formula is text to it: references and file names are
 * written by others.
 */
export function cell(value: string | undefined): string {
  const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

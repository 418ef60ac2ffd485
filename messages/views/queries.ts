// queries — a query as it is read: what it may be asked by, what a row holds, and its answer.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Bilingual } from '../text.js'
import * as field from './fields.js'

const common = {
  operation: { ...field.OperationCode, examples: ['1.1.7.1.1'] },
  query: field.Text('Its document', 'DecStatusQuery'),
  title: Bilingual,
}
const href = field.Text('Where it is asked', '/v1/queries/1.1.7.1.1')

/** A query that can be asked. */
export const QuerySummary = Type.Object(
  { ...common, criteria: Type.Array(field.Text('Name of a criterion', 'entryId')), href },
  { title: 'QuerySummary', description: 'A query that can be asked 查询' },
)
export type QuerySummary = Static<typeof QuerySummary>

/** Queries that can be asked; the answer to `GET /v1/queries`. */
export const QueryList = Type.Object(
  { queries: Type.Array(QuerySummary) },
  { title: 'QueryList', description: 'Queries that can be asked 可用的查询' },
)
export type QueryList = Static<typeof QueryList>

const codes = Type.Array(Type.Object({ code: field.Text('The value', '1'), zh: field.Text('What it means', '进口') }), {
  description: 'The allowed values',
})

/** What a query may be asked by, and what a row holds; the answer to `GET /v1/queries/:operation/criteria`. */
export const QueryDetails = Type.Object(
  {
    ...common,
    href,
    of: Type.Array(field.DocumentTypeId, { description: 'Documents it is of' }),
    criteria: Type.Array(
      Type.Object(
        {
          name: field.Text('Name of the parameter', 'entryId'),
          also: Type.Optional(Type.Array(field.Text('A further name of it', '报关单号'))),
          title: Bilingual,
          how: Type.Enum(['is', 'from', 'to'], { description: '`from`, `to`: a range, both ends included' }),
          example: field.Text('A value; empty where there is none', '224820261000000451'),
          codes: Type.Optional(codes),
        },
        { title: 'Criterion', description: 'A criterion of a query 查询条件' },
      ),
    ),
    columns: Type.Array(
      Type.Object(
        {
          name: field.Text('Its name in a row', 'entryId'),
          title: Bilingual,
          list: field.Flag('It may occur several times'),
          codes: Type.Optional(described(codes, 'What its codes mean; a row may hold others')),
        },
        { title: 'Column', description: 'What a row holds 结果栏目' },
      ),
    ),
    groupBy: Type.Optional(
      Type.Array(field.Text('A column', 'month'), { description: 'Of statistics: what rows are grouped by' }),
    ),
  },
  { title: 'Query', description: 'What a query may be asked by, and what a row holds' },
)
export type QueryDetails = Static<typeof QueryDetails>

/** One value, or a value with its unit or currency beside it, or several. */
const cell = Type.Union([Type.String(), Type.Record(Type.String(), Type.String())])
/**
 * One row. Besides these, the columns of the query: text, or a list where there may be several; beside a column of
 * codes, `<column>Text` says what they mean.
 */
export const QueryRow = Type.Object(
  {
    source: Type.Enum(['agency', 'hub'], { description: 'Where the row comes from' }),
    asOf: field.Text('Time of these data, Beijing time', '2026-11-28T20:07:52'),
    hubMessage: Type.Optional(described(field.MessageId, 'Your message that it is about')),
    sharedBy: Type.Optional(described(field.PartnerId, 'The partner that filed it and lets you see it')),
    stateText: Type.Optional(field.Text('State, in words: of the newest receipt, or of the state itself', '已放行')),
  },
  {
    title: 'QueryRow',
    description:
      'One row. Besides these, the columns of the query: text, or a list where there may be several. Beside a column ' +
      'of codes, `<column>Text` says what they mean in Chinese, and `unitText` beside a unit',
    additionalProperties: Type.Union([cell, Type.Array(cell)]),
    examples: [
      {
        source: 'hub',
        asOf: '2026-11-28T20:07:52',
        entryId: '224820261000000451',
        ieFlag: 'I',
        ieFlagText: '进口',
      },
    ],
  },
)

export type QueryRow = Static<typeof QueryRow>

/** The answer to a query, or how far it is. */
export const QueryAnswer = Type.Object(
  {
    messageId: described(field.MessageId, 'Id of the question'),
    operation: common.operation,
    query: common.query,
    status: Type.Enum(['answered', 'processing', 'failed'], { description: 'State of the query' }),
    href: Type.Optional(field.Text('Address to ask again', '/v1/queries/1.1.7.1.1/msg_01M8HDCT03W7WQK0ZT6SHXSF8D')),
    code: Type.Optional(field.ErrorCodeText),
    text: Type.Optional(described(Bilingual, 'Why it failed')),
    asOf: Type.Optional(field.Text('Time of these data, Beijing time', '2026-11-28T20:07:52')),
    note: Type.Optional(field.Text('A remark of the hub', 'the authority did not answer; from the hub')),
    page: Type.Optional(
      Type.Object(
        {
          number: Type.Integer({ minimum: 1, description: 'Which page', examples: [1] }),
          size: Type.Integer({ minimum: 1, description: 'Rows of a page', examples: [20] }),
          total: field.Count('Number of rows in all', 1),
          more: Type.Optional(field.Flag('There are more rows than were counted', true)),
          next: Type.Optional(
            field.Text('What the next page is asked by (`after`)', 'msg_01M8HDCT03W7WQK0ZT6SHXSF8D.20'),
          ),
        },
        { description: 'The page' },
      ),
    ),
    rows: Type.Optional(Type.Array(QueryRow)),
  },
  { title: 'QueryAnswer', description: 'The answer to a query 查询结果' },
)
export type QueryAnswer = Static<typeof QueryAnswer>

/** A question that was answered in its call, as an operator reads it. */
export const QuestionView = Type.Object(
  {
    messageId: described(field.MessageId, 'Name of the query'),
    partnerId: described(field.PartnerId, 'Who asked'),
    operation: common.operation,
    query: common.query,
    at: field.Moment('When'),
    criteria: Type.Record(Type.String(), Type.String(), {
      description: 'Criterion and value',
      examples: [{ EntryId: '224820261000000451' }],
    }),
    total: field.Count('Number of rows', 1),
  },
  { title: 'Question', description: 'Who asked what 查询记录' },
)
export type QuestionView = Static<typeof QuestionView>

/** Questions answered in their call, the newest first; the answer to `GET /ops/questions`. */
export const QuestionList = Type.Object(
  { questions: Type.Array(QuestionView) },
  { title: 'QuestionList', description: 'Questions answered in their call, the newest first' },
)
export type QuestionList = Static<typeof QuestionList>

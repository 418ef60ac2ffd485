// openapi — the description at /docs and /openapi.json, made whole: bodies that "Try it out" can send, who may call
// what, one Problem for every way to fail, every view once by its name, and an example for each answer. What routes say
// by their schemas is not said again here.
import { HubError, type ErrorCode } from '../../../messages/errors.js'
import type { QueryDetails } from '../../../messages/views/index.js'
import { NamedSettings, Problem } from '../../../messages/views/index.js'
import { jsonType, messageTypes } from './body.js'
import { exampleOf, type JsonSchema } from './example-of.js'
import { mediaTypesKeyword } from './forms.js'
import { namedOnce } from './named-once.js'
import { problemOf, problemType } from './problem.js'

type Content = Record<string, { schema: JsonSchema; example?: unknown }>
interface Response {
  $ref?: string
  description?: string
  content?: Content
}
interface Operation {
  summary?: string
  tags?: string[]
  operationId?: string
  security?: Record<string, string[]>[]
  requestBody?: { required?: boolean; description?: string; content: Content }
  responses?: Record<string, Response>
  parameters?: object[]
}

/** Of an OpenAPI description, what is changed here. */
export interface OpenApi {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, JsonSchema>; responses?: Record<string, Response> }
}

/** Examples for the bodies of messages; each is one the hub takes. */
export interface Examples {
  xml?: string | undefined
  edifact?: string | undefined
  /** Each stands in the description with its own criteria. */
  queries?: QueryDetails[]
}

/** The keys that calls are made with, each call's named at its route. */
export const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: 'The key of a partner 企业密钥 (HUB_KEY)' },
  operator: { type: 'http', scheme: 'bearer', description: 'The key of an operator 运维密钥 (HUB_OPS_KEY)' },
  signer: { type: 'http', scheme: 'bearer', description: 'The token of a signing agent 加签代理令牌' },
  agency: { type: 'http', scheme: 'bearer', description: 'The token of an agency (agencies.<code>.callbackTokenEnv)' },
} as const

/** The groups of calls, in the order in which the page shows them. */
export const tags = [
  { name: 'messages', description: 'Send, check and follow messages 报文' },
  { name: 'receipts', description: 'The mailbox 回执' },
  { name: 'catalogue', description: 'What can be sent, with schemas and samples 业务目录' },
  { name: 'subscriptions', description: 'Notices of agencies 通知订阅' },
  { name: 'queries', description: 'Query filings and their states 查询' },
  { name: 'grants', description: 'Let other partners see your filings 查询授权' },
  { name: 'oauth2', description: 'Access tokens 访问令牌' },
  { name: 'signing', description: 'For signing agents 加签' },
  { name: 'ops', description: 'For the operator 运维' },
  { name: 'agency', description: 'For agencies 主管部门' },
]

const bytes = { type: 'string', format: 'binary' }

/** Adds to a generated document what route schemas cannot say. */
export function completeOpenApi<T extends OpenApi>(document: T, examples: Examples): T {
  withQueries(document, examples.queries ?? [])
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(operations)) {
      const call = `${method.toUpperCase()} ${path}`
      const [tag] = operation.tags ?? []
      operation.security = securityOf(tag)
      if (call === 'POST /v1/messages' || call === 'POST /v1/validate')
        operation.requestBody = messageBody(examples, true)
      if (call === 'POST /agency/{agency}/receipts') operation.requestBody = answerBody()
      if (call === 'POST /ops/partners') describeSettings(operation.requestBody)
      const responses = (operation.responses ??= {})
      for (const [status, { name }] of Object.entries(failures))
        responses[status] ??= { $ref: `#/components/responses/${name}` }
      delete responses['204']?.content
      for (const response of Object.values(responses))
        if (response.content) response.content = inTheirForms(response.content)
    }
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...failedResponses() },
  }
  return namedOnce(document)
}

/** The call for a token shows a client id and its secret by itself. */
const securityOf = (tag: string | undefined): Operation['security'] & object =>
  tag === 'oauth2' ? [] : [{ [schemes[tag ?? ''] ?? 'key']: [] }]
const schemes: Record<string, keyof typeof securitySchemes> = { ops: 'operator', agency: 'agency', signing: 'signer' }

/** What every call may be answered, where its route says nothing else. */
const failures = {
  '4XX': { name: 'CallAtFault', description: 'The call is at fault 请求有误', code: 'HUB_NOT_FOUND' },
  '5XX': { name: 'HubUnavailable', description: 'The hub cannot take it now 暂时无法受理', code: 'HUB_STOPPING' },
} as const

const failedResponses = (): Record<string, Response> =>
  Object.fromEntries(
    Object.values(failures).map(({ name, description, code }) => [
      name,
      { description, content: { [problemType]: problemIn(code) } },
    ]),
  )

const problemIn = (code: ErrorCode): Content[string] => ({
  schema: Problem,
  example: problemOf(new HubError(code), 'req_4fz0k2x9ab'),
})

/** A view in each of the media types its route names, with an example. */
function inTheirForms(content: Content): Content {
  return Object.fromEntries(
    Object.entries(content).flatMap(([type, { schema: said }]): [string, Content[string]][] => {
      const { [mediaTypesKeyword]: types = [type], ...schema } = said as JsonSchema & Record<string, string[]>
      return types.map((one) => [one, shown(one, one === type || !isText(schema) ? schema : { type: 'string' })])
    }),
  )

  function shown(type: string, schema: JsonSchema): Content[string] {
    if (type === problemType) return problemIn('HUB_TOO_LARGE')
    if (!/json$/.test(type)) return { schema: schema.format === 'binary' ? bytes : { type: 'string' } }
    // A message as JSON: what is in it the JSON Schema of its operation says.
    if (schema.format === 'binary') return { schema: { type: 'object' } }
    // The description stands at the response.
    const { description: _, ...described } = schema
    return { schema: schema.title === undefined ? schema : described, example: exampleOf(schema) }
  }
}
const isText = ({ type }: JsonSchema) => type === 'string'

/** What an operator names of a partner is judged by its verb; here it is described. */
function describeSettings(body: Operation['requestBody']): void {
  for (const { schema } of Object.values(body?.content ?? {}))
    if (schema.properties) schema.properties = { ...schema.properties, settings: NamedSettings as object }
}

/** What an agency posts: its receipt, or its receipt and the files that come with it. */
function answerBody(): NonNullable<Operation['requestBody']> {
  const body = messageBody({}, false)
  return {
    ...body,
    content: {
      ...body.content,
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['receipt'],
          properties: {
            receipt: { ...bytes, description: 'The receipt 回执' },
            file: { type: 'array', items: bytes, description: 'Files that come with it 附件' },
          },
        },
      },
    },
  }
}

function messageBody({ xml, edifact }: Examples, form: boolean): NonNullable<Operation['requestBody']> {
  const example = (type: string) => (/xml$/.test(type) ? xml : type === 'application/edifact' ? edifact : undefined)
  return {
    required: true,
    description: 'One interchange; Content-Encoding gzip and deflate are supported',
    content: {
      ...Object.fromEntries(
        messageTypes.map((type) => {
          const shown = example(type)
          const text = shown !== undefined || type === 'text/plain'
          return [
            type,
            { schema: text ? { type: 'string' } : bytes, ...(shown === undefined ? {} : { example: shown }) },
          ]
        }),
      ),
      ...(form
        ? {
            [jsonType]: {
              schema: {
                type: 'object',
                description: 'A form as JSON; its JSON Schema is in the catalogue',
              },
            },
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['message'],
                properties: {
                  message: { ...bytes, description: 'The message; several parts of this name are several messages' },
                  attachment: { type: 'array', items: bytes, description: 'Attachments of the message 随附单据' },
                },
              },
            },
          }
        : {}),
    },
  }
}

/** A call for each query: as the one of all queries, with what this one may be asked by. */
function withQueries(document: OpenApi, queries: readonly QueryDetails[]): void {
  const paths = (document.paths ??= {})
  const any = paths['/v1/queries/{operation}']?.get
  if (!any) return
  // What they answer is described once.
  const responses = { QueryAnswered: any.responses!['200']!, QueryUnderWay: any.responses!['202']! }
  document.components = { ...document.components, responses }
  any.responses = {
    200: { $ref: '#/components/responses/QueryAnswered' },
    202: { $ref: '#/components/responses/QueryUnderWay' },
  }
  for (const response of Object.values(responses)) response.content = inTheirForms(response.content!)
  const common = ((any.parameters ?? []) as { in?: string }[]).filter((one) => one.in === 'query')
  for (const { operation, title, criteria } of queries)
    paths[`/v1/queries/${operation}`] = {
      get: {
        ...structuredClone(any),
        operationId: `ask_${operation.replaceAll('.', '_')}`,
        summary: `${title.zh} ${title.en}`,
        parameters: [
          ...criteria.map(({ name, also = [], title: label, example, codes }) => ({
            name,
            in: 'query',
            required: false,
            description: `${label.zh} ${label.en}${also.length > 0 ? `; also ${also.join(', ')}` : ''}`,
            schema: {
              type: 'string',
              ...(codes ? { enum: codes.map(({ code }) => code) } : {}),
              ...(example === '' ? {} : { example }),
            },
          })),
          ...structuredClone(common),
        ],
      },
    }
}

// openapi — the description at /docs, made whole: bodies that "Try it out" can send, media types of answers that are bytes or streams, and who
// may call what. What routes say by their schemas is not said again here.
import { jsonType, messageTypes } from './body.js'
import type { QueryDetails } from './parts.js'

type Content = Record<string, { schema: object; example?: unknown }>
interface Operation {
  summary?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  requestBody?: { required: boolean; description: string; content: Content }
  responses?: Record<string, { description?: string; content?: Content }>
  parameters?: object[]
}
export interface OpenApi {
  paths?: Record<string, Record<string, Operation>>
  components?: object
}

/** Examples for the bodies of messages; each is one the hub takes. */
export interface Examples {
  xml?: string | undefined
  edifact?: string | undefined
  /** Each stands in the description with its own criteria. */
  queries?: QueryDetails[]
}

export const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: 'The key of a partner 企业密钥 (HUB_KEY)' },
  operator: { type: 'http', scheme: 'bearer', description: 'The key of an operator 运维密钥 (HUB_OPS_KEY)' },
  agency: { type: 'http', scheme: 'bearer', description: 'The token of an agency (agencies.<code>.callbackTokenEnv)' },
} as const

const bytes = { type: 'string', format: 'binary' }
const problem = { $ref: '#/components/schemas/Problem' }

/** Calls whose answer is not JSON: the media types of it. */
const otherAnswers: Record<string, { types: string[]; description: string }> = {
  'GET /v1/messages/{id}/content': { types: ['application/octet-stream'], description: 'The bytes as received' },
  'GET /v1/messages/{id}/forwarded': { types: ['application/octet-stream'], description: 'The bytes sent on' },
  'GET /v1/messages/{id}/acknowledgement': { types: ['application/edifact', 'text/plain'], description: 'CONTRL' },
  'GET /v1/receipts/{id}/body': { types: ['application/octet-stream'], description: 'The receipt of the agency' },
  'GET /v1/receipts/{id}/attachments/{name}': {
    types: ['application/pdf', 'application/octet-stream'],
    description: 'The file, as the agency sent it',
  },
  'GET /ops/receipts/{id}/attachments/{name}': { types: ['application/octet-stream'], description: 'The file' },
  'GET /v1/catalogue/{code}/sample': { types: ['application/xml', 'application/edifact'], description: 'A message' },
  'GET /ops/messages/{id}/content': { types: ['application/octet-stream'], description: 'The bytes as received' },
  'GET /ops/messages/{id}/evidence': { types: ['application/octet-stream'], description: 'A zip' },
  'GET /ops/messages.csv': { types: ['text/csv'], description: 'One row a message' },
}

const events = `A stream that stays open. Events are named \`receipt\` (business receipts) and \`notice\`; \`data\` is one Receipt as JSON, \`id\` its
number, which \`after\` and \`Last-Event-ID\` take. A browser's EventSource needs addEventListener('receipt', …), and cannot send the Authorization
header: use fetch, or a server between.`

/** Adds to a generated document what route schemas cannot say. */
export function completeOpenApi<T extends OpenApi>(document: T, examples: Examples): T {
  withQueries((document.paths ??= {}), examples.queries ?? [])
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(operations)) {
      const call = `${method.toUpperCase()} ${path}`
      const [tag] = operation.tags ?? []
      operation.security = [{ [tag === 'ops' ? 'operator' : tag === 'agency' ? 'agency' : 'key']: [] }]
      if (call === 'POST /v1/messages' || call === 'POST /v1/validate')
        operation.requestBody = messageBody(examples, true)
      if (call === 'POST /agency/{agency}/receipts') operation.requestBody = answerBody()
      const responses = (operation.responses ??= {})
      const other = otherAnswers[call]
      if (other)
        responses['200'] = {
          description: other.description,
          content: Object.fromEntries(other.types.map((type) => [type, { schema: bytes }])),
        }
      if (call === 'GET /v1/events')
        responses['200'] = { description: events, content: { 'text/event-stream': { schema: { type: 'string' } } } }
      for (const status of ['4XX', '5XX']) {
        const told = responses[status]
        const receipts = told?.content?.['application/json']
        responses[status] = {
          description: status === '4XX' ? 'The call or the message is at fault' : 'The hub cannot take it now',
          content: {
            // A message that is at fault is answered by a receipt, a call by a problem.
            ...(receipts && operation.requestBody ? { 'application/json': receipts } : {}),
            'application/problem+json': { schema: problem },
          },
        }
      }
    }
  return document
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
            file: { type: 'array', items: bytes, description: 'Files that come with it 随附文件' },
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
    description: 'One interchange, as it is; Content-Encoding gzip and deflate are taken',
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
                description: 'A document of ours as JSON: its JSON Schema is in the catalogue',
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
function withQueries(paths: NonNullable<OpenApi['paths']>, queries: readonly QueryDetails[]): void {
  const any = paths['/v1/queries/{operation}']?.get
  if (!any) return
  const common = ((any.parameters ?? []) as { in?: string }[]).filter((one) => one.in === 'query')
  for (const { operation, title, criteria } of queries)
    paths[`/v1/queries/${operation}`] = {
      get: {
        ...structuredClone(any),
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

// catalogue-routes — what can be sent, and how it looks.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { formOf } from '../../../../messages/syntax.js'
import * as view from '../../../../messages/views/index.js'
import { preferred } from '../accept-header.js'
import type { Door } from '../app.js'
import { bytesAs, mediaTypesKeyword } from '../forms.js'
import type { CatalogueParts } from '../parts/catalogue.js'
import { sendFile } from '../security-headers.js'

const Code = Type.Object({ code: Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$' }) })

const jsonSchema = Type.Unsafe<unknown>({ ...view.JsonSchema, [mediaTypesKeyword]: ['application/schema+json'] })

/**
 * `/v1/catalogue` and what belongs to an operation: schema, sample, JSON schema, all as one zip. They answer with
 * HUB_OPERATION_UNKNOWN where there is no such operation, and HUB_OPERATION_PLANNED where it does not work yet.
 */
export function catalogueRoutes(app: Door, parts: CatalogueParts): void {
  const query = Type.Object({
    prefix: Type.Optional(Type.String({ description: 'For example 10.1' })),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Names or parts of names, Chinese or English: 出口许可证; also finds planned operations',
      }),
    ),
    all: Type.Optional(Type.Boolean({ default: false, description: 'Planned operations too' })),
  })
  app.get(
    '/v1/catalogue',
    {
      schema: {
        querystring: query,
        tags: ['catalogue'],
        operationId: 'listOperations',
        response: { 200: view.OperationList },
        summary: 'Operations that can be sent 业务目录',
      },
    },
    async (request) => ({
      operations: parts.operations({
        all: request.query.all ?? false,
        ...(request.query.prefix === undefined ? {} : { prefix: request.query.prefix }),
        ...(request.query.q === undefined ? {} : { q: request.query.q }),
      }),
    }),
  )
  app.get(
    '/v1/catalogue/:code',
    {
      schema: {
        params: Code,
        tags: ['catalogue'],
        operationId: 'readOperation',
        response: { 200: view.OperationView },
        summary: 'One operation',
      },
    },
    async (request) => found(parts.operation(request.params.code), request.params.code),
  )
  app.get(
    '/v1/catalogue/:code/schema',
    {
      schema: {
        params: Code,
        tags: ['catalogue'],
        operationId: 'readOperationSchemas',
        response: { 200: view.SchemaList },
        summary: 'Its XSDs with all they include',
      },
    },
    async (request) => ({
      schemas: working(parts.schemas(request.params.code), request.params.code),
    }),
  )
  const sampleQuery = Type.Object({
    n: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Which of its samples' })),
  })
  app.get(
    '/v1/catalogue/:code/sample',
    {
      schema: {
        params: Code,
        querystring: sampleQuery,
        tags: ['catalogue'],
        operationId: 'readOperationSample',
        response: {
          200: bytesAs('A message', 'application/xml', 'application/json', 'application/edifact', 'text/plain'),
        },
        summary:
          'A valid message, filed as this operation where there is such a sample; of a form also as JSON, by Accept',
      },
    },
    async (request, reply) => {
      const { code } = request.params
      const sample = found(working(await parts.samples(code), code)[request.query.n ?? 0], code)
      const asJson = preferred(request.headers.accept, ['application/xml', 'application/json']) === 'application/json'
      if (sample.json && asJson)
        return sendFile(reply, {
          bytes: sample.json,
          mediaType: 'application/json',
          name: sample.file.replace(/^.*\//, '').replace(/\.xml$/, '.json'),
        })
      return sendFile(reply, {
        bytes: sample.content,
        mediaType: formOf(sample.content).mediaType,
        name: sample.file.replace(/^.*\//, ''),
      })
    },
  )

  app.get(
    '/v1/catalogue/:code/json-schema',
    {
      schema: {
        params: Code,
        tags: ['catalogue'],
        operationId: 'readOperationJsonSchema',
        response: { 200: jsonSchema },
        summary: 'The JSON Schema of a form',
      },
    },
    async (request, reply) => {
      const { code } = request.params
      working(await parts.samples(code), code)
      const schema = parts.jsonSchema(code)
      if (schema === undefined) throw new HubError('HUB_NOT_FOUND')
      return reply.type('application/schema+json').send(schema)
    },
  )
  app.get(
    '/v1/catalogue/:code/bundle.zip',
    {
      schema: {
        params: Code,
        tags: ['catalogue'],
        operationId: 'readOperationBundle',
        response: { 200: bytesAs('The zip', 'application/zip') },
        summary: 'Its XSDs, samples and JSON Schema in one zip, complete',
      },
    },
    async (request, reply) => {
      const { code } = request.params
      const bytes = working(await parts.bundle(code), code)
      return sendFile(reply, { bytes, mediaType: 'application/zip', name: `${code}.zip` })
    },
  )

  /** What a planned operation does not have yet. */
  function working<T>(value: T | undefined, code: string): T {
    if (value !== undefined) return value
    found(parts.operation(code), code)
    throw new HubError('HUB_OPERATION_PLANNED', { operation: code }, { status: 404 })
  }
}

function found<T>(value: T | undefined, code: string): T {
  if (value === undefined) throw new HubError('HUB_OPERATION_UNKNOWN', { operation: code }, { status: 404 })
  return value
}

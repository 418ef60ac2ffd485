// interface — the OpenAPI description as the referee of answers: an answer is what it says, with nothing more.
import { Errors } from 'typebox/value'
import type { TSchema } from 'typebox'

export interface Schema {
  $ref?: string
  title?: string
  type?: string
  description?: string
  examples?: unknown[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  enum?: unknown[]
  const?: unknown
}
export interface Content {
  schema: Schema
  example?: unknown
}
export interface Answer {
  $ref?: string
  description?: string
  content?: Record<string, Content>
}
export interface Call {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: { name: string; in: string; description?: string; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, Answer>
}
export interface OpenApi {
  paths: Record<string, Record<string, Call>>
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> }
}

export function refereeOf({ paths, components }: OpenApi) {
  const seen = new Set<string>()
  const templates = Object.keys(paths)
    .map((path) => ({
      path,
      pattern: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
      open: path.split('{').length,
    }))
    // `/v1/receipts/undelivered` before `/v1/receipts/{id}`.
    .sort((a, b) => a.open - b.open || b.path.length - a.path.length)

  /** With every reference followed, and every object with named members closed. */
  function closed(schema: Schema): Schema {
    if (schema.$ref) return closed(components.schemas[schema.$ref.replace(/^.*\//, '')]!)
    const each = (all: Record<string, Schema>) =>
      Object.fromEntries(Object.entries(all).map(([name, one]) => [name, closed(one)]))
    const { properties, items, anyOf, additionalProperties: more, patternProperties } = schema
    return {
      ...schema,
      ...(properties ? { properties: each(properties), additionalProperties: more ?? false } : {}),
      ...(typeof more === 'object' ? { additionalProperties: closed(more) } : {}),
      ...(patternProperties ? { patternProperties: each(patternProperties) } : {}),
      ...(items ? { items: closed(items) } : {}),
      ...(anyOf ? { anyOf: anyOf.map(closed) } : {}),
    }
  }

  const answerOf = (answer: Answer): Answer =>
    answer.$ref ? components.responses[answer.$ref.replace(/^.*\//, '')]! : answer

  /** What is wrong with a value, in words; empty when nothing is. */
  const faultsOf = (schema: Schema, value: unknown): string[] =>
    Errors(closed(schema) as TSchema, value).map(({ instancePath, message }) => `${instancePath}: ${message}`)

  return {
    closed,
    answerOf,
    faultsOf,
    /** Calls an answer was looked at of: `GET /v1/messages 200`. */
    seen,
    /** What is wrong with an answer. @param path without its query */
    look(call: string, path: string, status: number, mediaType: string, body: string): string[] {
      const found = templates.find(({ pattern }) => pattern.test(path))
      const described = found && paths[found.path]![call.toLowerCase()]
      if (!found || !described) return [`${call} ${path}: no such call is described`]
      const at = `${call} ${found.path} ${status}`
      const said = described.responses[status] ?? described.responses[`${Math.floor(status / 100)}XX`]
      if (!said) return [`${at}: no such status is described`]
      const { content = {} } = answerOf(said)
      const form = content[mediaType] ?? content['*/*']
      if (!form) return [`${at}: ${mediaType} is not described, but ${Object.keys(content).join(', ')}`]
      seen.add(`${call} ${found.path} ${status}`)
      if (!/json$/.test(mediaType) || form.schema.type === 'string') return []
      return faultsOf(form.schema, JSON.parse(body)).map((fault) => `${at} ${fault}`)
    },
  }
}
export type Referee = ReturnType<typeof refereeOf>

/** The routes of a door as Fastify prints them: `GET /v1/messages/:id`. */
export function routesOf(printed: string): string[] {
  const above: string[] = []
  return printed.split('\n').flatMap((line) => {
    const [, indent, part, methods = ''] = /^((?:[│ ] {3})*)[└├]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    if (indent === undefined || part === undefined) return []
    const depth = indent.length / 4
    above.length = depth
    above[depth] = part
    const path = above.join('')
    return methods
      .split(', ')
      .filter(Boolean)
      .map((method) => `${method} ${path}`)
  })
}

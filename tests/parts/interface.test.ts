// The description of the HTTP interface: every call of the door stands in it, with what it answers, in words and by
// example.
import { beforeAll, expect, test } from 'vitest'
import { readData } from '../../hub/boot/data.js'
import { loadConfig } from '../../hub/config/load-config.js'
import { describedDoor } from '../../hub/doors/describe.js'
import { refereeOf, routesOf, type OpenApi, type Referee, type Schema } from '../support/interface.js'

let openapi: OpenApi
let routes: string[]
let referee: Referee
beforeAll(async () => {
  const { routing, queries } = readData(loadConfig({}))
  const door = await describedDoor({ routing, queries, version: '0.0.0' })
  openapi = door.swagger() as unknown as OpenApi
  routes = routesOf(door.printRoutes({ commonPrefix: false }))
  await door.close()
  referee = refereeOf(openapi)
})

/** Every call that is described, each with its name. */
const calls = () =>
  Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({ name: `${method.toUpperCase()} ${path}`, path, ...call })),
  )
/** A schema and all that is in it. */
function* partsOf(schema: Schema, at: string): Generator<[string, Schema]> {
  yield [at, schema]
  const { properties = {}, patternProperties = {}, items, anyOf = [], additionalProperties } = schema
  for (const [name, one] of Object.entries({ ...properties, ...patternProperties }))
    yield* partsOf(one, `${at}/${name}`)
  for (const one of [items, additionalProperties].filter((one) => typeof one === 'object'))
    yield* partsOf(one, `${at}/*`)
  for (const one of anyOf) yield* partsOf(one, at)
}

test('every call of partners, operators, agencies and signers that the door takes is described, and no other', () => {
  const taken = routes
    .filter(
      (route) => /^(?!HEAD )\S+ \/(v1|ops|agency|oauth2|signing|\.well-known)\//.test(route) && !route.endsWith('*'),
    )
    .map((route) => route.replace(/:(\w+)/g, '{$1}'))
  expect(taken.length).toBeGreaterThan(70)
  const described = calls()
    .map(({ name }) => name)
    // Each query stands there with its own criteria.
    .filter((name) => !/^GET \/v1\/queries\/\d/.test(name))
  expect(described.sort()).toEqual(taken.sort())
})

test('every call says what it does, who may call it and by what name programs know it', () => {
  const names = calls().map(({ operationId }) => operationId)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, operationId, summary, tags, security } of calls())
    expect({ name, operationId, summary, tags, security }).toEqual({
      name,
      operationId: expect.stringMatching(/^\w+$/) as string,
      summary: expect.stringMatching(/\S/) as string,
      tags: [expect.any(String)],
      security: tags?.[0] === 'oauth2' ? [] : [expect.any(Object)],
    })
})

test('every call has a schema for its answer, its refusals and its failures', () => {
  for (const { name, responses } of calls()) {
    const said = Object.keys(responses)
    expect([name, said.some((status) => /^2\d\d$/.test(status)), said.includes('4XX'), said.includes('5XX')]).toEqual([
      name,
      true,
      true,
      true,
    ])
    for (const [status, answer] of Object.entries(responses)) {
      const { description, content = {} } = referee.answerOf(answer)
      expect([name, status, description]).toEqual([name, status, expect.stringMatching(/\S/)])
      if (status !== '204') expect(Object.keys(content), `${name} ${status}`).not.toEqual([])
    }
  }
  for (const status of ['4XX', '5XX'])
    expect(referee.answerOf(openapi.paths['/ops/status']!.get!.responses[status]!).content).toMatchObject({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    })
})

test('nothing is described as anything: every part of what is asked and answered has a type and a description', () => {
  const open: string[] = []
  // A message as JSON: what is in it the JSON Schema of its operation says.
  const asked = calls().filter(({ path }) => !/^\/v1\/(messages|validate)$/.test(path))
  const bodies = asked.flatMap(({ name, requestBody }) =>
    Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) =>
      /json$/.test(type) ? [[name, schema] as const] : [],
    ),
  )
  for (const [title, schema] of [...Object.entries(openapi.components.schemas), ...bodies])
    for (const [at, part] of partsOf(schema, title)) {
      if (part.$ref || part.anyOf) continue
      const typed = part.type !== undefined || part.enum !== undefined || part.const !== undefined
      if (!typed) open.push(`${at} has no type`)
      const { type, properties, patternProperties, additionalProperties: more } = part
      if (type === 'object' && !properties && !patternProperties && typeof more !== 'object') open.push(`${at} is open`)
      if (type === 'array' && !part.items) open.push(`${at} is open`)
      if (more === true && title !== 'JsonSchema') open.push(`${at} may have more`)
    }
  // A JSON Schema has the members of its own standard.
  expect(open).toEqual([])
  const wordless = Object.entries(openapi.components.schemas).flatMap(([title, { description, properties = {} }]) => [
    ...(description ? [] : [title]),
    ...Object.entries(properties)
      .filter(([, { $ref, type, anyOf, description: said }]) => !$ref && type !== 'array' && !anyOf && !said)
      .map(([name]) => `${title}/${name}`),
  ])
  expect(wordless).toEqual([])
})

test('every example is what its schema says, with nothing more', () => {
  let looked = 0
  for (const { name, responses } of calls())
    for (const [status, answer] of Object.entries(responses))
      for (const [type, { schema, example }] of Object.entries(referee.answerOf(answer).content ?? {})) {
        if (!/json$/.test(type) || example === undefined) continue
        looked++
        expect([name, status, referee.faultsOf(schema, example)]).toEqual([name, status, []])
      }
  for (const [title, schema] of Object.entries(openapi.components.schemas))
    for (const [at, part] of partsOf(schema, title))
      for (const example of part.examples ?? []) expect([at, referee.faultsOf(part, example)]).toEqual([at, []])
  expect(looked).toBeGreaterThan(70)
})

// Who may call what: every route of the HTTP door × everybody who may try. The routes are the door's own list, so one
// that is added without a row here fails. And what is another's answers exactly as what does not exist: in words, in
// headers and in time.
import { beforeAll, describe, expect, test } from 'vitest'
import { createHttpDoor } from '../../adapters/channels/http/door.js'
import type { HttpDoorParts } from '../../adapters/channels/http/parts.js'
import { sample, type RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { usedBeforeItEnds } from '../support/in-time.js'
import { sharedHub } from '../support/shared-hub.js'
import { opsRights, rightOf } from '../../messages/ops-rights.js'
import { operatorRoles, roleSuffices, type OperatorRole } from '../../messages/operator.js'
import { asPage, keyOf, newPerson } from '../support/operators.js'
import { patienceMs, until } from '../support/until.js'

/** Every route of the door, from a door that is given nothing but what it needs to be built. */
async function routesOf(): Promise<string[]> {
  const own: Partial<HttpDoorParts> = {
    limits: { maxBytes: 1024, connections: { most: 10, strangersPerAddress: 5 } },
    version: '0',
    queries: () => [],
    example: () => undefined,
    partnersChanged: () => () => {},
    tls: undefined,
    trustedProxies: undefined,
    clientAuthorities: undefined,
  }
  const nothing: object = new Proxy(() => undefined, {
    get: (_target, name) => (name === 'then' ? undefined : nothing),
  })
  const parts = new Proxy(own, { get: (given, name) => (name in given ? given[name as never] : nothing) })
  const door = await createHttpDoor(parts as HttpDoorParts)
  await door.ready()
  const routes = door.routes()
  await door.close()
  return routes
}

/**
 * What a partner's route is about. `thing`: one thing, named in the address (or the body), which is somebody's. `own`:
 * only what is the caller's, whoever asks. `send`: takes a message. `shared`: the same for every partner.
 */
const partnerRoutes: Record<string, { is: 'thing'; of: 'message' | 'receipt' } | { is: 'own' | 'send' | 'shared' }> = {
  'GET /v1/messages/:id': { is: 'thing', of: 'message' },
  'GET /v1/messages/:id/receipts': { is: 'thing', of: 'message' },
  'GET /v1/messages/:id/content': { is: 'thing', of: 'message' },
  'GET /v1/messages/:id/forwarded': { is: 'thing', of: 'message' },
  'GET /v1/messages/:id/acknowledgement': { is: 'thing', of: 'message' },
  'GET /v1/receipts/:id': { is: 'thing', of: 'receipt' },
  'GET /v1/receipts/:id/body': { is: 'thing', of: 'receipt' },
  'GET /v1/receipts/:id/attachments/:name': { is: 'thing', of: 'receipt' },
  'POST /v1/receipts/:id/ack': { is: 'thing', of: 'receipt' },
  'POST /v1/receipts/:id/resend': { is: 'thing', of: 'receipt' },
  'GET /v1/queries/:operation/:messageId': { is: 'thing', of: 'message' },
  'POST /v1/receipts/ack': { is: 'own' },
  'GET /v1/messages': { is: 'own' },
  'GET /v1/receipts': { is: 'own' },
  'GET /v1/receipts/undelivered': { is: 'own' },
  'POST /v1/receipts/replay': { is: 'own' },
  'GET /v1/events': { is: 'own' },
  'GET /v1/subscriptions': { is: 'own' },
  'POST /v1/subscriptions': { is: 'own' },
  'PUT /v1/subscriptions': { is: 'own' },
  'DELETE /v1/subscriptions': { is: 'own' },
  'GET /v1/agents': { is: 'own' },
  'PUT /v1/agents': { is: 'own' },
  'DELETE /v1/agents': { is: 'own' },
  'GET /v1/grants': { is: 'own' },
  'GET /v1/grants/uses': { is: 'own' },
  'PUT /v1/grants': { is: 'own' },
  'POST /v1/grants': { is: 'own' },
  'DELETE /v1/grants': { is: 'own' },
  'GET /v1/queries/:operation': { is: 'own' },
  'POST /v1/messages': { is: 'send' },
  'POST /v1/validate': { is: 'send' },
  'GET /v1/queries': { is: 'shared' },
  'GET /v1/queries/:operation/criteria': { is: 'shared' },
  'GET /v1/catalogue': { is: 'shared' },
  'GET /v1/catalogue/:code': { is: 'shared' },
  'GET /v1/catalogue/:code/schema': { is: 'shared' },
  'GET /v1/catalogue/:code/sample': { is: 'shared' },
  'GET /v1/catalogue/:code/json-schema': { is: 'shared' },
  'GET /v1/catalogue/:code/bundle.zip': { is: 'shared' },
}

/** Open to everybody: they say nothing of anybody. `/oauth2/token` asks by itself. */
const openRoutes =
  /^\w+ (\/monitor\/sign-in\/(ways|password|key|welcome|welcome\/choose|out|oidc|oidc\/back)|\/|\/healthz|\/readyz|\/metrics|\/openapi\.json|\/oauth2\/token|\/\.well-known\/jwks\.json|\/docs(\/.*)?)$/

type DoorOf = 'partner' | 'operator' | 'agency' | 'signer'
const doorOf = (route: string): DoorOf | 'open' | undefined => {
  const path = route.replace(/^\w+ /, '')
  if (openRoutes.test(route)) return 'open'
  if (path.startsWith('/v1/')) return 'partner'
  if (path.startsWith('/ops/') || path.startsWith('/monitor/ops/')) return 'operator'
  if (path.startsWith('/signing/')) return 'signer'
  return path.startsWith('/agency/') ? 'agency' : undefined
}

let hub: RunningHub
let routes: string[]
/** Keys by whose they are. Wrong ones are few: who tries many is slowed. */
const keys: Record<string, string | undefined> = {}
const things = { mine: { message: '', receipt: '' }, others: { message: '', receipt: '' } }
const agencyToken = 'agency-token-of-this-test'
const missing = { message: 'msg_01AAAAAAAAAAAAAAAAAAAAAAAA', receipt: 'rcp_01AAAAAAAAAAAAAAAAAAAAAAAA' }

beforeAll(async () => {
  const agencies = { gacc: { url: 'http://127.0.0.1:9', callbackTokenEnv: 'AGENCY_TOKEN' } }
  const shared = await sharedHub({ config: { agencies }, env: { AGENCY_TOKEN: agencyToken } })
  hub = shared.hub
  routes = await routesOf()
  const add = async (partnerId: string, rights: string[]) => {
    await hub.ops('/ops/partners', { partnerId, name: '测试企业', settings: { rights } })
    return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })).secret
  }
  keys.mine = await add('mine', ['*'])
  keys.other = await add('other', ['*'])
  keys.rightless = await add('rightless', [])
  keys.disabled = await add('disabled', ['*'])
  await hub.ops('/ops/partners/disabled/disable', {})
  const { used, end } = await usedBeforeItEnds((end) =>
    hub.ops<{ secret: string }>('/ops/partners/mine/keys', { kind: 'http', expiresAt: end.toISOString() }),
  )
  keys.expired = used.secret
  keys.operator = hub.env.HUB_OPS_KEY!
  keys.agency = agencyToken
  keys.nobody = undefined
  keys.unknown = 'hub_http_unknown'
  for (const [whose, key] of [
    ['mine', keys.mine],
    ['others', keys.other],
  ] as const) {
    const { receipts } = await hub.send(freshOrder(), { key })
    things[whose] = { message: receipts[0]!.messageId, receipt: receipts[0]!.receiptId }
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, end.getTime() - Date.now() + 50)))
  return shared.remove
})

interface Told {
  status: number
  headers: Record<string, string>
  body: string
}

/** `which`: the thing that is named where the address names one. */
async function call(route: string, who: string, which: { message: string; receipt: string } = missing): Promise<Told> {
  const [method, path] = route.split(' ') as [string, string]
  const about = partnerRoutes[route]
  const id = about?.is === 'thing' ? which[about.of] : missing.message
  const url = path
    .replace(':operation', '1.1.9.3.1')
    .replace(':messageId', which.message)
    .replace(':code', doorOf(route) === 'partner' ? '1.1.6.1.2' : 'gacc')
    .replace(':agency', 'gacc')
    .replace(':name', 'file.pdf')
    .replace(/:\w+/g, id)
  const key = keys[who]
  const response = await fetch(hub.url + url, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(method === 'POST' || method === 'PUT' ? { 'content-type': 'application/json' } : {}),
    },
    ...(method === 'POST' || method === 'PUT' ? { body: '{}' } : {}),
    signal: AbortSignal.timeout(patienceMs),
  })
  // A stream stays open: its head says all.
  const endless = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const body = endless ? '' : await response.text()
  if (endless) await response.body?.cancel()
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

/**
 * Without what differs from call to call: ids of the request and of the thing, the time, what is left of the rate; and
 * what is said of the connection, which depends on whether the body had come to its end when it was answered.
 */
function comparable({ status, headers, body }: Told, ids: readonly string[]) {
  const { date: _date, ratelimit: _left, 'content-length': _length, ...said } = headers
  const { connection: _connection, 'keep-alive': _alive, ...rest } = said
  const text = ids.reduce((all, id) => all.replaceAll(id, '<id>'), body).replace(/req_\w+/g, '<request>')
  return { status, headers: rest, body: text }
}

const allowed: Record<DoorOf, string[]> = {
  partner: ['mine', 'other', 'rightless'],
  operator: ['operator'],
  agency: ['agency'],
  // Signing agents have tokens of their own; none of these is one.
  signer: [],
}
const everybody = ['nobody', 'unknown', 'expired', 'disabled', 'mine', 'other', 'rightless', 'operator', 'agency']

test('every route has its row: what it is about, or that it is open to all', () => {
  expect(routes.length).toBeGreaterThan(80)
  const unknown = routes.filter((route) => {
    const door = doorOf(route)
    if (route.startsWith('HEAD ') || route.startsWith('OPTIONS ')) return false
    return door === undefined || (door === 'partner' && !(route in partnerRoutes))
  })
  expect(unknown).toEqual([])
})

test.each(everybody)(
  '%s: no route lets in who is not to come in, and each says the same to all of them',
  async (who) => {
    const refused = new Set<string>()
    for (const route of routes) {
      const door = doorOf(route)
      if (door === undefined || door === 'open' || route.startsWith('HEAD ') || allowed[door].includes(who)) continue
      const told = await call(route, who)
      expect(told.status, `${who} at ${route}`).toBe(401)
      const { body } = comparable(told, [])
      expect(body, route).toContain('"HUB_UNAUTHENTICATED"')
      refused.add(body)
    }
    // One answer for all that were refused: it tells nothing of what is behind the door.
    expect(refused.size).toBeLessThanOrEqual(1)
  },
)

test('what does not exist is no different for who may not come in', async () => {
  for (const prefix of ['/v1', '/ops', '/monitor/ops', '/agency/gacc'])
    expect((await call(`GET ${prefix}/of/nothing`, 'unknown')).status, prefix).toBe(
      prefix === '/agency/gacc' ? 404 : 401,
    )
  // An agency that does not exist is not told from one with another token.
  const [real, none] = [
    await call('POST /agency/gacc/receipts', 'unknown'),
    await call('POST /agency/none/receipts', 'unknown'),
  ]
  expect(comparable(real, [])).toEqual(comparable(none, []))
})

test('the pages of the monitor are the operator’s', async () => {
  for (const path of ['/monitor', '/monitor/overview', '/monitor/events', '/monitor/queues/', '/monitor/ops/status']) {
    for (const who of everybody.filter((one) => one !== 'operator'))
      expect((await call(`GET ${path}`, who)).status, `${who} at ${path}`).toBe(401)
    expect((await call(`GET ${path}`, 'operator')).status, path).toBeLessThan(400)
  }
})

describe('another’s thing', () => {
  const about = Object.entries(partnerRoutes).flatMap(([route, row]) =>
    row.is === 'thing' ? [[route, row.of] as const] : [],
  )

  test.each(about)('%s: it answers as one that does not exist, in words and headers', async (route, of) => {
    const [others, none] = [await call(route, 'mine', things.others), await call(route, 'mine')]
    expect(others.status).toBe(404)
    expect(comparable(others, [things.others[of], things.others.message])).toEqual(
      comparable(none, [missing[of], missing.message]),
    )
    // Its owner is not refused for want of a right: the thing is there, or has no such part.
    const own = await call(route, 'other', things.others)
    expect([401, 403]).not.toContain(own.status)
  })

  test('it answers in the time of one that does not exist', async () => {
    const times = { others: [] as number[], none: [] as number[] }
    for (let i = 0; i < 40; i++)
      for (const [which, thing] of [
        ['others', things.others],
        ['none', missing],
      ] as const) {
        const begun = performance.now()
        await call('GET /v1/messages/:id', 'mine', thing)
        times[which].push(performance.now() - begun)
      }
    const median = (all: number[]) => all.sort((a, b) => a - b)[all.length / 2]!
    const [others, none] = [median(times.others), median(times.none)]
    expect(Math.abs(others - none), `${others} ms against ${none} ms`).toBeLessThan(10 + none)
  })

  test('nor does any list, any acknowledgement of several, or any search show it', async () => {
    const shown = await Promise.all(
      ['/v1/messages', '/v1/receipts', '/v1/receipts/undelivered', '/v1/subscriptions'].map(async (path) =>
        (await hub.get(path, { key: keys.mine! })).text(),
      ),
    )
    for (const text of shown) for (const id of Object.values(things.others)) expect(text).not.toContain(id)
    const response = await fetch(`${hub.url}/v1/receipts/ack`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.mine}`, 'content-type': 'application/json' },
      body: JSON.stringify({ receipts: [things.others.receipt, missing.receipt] }),
    })
    expect(await response.json()).toMatchObject({ acknowledged: [], unknown: [things.others.receipt, missing.receipt] })
  })
})

test('a partner without the right to an operation learns nothing about its format, and files nothing', async () => {
  const bad = sample('ceb/CEB311Message.xml').toString().replaceAll('orderNo>', 'orderNumber>')
  for (const path of ['/v1/messages', '/v1/validate']) {
    const { status, receipts } = await hub.send(bad, { key: keys.rightless!, path })
    expect([403, 422], path).toContain(status)
    expect(receipts[0]!.code).toBe('HUB_OPERATION_FORBIDDEN')
  }
})

describe('operators by their role', () => {
  const own = (route: string) => route.replace(/ \/monitor(?=\/ops\/)/, ' ')
  const opsRoutes = () =>
    routes.filter((route) => doorOf(route) === 'operator' && !/^(HEAD|OPTIONS) /.test(route) && !route.endsWith('/*'))
  let limited = ''
  let submission = ''
  let answered: { messageId: string; receiptId: string }

  beforeAll(async () => {
    for (const role of operatorRoles) {
      await hub.ops('/ops/operators', { name: `the-${role}`, role })
      keys[role] = await keyOf(hub, `the-${role}`)
    }
    await hub.ops('/ops/operators', { name: 'of-mofcom', role: 'operator', agencies: ['mofcom'] })
    keys.limited = limited = await keyOf(hub, 'of-mofcom')
    await hub.ops('/ops/operators', { name: 'gone', role: 'admin' })
    keys.gone = await keyOf(hub, 'gone')
    await hub.ops('/ops/operators/gone/disable', {})
    const { receipts } = await hub.send(freshOrder(), { key: keys.mine! })
    answered = receipts[0]!
    const { submissions } = await hub.read<{ submissions: { submissionId: string }[] }>(
      `/v1/messages/${answered.messageId}`,
      { key: keys.mine! },
    )
    submission = submissions[0]!.submissionId
  })

  test('every call of theirs has its row: the least role, and what it is about', () => {
    expect(opsRoutes().filter((route) => !(own(route) in opsRights))).toEqual([])
  })

  test.each(['viewer', 'auditor', 'operator', 'admin', 'limited'])(
    '%s: makes the calls of the role, and no other',
    async (who) => {
      const role: OperatorRole = who === 'limited' ? 'operator' : (who as OperatorRole)
      for (const route of opsRoutes()) {
        const right = rightOf(own(route))
        const told = await call(route, who)
        const may = roleSuffices(role, right.role) && !(who === 'limited' && right.about === 'hub')
        if (may) expect([401, 403], `${who} at ${route}`).not.toContain(told.status)
        else
          expect([told.status, told.body], `${who} at ${route}`).toEqual([
            403,
            expect.stringContaining('HUB_ROLE_FORBIDDEN'),
          ])
      }
    },
  )

  test('a call that the role does not allow is logged and kept, with name, way and address, and bounded', async () => {
    for (let n = 0; n < 5; n++) expect((await call('POST /ops/backup', 'viewer')).status).toBe(403)
    interface Refused {
      who: string
      target: string
      detail: Record<string, unknown>
    }
    const kept = async (query: string) => (await hub.ops<{ audit: Refused[] }>(`/ops/audit?${query}`)).audit
    const refused = await until('the entry', async () => {
      const all = await kept('action=role.refused&who=the-viewer&limit=200')
      return all.some(({ target }) => target === 'POST /ops/backup') && all
    })
    expect(refused.filter(({ target }) => target === 'POST /ops/backup')).toEqual([
      expect.objectContaining({
        who: 'the-viewer',
        detail: expect.objectContaining({
          ...{ role: 'viewer', signedInBy: 'key', address: '127.0.0.1', call: 'POST /ops/backup' },
        }) as object,
      }),
    ])
    expect((await kept('action=role.refused&limit=500')).length).toBeLessThanOrEqual(100)
    const lines = (await hub.log()).filter(({ msg }) => msg === 'call refused')
    expect(lines).toContainEqual(expect.objectContaining({ who: 'the-viewer', call: 'POST /ops/backup' }))
  })

  test('an auditor sees accounts, sessions and the audit, and changes nothing', async () => {
    for (const route of ['GET /ops/operators', 'GET /ops/audit', 'GET /ops/approvals', 'GET /ops/messages'])
      expect((await call(route, 'auditor')).status, route).toBe(200)
    const told = await hub.get('/ops/operators/the-viewer/sessions', { key: keys.auditor! })
    expect(await told.json()).toEqual({ name: 'the-viewer', sessions: [] })
    const me = (await (await hub.get('/ops/me', { key: keys.auditor! })).json()) as { may: string[] }
    // The own password and the own sessions.
    expect(me.may.filter((route) => !/ \/ops\/me\//.test(route))).toEqual([])
    expect((await call('GET /ops/operators', 'operator')).status).toBe(403)
  })

  test('an account that is disabled, and a session that has ended, are nobody', async () => {
    const mei = await newPerson(hub, { name: 'mei', role: 'admin' })
    const cookie = { cookie: mei.cookie }
    expect((await fetch(`${hub.url}/monitor/ops/status`, { headers: cookie })).status).toBe(200)
    await asPage(hub, '/sign-in/out', {}, cookie)
    for (const route of opsRoutes()) {
      expect((await call(route, 'gone')).status, route).toBe(401)
      const [method, path] = route.split(' ') as [string, string]
      const url = hub.url + path.replace(/:\w+/g, 'x')
      const ended = await fetch(url, { method, headers: { ...cookie, origin: hub.url } })
      expect(ended.status, route).toBe(401)
    }
  })

  test('what is of another agency is not there for who is limited: no list shows it, no call touches it', async () => {
    const as = async (key: string, method: string, path: string, body?: object) => {
      const response = await fetch(hub.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return { status: response.status, text: (await response.text()).replace(/req_\w+/g, '<request>') }
    }
    const why = { why: 'not mine' }
    for (const [method, path, body] of [
      ['GET', `/ops/messages/${answered.messageId}`],
      ['GET', `/ops/messages/${answered.messageId}/content`],
      ['GET', `/ops/messages/${answered.messageId}/evidence`],
      ['POST', `/ops/receipts/${answered.receiptId}/resend`, why],
      ['POST', `/ops/submissions/${submission}/replay`, why],
      ['POST', `/ops/submissions/${submission}/drop`, why],
      ['POST', `/ops/submissions/${submission}/resolve`, { ...why, decision: 'resend' }],
      ['POST', `/ops/submissions/${submission}/release`, { ...why, decision: 'send' }],
    ] as const) {
      const others = await as(limited, method, path, body)
      const none = await as(limited, method, path.replace(/(msg|rcp|sub)_\w+/, '$1_01AAAAAAAAAAAAAAAAAAAAAAAA'), body)
      const same = ({ status, text }: typeof none) => ({ status, text: text.replace(/(msg|rcp|sub)_\w+/g, '<id>') })
      expect(others.status, path).toBe(404)
      expect(same(others), path).toEqual(same(none))
    }
    for (const [path, body] of [
      ['/ops/agencies/gacc/pause', why],
      ['/ops/agencies/gacc/resume', why],
      ['/ops/dead/replay', { ...why, agency: 'gacc' }],
      ['/ops/dead/replay', why],
    ] as const)
      expect((await as(limited, 'POST', path, body)).status, path).toBe(404)
    expect((await as(limited, 'GET', '/ops/messages?agency=gacc')).status).toBe(404)
    for (const path of [
      '/ops/messages',
      '/ops/messages.csv',
      '/ops/status',
      '/ops/agencies',
      '/ops/audit',
      `/ops/search?q=${answered.messageId}`,
    ]) {
      const seen = await as(limited, 'GET', path)
      expect(seen.status, path).toBe(200)
      expect(seen.text, path).not.toMatch(new RegExp(`gacc|${answered.messageId}`))
    }
    expect((await as(limited, 'GET', '/monitor/overview')).text).not.toContain('"agency":"gacc"')
    // The same calls for who is not limited find it.
    expect((await as(keys.operator!, 'GET', `/ops/search?q=${answered.messageId}`)).text).toContain(answered.messageId)
  })
})

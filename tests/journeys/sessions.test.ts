// What opens a door for a time opens it for that time, through the real doors of a hub whose clock the test moves:
// sessions of the monitor, tokens of partners.
import { beforeAll, expect, test } from 'vitest'
import { clock, type Clock } from '../support/clock.js'
import type { RunningHub } from '../support/hub.js'
import { asPage, keyOf, newPerson } from '../support/operators.js'
import { sharedHub } from '../support/shared-hub.js'
import { newFolder } from '../support/temp.js'

let hub: RunningHub
let time: Clock
beforeAll(async () => {
  const folder = await newFolder('clock')
  time = await clock(folder.path)
  const { env, nodeArgs } = time
  const shared = await sharedHub({ config: { operators: { idleMinutes: 30, sessionHours: 2 } }, env, nodeArgs })
  hub = shared.hub
  return async () => {
    await shared.remove()
    await folder.remove()
  }
})

const get = (path: string, cookie: string, headers: Record<string, string> = {}) =>
  fetch(`${hub.url}/monitor${path}`, { headers: { cookie, ...headers }, redirect: 'manual' })
const isIn = async (cookie: string, headers?: Record<string, string>) =>
  (await get('/ops/me', cookie, headers)).status === 200
const session = async (key = hub.env.HUB_OPS_KEY!) => (await asPage(hub, '/sign-in/key', { key })).cookie

test('a page that is left open keeps nobody signed in: it is no person at work', async () => {
  const cookie = await session()
  const byItself = { 'x-hub-by-itself': '1' }
  for (let minutes = 0; minutes < 28; minutes += 7) {
    await time.advance(hub, 7 * 60)
    expect(await isIn(cookie, byItself)).toBe(true)
    const stream = await get('/events', cookie)
    expect(stream.status).toBe(200)
    await stream.body!.cancel()
  }
  const open = await get('/events', cookie)
  await time.advance(hub, 3 * 60)
  expect(await isIn(cookie)).toBe(false)
  // And what is still open ends by itself.
  for await (const piece of open.body!) void piece
})

test('a person at work stays signed in, until the longest time of a session is over', async () => {
  const cookie = await session()
  for (let minutes = 0; minutes < 119; minutes += 17) {
    expect(await isIn(cookie)).toBe(true)
    await time.advance(hub, 17 * 60)
  }
  await time.advance(hub, 2 * 60)
  expect(await isIn(cookie)).toBe(false)
  const sent = await asPage(hub, '/ops/agencies/none/pause', { why: 'late' }, { cookie })
  expect([sent.status, sent.body.code]).toEqual([401, 'HUB_UNAUTHENTICATED'])
})

test('a replaced key takes along the sessions it began, and a lower role counts at once', async () => {
  await hub.ops('/ops/operators', { name: 'zhang', role: 'operator' })
  const key = await keyOf(hub, 'zhang')
  const cookie = await session(key)
  const pause = async () => (await asPage(hub, '/ops/agencies/none/pause', { why: 'x' }, { cookie })).status
  expect(await pause()).toBe(404)
  await hub.ops('/ops/operators/zhang/role', { role: 'viewer' })
  expect(await pause()).toBe(403)
  expect(await isIn(cookie)).toBe(true)
  await keyOf(hub, 'zhang')
  expect(await isIn(cookie)).toBe(false)
  expect((await asPage(hub, '/sign-in/key', { key })).status).toBe(401)
})

test('a recovery code that is shown many times at once lets one person in once', async () => {
  const people = await newPersonAt()
  const both = await Promise.all(
    [1, 2, 3].map(() =>
      asPage(hub, '/sign-in/password', {
        name: people.name,
        password: people.password,
        code: people.recoveryCodes[0]!,
      }),
    ),
  )
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401, 401])
})

/** Its device goes by the hub's clock. */
async function newPersonAt() {
  const real = Date.now
  const ahead = time.now() - real()
  Date.now = () => real() + ahead
  try {
    return await newPerson(hub, { name: 'sun', role: 'viewer' })
  } finally {
    Date.now = real
  }
}

test('a token of a partner is good for its minutes, also one that was believed a moment before', async () => {
  await hub.ops('/ops/partners', { partnerId: 'tokens', name: '测试令牌有限公司', settings: { rights: ['*'] } })
  const client = await hub.ops<{ id: string; secret: string }>('/ops/partners/tokens/keys', { kind: 'oauth' })
  const given = await fetch(`${hub.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret }),
  })
  const { access_token: token, expires_in: seconds } = (await given.json()) as Record<string, string | number>
  const call = async () => {
    const answer = await hub.get('/v1/receipts', { key: String(token) })
    return [answer.status, ((await answer.json()) as { code?: string }).code]
  }
  expect(await call()).toEqual([200, undefined])
  await time.advance(hub, Number(seconds) - 5)
  expect(await call()).toEqual([200, undefined])
  // Two machines' clocks may be five seconds apart.
  await time.advance(hub, 11)
  expect(await call()).toEqual([401, 'HUB_TOKEN_EXPIRED'])
})

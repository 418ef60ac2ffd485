// Signing in at the company's identity provider: a real one, as a process of its own; and false ones, whose answers are
// not believed.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.js'
import { cleanEnv, root, startHub, type RunningHub } from '../support/hub.js'
import { falseProvider } from '../support/false-provider.js'
import { asPage } from '../support/operators.js'
import { begin, ended, firstLine } from '../support/process.js'

const secret = 'secret-of-the-hub-at-this-provider'
const roles = {
  admins: { role: 'admin' },
  customs: { role: 'operator', agencies: ['gacc'] },
  trade: { role: 'operator', agencies: ['mofcom'] },
  guests: { role: 'viewer' },
}

async function hubWith(issuer: string, httpPort: number): Promise<RunningHub> {
  const oidc = { issuer, clientId: 'hub', clientSecretEnv: 'OIDC_SECRET', url: `http://127.0.0.1:${httpPort}`, roles }
  return startHub({ httpPort, config: { operators: { oidc } }, env: { OIDC_SECRET: secret } })
}

/** A browser: cookies by name, and no redirect followed by itself. */
function browser() {
  const cookies = new Map<string, string>()
  return {
    cookies,
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    async go(url: string, form?: Record<string, string>) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      })
      for (const one of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!
        if (value === '') cookies.delete(name!)
        else cookies.set(name!, value!)
      }
      const next = response.headers.get('location')
      return { status: response.status, text: await response.text(), next: next && new URL(next, url).href }
    },
  }
}

/** Signs in at the provider's own pages; gives the address it sends the browser back to. */
async function throughProvider(one: ReturnType<typeof browser>, hub: RunningHub, login: string): Promise<string> {
  let at = await one.go(`${hub.url}/monitor/sign-in/oidc`)
  let here = ''
  for (let steps = 0; steps < 15; steps++) {
    while (at.next && !at.next.startsWith(hub.url)) {
      here = at.next
      at = await one.go(at.next)
    }
    if (at.next) return at.next
    const action = /<form[^>]*action="([^"]+)"/.exec(at.text)?.[1]
    const prompt = /name="prompt" value="(\w+)"/.exec(at.text)?.[1]
    if (!action || !prompt) throw new Error(`${at.status} ${at.text.slice(0, 300)}`)
    at = await one.go(new URL(action, here).href, { prompt, ...(prompt === 'login' ? { login, password: 'any' } : {}) })
  }
  throw new Error('it does not come back')
}

test('people of an identity provider come in with the role of their groups', async () => {
  const httpPort = await freePort()
  const people = {
    anna: { preferred_username: 'anna', groups: ['guests', 'admins'] },
    bo: { preferred_username: 'bo', groups: ['customs', 'trade', 'guests'] },
    carl: { preferred_username: 'carl', groups: ['canteen', '__proto__', 'constructor'] },
    operator: { preferred_username: 'operator', groups: ['admins'] },
  }
  const provider = begin(
    process.execPath,
    [join(root, 'tests/support/identity-provider.mjs'), `http://127.0.0.1:${httpPort}/monitor/sign-in/oidc/back`],
    { env: { ...cleanEnv(), PEOPLE: JSON.stringify(people) } },
  )
  onTestFinished(async () => {
    provider.kill('SIGKILL')
    await ended(provider)
  })
  const { issuer } = await firstLine(provider, (line) =>
    line.startsWith('{"issuer"') ? (JSON.parse(line) as { issuer: string }) : undefined,
  )
  const hub = await hubWith(issuer, httpPort)
  const me = async (one: ReturnType<typeof browser>) =>
    (await (await fetch(`${hub.url}/monitor/ops/me`, { headers: { cookie: one.header() } })).json()) as object

  // A browser that opens the monitor is led to the page to sign in.
  const led = await fetch(`${hub.url}/monitor`, { headers: { accept: 'text/html' }, redirect: 'manual' })
  expect([led.status, led.headers.get('location')]).toEqual([302, '/monitor/sign-in'])

  const anna = browser()
  const back = await throughProvider(anna, hub, 'anna')
  const stolen = new Map(anna.cookies)
  const came = await anna.go(back)
  expect([came.status, came.text]).toEqual([200, expect.stringContaining('url=/monitor')])
  expect(await me(anna)).toMatchObject({ name: 'anna', role: 'admin', by: 'oidc', session: true })
  expect([...anna.cookies.keys()]).toContain('hub-session')
  // The same way back once more: by this browser, which has forgotten how it began, and by one that has not.
  expect((await anna.go(back)).status).toBe(401)
  const thief = browser()
  for (const [name, value] of stolen) thief.cookies.set(name, value)
  const replayed = await thief.go(back)
  expect([replayed.status, replayed.text]).toEqual([401, expect.stringContaining('identity provider failed')])
  expect(thief.cookies.has('hub-session')).toBe(false)
  // A way back that another browser began, and one whose state was changed.
  const victim = browser()
  await victim.go(`${hub.url}/monitor/sign-in/oidc`)
  expect((await victim.go(await throughProvider(browser(), hub, 'anna'))).status).toBe(401)
  const changed = browser()
  const away = await throughProvider(changed, hub, 'anna')
  expect((await changed.go(away.replace(/state=[^&]+/, 'state=another'))).status).toBe(401)
  // Nor does another site's page begin it: the person is led to the button.
  for (const site of ['cross-site', 'same-site']) {
    const lured = await fetch(`${hub.url}/monitor/sign-in/oidc`, {
      headers: { 'sec-fetch-site': site },
      redirect: 'manual',
    })
    expect([lured.headers.get('location'), lured.headers.get('set-cookie')]).toEqual(['/monitor/sign-in', null])
  }
  // Without a browser that began there is nobody to come back.
  expect((await browser().go(`${hub.url}/monitor/sign-in/oidc/back?code=x&state=y`)).status).toBe(401)

  const bo = browser()
  expect((await bo.go(await throughProvider(bo, hub, 'bo'))).status).toBe(200)
  expect(await me(bo)).toMatchObject({ name: 'bo', role: 'operator', agencies: ['gacc', 'mofcom'] })
  for (const [login, said] of [
    ['carl', 'no group of carl'],
    ['operator', 'is not this person'],
  ] as const) {
    const one = browser()
    const refused = await one.go(await throughProvider(one, hub, login))
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining(said)])
  }
  const { audit } = await hub.ops<{ audit: { action: string; who: string; detail: object }[] }>('/ops/audit?who=anna')
  expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['operator.add', 'sign-in.done']))
})

test('an ID token with a wrong signature, nonce, audience, issuer or time opens nothing', async () => {
  const provider = await falseProvider()
  const httpPort = await freePort()
  const hub = await hubWith(provider.issuer, httpPort)
  async function tryIt(): Promise<number> {
    const one = browser()
    const { next } = await one.go(`${hub.url}/monitor/sign-in/oidc`)
    await one.go(next!)
    const state = new URL(next!).searchParams.get('state')!
    return (await one.go(`${hub.url}/monitor/sign-in/oidc/back?code=c&state=${state}`)).status
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const lies: Record<string, Parameters<typeof provider.answer>[0]> = {
    'alg none': (claims) => `${part({ alg: 'none' })}.${part(claims)}.`,
    'a changed body': async (claims) => {
      const [head, , signature] = (await provider.idToken(claims)).split('.')
      return `${head}.${part({ ...claims, preferred_username: 'eve' })}.${signature}`
    },
    'another nonce': (claims) => provider.idToken({ ...claims, nonce: 'another' }),
    'another audience': (claims) => provider.idToken({ ...claims, aud: 'other' }),
    'another issuer': (claims) => provider.idToken({ ...claims, iss: 'https://elsewhere.example' }),
    'a time that is over': (claims) => provider.idToken({ ...claims, exp: 1_000_000 }),
  }
  for (const [name, lie] of Object.entries(lies)) {
    provider.answer(lie)
    expect(await tryIt(), name).toBe(401)
  }
  provider.answer(provider.idToken)
  expect(await tryIt()).toBe(200)
})

test('ways back that somebody makes up are slowed as guesses are: the provider would turn the hub away', async () => {
  const provider = await falseProvider()
  const httpPort = await freePort()
  const hub = await hubWith(provider.issuer, httpPort)
  let asked = 0
  provider.answer(() => ((asked += 1), 'no token'))
  const one = browser()
  await one.go(`${hub.url}/monitor/sign-in/oidc`)
  const begun = new Map(one.cookies)
  const made = async () => {
    for (const [name, value] of begun) one.cookies.set(name, value)
    const state = (JSON.parse(Buffer.from(begun.get('hub-oidc')!, 'base64url').toString()) as { state: string }).state
    return (await one.go(`${hub.url}/monitor/sign-in/oidc/back?code=made-up&state=${state}`)).status
  }
  for (let n = 0; n < 10; n++) expect(await made()).toBe(401)
  expect(asked).toBe(10)
  // From now on one a second, and ten wait at most.
  const many = Array.from({ length: 15 }, made)
  const slowed = (all: Promise<number>[]) =>
    Promise.any(all.map(async (status) => ((await status) === 429 ? true : Promise.reject(new Error('taken')))))
  await slowed(many)
  expect(asked).toBeLessThan(20)
  // So are links to choose a password.
  const link = async (n: number) => (await asPage(hub, '/sign-in/welcome', { token: `${n}`.padStart(43, 'x') })).status
  await slowed(Array.from({ length: 15 }, (_, n) => link(n)))
})

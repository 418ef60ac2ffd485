// The people who work at the hub: how they come in, what their role lets them do, what the audit keeps of them, and
// acts that need two of them.
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readsWell } from '../support/axe.js'
import { launchChromium } from '../support/chromium.js'
import { cli, sample, type RunningHub } from '../support/hub.js'
import { run } from '../support/process.js'
import { asPage, codeOf, follow, password, type Person } from '../support/operators.js'
import { sharedHub } from '../support/shared-hub.js'
import { patienceMs, until } from '../support/until.js'

interface Entry {
  action: string
  who: string
  target: string
  why: string
  detail: Record<string, unknown>
}

describe('operators', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  beforeAll(async () => {
    ;({ hub, remove } = await sharedHub({
      config: { operators: { secondPerson: ['drop', 'rights'], idleMinutes: 30 } },
      env: { HUB_SWEEP_SECONDS: '1' },
    }))
    return remove
  })

  /** One admin makes accounts while two are asked for: who asks is `operator`, who approves is this one. */
  let wei: Person
  const approved = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const asked = await hub.ops<{ approval: { id: string } }>(path, body)
    const said = await asPage(hub, `/ops/approvals/${asked.approval.id}/approve`, {}, { cookie: wei.cookie })
    expect(said.status, JSON.stringify(said.body)).toBe(200)
    return JSON.parse(String(said.body.answer)) as Record<string, unknown>
  }
  async function person(name: string, role: string, agencies?: string[]): Promise<Person> {
    const { welcome } = (await approved('/ops/operators', { name, role, agencies })) as { welcome: { path: string } }
    return follow(hub, name, welcome.path)
  }
  const audit = async (query: string) => (await hub.ops<{ audit: Entry[] }>(`/ops/audit?${query}`)).audit
  const me = async (cookie: string) => fetch(`${hub.url}/monitor/ops/me`, { headers: { cookie } })
  const signIn = (who: Person, code: string, headers: Record<string, string> = {}) =>
    asPage(hub, '/sign-in/password', { name: who.name, password: who.password, code }, headers)
  async function deadLetter(n: number): Promise<string> {
    await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 1 })
    const xml = sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/(guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
      .replace(/(orderNo>)[^<]*/, `$1TESTTWO${n}`)
    const { messageId } = (await hub.send(xml)).receipts[0]!
    await until('the dead letter', async () => (await hub.state(messageId)) === 'failed')
    const { submissions } = await hub.read<{ submissions: { submissionId: string }[] }>(`/v1/messages/${messageId}`)
    return submissions[0]!.submissionId
  }

  test('the first admin comes by one command; the link is good once, and so is each code', async () => {
    const added = await hub.cli('operator', 'add', 'wei', '--role', 'admin')
    expect(added.code, added.stderr).toBe(0)
    const [, path] = /(\/monitor\/sign-in#welcome=\S+)/.exec(added.stdout)!
    const token = path!.replace(/^.*=/, '')
    expect((await asPage(hub, '/sign-in/welcome/choose', { token, password: 'short', code: '' })).body.code).toBe(
      'HUB_PASSWORD_WEAK',
    )
    expect((await asPage(hub, '/sign-in/welcome/choose', { token, password, code: '000000' })).body.code).toBe(
      'HUB_SIGN_IN_FAILED',
    )
    wei = await follow(hub, 'wei', path!)
    expect(wei.recoveryCodes).toHaveLength(10)
    expect((await asPage(hub, '/sign-in/welcome', { token })).status).toBe(410)
    expect(await (await me(wei.cookie)).json()).toMatchObject({
      name: 'wei',
      role: 'admin',
      by: 'password',
      session: true,
    })
    // The code the device was enrolled with is used up; the next one is good once; so is a recovery code.
    expect((await signIn(wei, codeOf(wei))).body.code).toBe('HUB_SIGN_IN_FAILED')
    const next = codeOf(wei, 1)
    const both = await Promise.all([signIn(wei, next), signIn(wei, next)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    expect((await signIn(wei, next)).status).toBe(401)
    const [recovery] = wei.recoveryCodes
    expect((await signIn(wei, recovery!.toLowerCase())).status).toBe(200)
    expect((await signIn(wei, recovery!)).status).toBe(401)
    expect((await signIn(wei, '')).status).toBe(401)
    expect((await signIn({ ...wei, password: `${password}!` }, wei.recoveryCodes[1]!)).status).toBe(401)
  })

  test('a session is a new one at each sign-in, in a cookie no script reads, and ends everywhere at once', async () => {
    const brought = 'hub-session=chosen-by-somebody-else-0123456789012345'
    const first = await signIn(wei, wei.recoveryCodes[2]!, { cookie: brought })
    expect(first.status).toBe(200)
    expect(first.setCookie).toMatch(/^hub-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((await me(brought)).status).toBe(401)
    // Signing in again from the same browser ends the session before.
    const second = await signIn(wei, wei.recoveryCodes[3]!, { cookie: first.cookie })
    expect([(await me(first.cookie)).status, (await me(second.cookie)).status]).toEqual([401, 200])
    // A session opens the monitor's calls, not those for programs.
    expect((await fetch(`${hub.url}/ops/me`, { headers: { cookie: second.cookie } })).status).toBe(401)
    const gone = await asPage(hub, '/sign-in/out', { everywhere: true }, { cookie: second.cookie })
    expect([gone.status, gone.setCookie]).toEqual([200, expect.stringContaining('Max-Age=0')])
    expect([(await me(second.cookie)).status, (await me(wei.cookie)).status]).toEqual([401, 401])
    wei = { ...wei, cookie: (await signIn(wei, wei.recoveryCodes[4]!)).cookie }
  })

  test('a call that comes with a cookie changes something only when a page of the hub makes it', async () => {
    const pause = (headers: Record<string, string>) =>
      fetch(`${hub.url}/monitor/ops/agencies/none/pause`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: wei.cookie, ...headers },
        body: JSON.stringify({ why: 'from another site' }),
      })
    const foreign = [
      {},
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
      { origin: hub.url, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ]
    for (const headers of foreign) {
      const refused = await pause(headers)
      const { code } = (await refused.json()) as { code: string }
      expect([refused.status, code], JSON.stringify(headers)).toEqual([403, 'HUB_CROSS_SITE'])
    }
    expect((await pause({ origin: hub.url })).status).toBe(404)
    expect((await pause({ 'sec-fetch-site': 'same-origin' })).status).toBe(404)
    // Nor is anybody signed in, or out, by another site's page.
    for (const path of ['password', 'key', 'out', 'welcome'])
      expect((await fetch(`${hub.url}/monitor/sign-in/${path}`, { method: 'POST', body: '{}' })).status, path).toBe(403)
  })

  test('every act has the person’s name, how that person had signed in, and from where', async () => {
    const key = (await approved('/ops/operators/wei/key', {})).secret as string
    await asPage(hub, '/ops/agencies/gacc/pause', { why: 'by wei on the page' }, { cookie: wei.cookie })
    await fetch(`${hub.url}/ops/agencies/gacc/resume`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ why: 'by wei with a key' }),
    })
    const acts = (await audit('who=wei&action=agency')).map(({ action, why, detail }) => ({ action, why, detail }))
    const from = (signedInBy: string) => expect.objectContaining({ signedInBy, address: '127.0.0.1' }) as object
    expect(acts).toEqual([
      { action: 'agency.resume', why: 'by wei with a key', detail: from('key') },
      { action: 'agency.pause', why: 'by wei on the page', detail: from('password') },
    ])
    expect((await audit('action=sign-in.done')).map(({ who }) => who)).toContain('wei')
    const filtered = await fetch(`${hub.url}/monitor/ops/audit?who=wei`, { headers: { cookie: wei.cookie } })
    const { audit: own } = (await filtered.json()) as { audit: Entry[] }
    expect(new Set(own.map(({ who }) => who))).toEqual(new Set(['wei']))
  })

  test('an act that needs two waits, is done once, and is never approved by who asked', async () => {
    const li = await person('li', 'operator')
    const submission = await deadLetter(1)
    const asked = await asPage(hub, `/ops/submissions/${submission}/drop`, { why: 'withdrawn' }, { cookie: li.cookie })
    expect([asked.status, asked.body.waiting]).toEqual([202, true])
    const { id } = asked.body.approval as { id: string }
    const dead = async () => JSON.stringify(await hub.ops('/ops/dead'))
    expect(await dead()).toContain(submission)
    const decide = (who: Person, verb: string, of = id) =>
      asPage(hub, `/ops/approvals/${of}/${verb}`, { why: 'seen' }, { cookie: who.cookie })
    expect((await decide(li, 'approve')).body.code).toBe('HUB_APPROVAL_OWN')
    // Of two who approve at once, one does.
    const both = await Promise.all([decide(wei, 'approve'), decide(wei, 'approve')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404])
    expect(both.find(({ status }) => status === 200)!.body).toMatchObject({
      state: 'done',
      status: 200,
      decidedBy: 'wei',
    })
    expect(await dead()).not.toContain(submission)
    expect((await audit(`target=${submission}&action=dead.drop`))[0]).toMatchObject({
      who: 'li',
      why: 'withdrawn',
      detail: { signedInBy: 'password', address: '127.0.0.1', approvedBy: 'wei' },
    })
    expect((await audit(`target=${id}`)).map(({ action, who }) => [action, who])).toEqual([
      ['approval.approve', 'wei'],
      ['approval.ask', 'li'],
    ])
    // What is declined is not done; and who has lost the right meanwhile does nothing any more.
    const other = await deadLetter(2)
    const drop = async () =>
      (await asPage(hub, `/ops/submissions/${other}/drop`, { why: 'x' }, { cookie: li.cookie })).body.approval as {
        id: string
      }
    expect((await decide(wei, 'decline', (await drop()).id)).body.state).toBe('declined')
    const late = await drop()
    await approved('/ops/operators/li/role', { role: 'viewer' })
    expect((await decide(wei, 'approve', late.id)).body).toMatchObject({ state: 'failed', status: 403 })
    expect(await dead()).toContain(other)
  })

  test('a guessed password is slowed and kept, and says nothing of which account there is', async () => {
    const wrong = await Promise.all(
      ['wei', 'nobody-here'].map((name) =>
        asPage(hub, '/sign-in/password', { name, password: 'x'.repeat(14), code: '1' }),
      ),
    )
    const plain = wrong.map(({ status, body: { instance: _id, ...body } }) => ({ status, body }))
    expect(plain[0]).toEqual({ ...plain[1], body: { ...plain[1]!.body, ...ids(plain[0]!.body) } })
    const kept = async () => (await audit('action=sign-in.failed')).some(({ target }) => target === 'nobody-here')
    await until('the failed sign-in is kept', kept)
  })

  test('a person sees where the account is signed in, and ends one session or all others; admins do too', async () => {
    interface Sessions {
      name: string
      sessions: { id: string; by: string; address: string; browser: string; current: boolean }[]
    }
    const mei = await person('mei-of-two', 'viewer')
    const enterBy = async (browser: string, code: string) => (await signIn(mei, code, { 'user-agent': browser })).cookie
    const phone = await enterBy('Phone/1.0', mei.recoveryCodes[0]!)
    const tablet = await enterBy('Tablet/1.0', mei.recoveryCodes[1]!)
    const ask = async (method: string, path: string, cookie: string) => {
      const headers = { cookie, origin: hub.url }
      const response = await fetch(`${hub.url}/monitor${path}`, { method, headers })
      return { status: response.status, ...((await response.json()) as Sessions) }
    }
    const seen = await ask('GET', '/ops/me/sessions', phone)
    expect(seen.sessions.map(({ browser, current }) => [browser, current])).toEqual(
      expect.arrayContaining([
        ['Phone/1.0', true],
        ['Tablet/1.0', false],
      ]),
    )
    expect(seen.sessions).toHaveLength(3)
    for (const one of seen.sessions) expect(one).toMatchObject({ by: 'password', address: '127.0.0.1' })
    // The list opens nothing: no id in it is a cookie, or another's to end.
    const { id } = seen.sessions.find(({ browser }) => browser === 'Tablet/1.0')!
    expect((await me(`hub-session=${id}`)).status).toBe(401)
    expect((await ask('DELETE', `/ops/me/sessions/${id}`, wei.cookie)).status).toBe(404)
    expect((await ask('GET', '/ops/operators/mei-of-two/sessions', phone)).status).toBe(403)

    expect((await ask('DELETE', `/ops/me/sessions/${id}`, phone)).sessions).toHaveLength(2)
    const statuses = async () => Promise.all([mei.cookie, phone, tablet].map(async (one) => (await me(one)).status))
    expect(await statuses()).toEqual([200, 200, 401])
    expect((await ask('DELETE', '/ops/me/sessions', phone)).sessions).toMatchObject([{ current: true }])
    expect(await statuses()).toEqual([401, 200, 401])

    const listed = await hub.cli('operator', 'sessions', 'mei-of-two', '--json')
    const [last] = (JSON.parse(listed.stdout) as Sessions).sessions
    expect([last!.browser, last!.current]).toEqual(['Phone/1.0', false])
    const ended = await hub.cli('operator', 'end-session', last!.id, 'mei-of-two', '--why', '设备遗失')
    expect(ended.code, ended.stderr).toBe(0)
    expect(await statuses()).toEqual([401, 401, 401])
    const kept = (await audit('target=mei-of-two&action=sign-in.ended')).map(({ who, why }) => [who, why])
    expect(kept).toEqual([['operator', '设备遗失'], ...[1, 2].map(() => ['mei-of-two', ''])])
  })

  test('a person changes the own password: the old one is asked, all other sessions of it end', async () => {
    const lin = await person('lin', 'viewer')
    const elsewhere = (await signIn(lin, lin.recoveryCodes[0]!)).cookie
    const change = (body: object, cookie = lin.cookie) => asPage(hub, '/ops/me/password', body, { cookie })
    const better = 'noch ein langer satz 9'
    expect((await change({ old: 'not the password', password: better })).body.code).toBe('HUB_PASSWORD_WRONG')
    for (const weak of ['short', 'lin-lin-lin-lin', password])
      expect((await change({ old: password, password: weak })).body.code, weak).toBe('HUB_PASSWORD_WEAK')
    expect([(await me(lin.cookie)).status, (await me(elsewhere)).status]).toEqual([200, 200])

    const done = await change({ old: password, password: better })
    expect([done.status, done.body]).toEqual([200, { name: 'lin', changed: true }])
    expect(done.setCookie).toMatch(/^hub-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(await Promise.all([lin.cookie, elsewhere, done.cookie].map(async (one) => (await me(one)).status))).toEqual([
      401, 401, 200,
    ])
    expect((await signIn(lin, lin.recoveryCodes[1]!)).status).toBe(401)
    expect((await signIn({ ...lin, password: better }, lin.recoveryCodes[1]!)).status).toBe(200)
    expect((await audit('target=lin')).slice(0, 12)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'operator.password-refused', who: 'lin' }),
        expect.objectContaining({
          action: 'operator.password',
          who: 'lin',
          detail: { own: true, signedInBy: 'password', address: '127.0.0.1' },
        }),
      ]),
    )

    // By the command line, with a key of the account; neither password stands in the process list.
    const { secret } = (await approved('/ops/operators/lin/key', {})) as { secret: string }
    const command = (input: string) =>
      run(process.execPath, [cli, 'operator', 'password'], {
        env: { ...process.env, HUB_URL: hub.url, HUB_OPS_KEY: secret },
        input,
      })
    expect((await command(`${password}\n${better}x\n`)).stderr).toContain('HUB_PASSWORD_WRONG')
    expect((await command(`${better}\n`)).stderr).toContain('New password')
    const said = await command(`${better}\n${better} 10\n`)
    expect([said.code, said.stderr]).toEqual([0, ''])
    expect((await me(done.cookie)).status).toBe(401)
    // Guessing the old one ends after a few.
    const guess = (old: string) =>
      fetch(`${hub.url}/ops/me/password`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ old, password: `${better} 11` }),
      })
    const answers = []
    for (let i = 0; i < 6; i++) answers.push((await guess(`wrong-${i}`)).status)
    expect(answers).toEqual([403, 403, 403, 403, 403, 429])
    expect((await guess(`${better} 10`)).status).toBe(429)
  })

  describe('on the monitor', () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await launchChromium()
      return () => browser.close()
    })
    async function open({
      cookie,
      locale = 'zh-CN',
      width = 1360,
    }: {
      cookie?: string
      locale?: string
      width?: number
    }) {
      const context = await browser.newContext({ locale, viewport: { width, height: 820 }, bypassCSP: true })
      onTestFinished(() => context.close())
      context.setDefaultTimeout(patienceMs)
      const [name, value] = (cookie ?? '').split('=')
      if (value) await context.addCookies([{ name: name!, value, url: hub.url }])
      return context.newPage()
    }
    let loads = 0
    const go = async (page: Page, path: string) => {
      // Loaded as a whole, not changed to: what stood there before is gone.
      await page.goto(`${hub.url}/monitor?load=${++loads}#/${path}`)
      await page.waitForSelector('main h1, main .verdict, main p.bad')
      await page.waitForSelector('main p.sparse:has-text("读取中")', { state: 'detached' })
    }

    test('a session is ended on the page; a page whose session has ended leads to the sign-in', async () => {
      const rui = await person('rui', 'viewer')
      const elsewhere = (await signIn(rui, rui.recoveryCodes[0]!)).cookie
      const [here, there] = [await open({ cookie: rui.cookie }), await open({ cookie: elsewhere })]
      await go(there, 'messages')
      await there.waitForSelector('.lamp:not(.lost)')
      await here.goto(`${hub.url}/monitor`)
      await here.click('#person')
      await here.click('dialog button:has-text("我的会话")')
      await here.click('main button:has-text("结束其他所有会话")')
      await here.waitForSelector('main tbody tr:only-child')
      expect(await here.textContent('main tbody')).toContain('当前')
      // Nobody touches the other page.
      await there.waitForSelector('input[name=password]')
      expect(new URL(there.url()).pathname).toBe('/monitor/sign-in')
    })

    test('whose clock is off is told so before a code is refused', async () => {
      const page = await open({ locale: 'en-GB' })
      await page.goto(`${hub.url}/monitor/sign-in`)
      await page.waitForSelector('input[name=code]')
      expect(await page.textContent('main')).not.toContain('clock')
      await page.addInitScript('{ const right = Date.now; Date.now = () => right() + 90_000 }')
      await page.reload()
      await page.waitForSelector('input[name=code]')
      expect(await page.textContent('main')).toMatch(/clock is (89|90|91) s off/)
    })

    test('who only looks sees no button that this role may not press; who acts sees them', async () => {
      const looks = await person('yan', 'viewer')
      const letter = await deadLetter(71)
      const { submissions } = await hub.ops<{ submissions: { submissionId: string; messageId: string }[] }>('/ops/dead')
      const { messageId } = submissions.find(({ submissionId }) => submissionId === letter)!
      const paths = [
        '',
        'attention',
        'agency/gacc',
        'partner/demo',
        'approvals',
        'operators',
        `message/${messageId}`,
        'audit',
      ]
      const buttons = async (cookie: string) => {
        const page = await open({ cookie })
        const all: string[] = []
        for (const path of paths) {
          await go(page, path)
          all.push(...(await page.locator('main button').allTextContents()))
          all.push(...(await page.locator('main input[type=checkbox]').all()).map(() => 'tick'))
        }
        return [...new Set(all.map((text) => text.replace(/ ·.*$/, '')))]
      }
      const seen = await buttons(looks.cookie)
      expect(seen.filter((text) => !['下载', '更多', '查询'].includes(text))).toEqual([])
      const acted = await buttons(wei.cookie)
      for (const word of ['暂停', '重发', '停用', '撤销', '显示个人信息', '新账号', 'tick'])
        expect(acted, word).toContain(word)
      // What has no button is refused all the same.
      const tried = await asPage(hub, '/ops/agencies/gacc/pause', { why: 'x' }, { cookie: looks.cookie })
      expect(tried.body.code).toBe('HUB_ROLE_FORBIDDEN')
    })

    test('signing in reads well on a telephone (each page, at a desk too: npm run test:pages)', async () => {
      const page = await open({ width: 390 })
      await page.goto(`${hub.url}/monitor`)
      await page.waitForSelector('input[name=password]')
      await page.click('summary')
      await readsWell(page, 'sign-in')
    })
  })

  test('disabled or signed out by an admin, a person is out at once; the last admin cannot be', async () => {
    const mei = await person('mei', 'viewer')
    expect((await me(mei.cookie)).status).toBe(200)
    expect((await hub.cli('operator', 'sign-out', 'mei')).code).toBe(0)
    expect((await me(mei.cookie)).status).toBe(401)
    const again = (await signIn(mei, mei.recoveryCodes[0]!)).cookie
    const stream = await fetch(`${hub.url}/monitor/events`, { headers: { cookie: again } })
    expect(stream.status).toBe(200)
    const ended = (async () => {
      for await (const chunk of stream.body!) void chunk
      return true
    })()
    expect((await hub.cli('operator', 'disable', 'mei', '--why', 'left')).code).toBe(0)
    expect((await me(again)).status).toBe(401)
    expect(await ended).toBe(true)
    expect((await signIn(mei, mei.recoveryCodes[1]!)).status).toBe(401)
    // Both may come in, so one may go; then the other is the last.
    const gone = await hub.cli('operator', 'disable', 'operator')
    expect(gone.code, gone.stderr).toBe(0)
    const last = await asPage(hub, '/ops/operators/wei/disable', {}, { cookie: wei.cookie })
    expect(last.body.code).toBe('HUB_LAST_ADMIN')
    expect((await hub.cli('operator', 'list')).stderr).toContain('operator key')
  })
})

/** What differs from answer to answer. */
const ids = (body: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => /^req_/.test(String(value))))

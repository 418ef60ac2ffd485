// The ops page in a real browser: what a person sees and clicks. Chromium is found on the machine; `node setup.mjs
// prepare` installs it where it may.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { readsWell } from '../support/axe.js'
import { launchChromium } from '../support/chromium.js'
import { root, sample, type RunningHub } from '../support/hub.js'
import { signingKey } from '../support/signing-certificates.js'
import { sharedHub } from '../support/shared-hub.js'
import { patienceMs, until } from '../support/until.js'

describe('the monitor', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  let browser: Browser
  beforeAll(async () => {
    ;({ hub, remove } = await sharedHub())
    browser = await launchChromium()
    return async () => {
      await browser.close()
      await remove()
    }
  })

  async function newPage(locale: string, over: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      httpCredentials: { username: 'ops', password: hub.env.HUB_OPS_KEY! },
      viewport: { width: 1360, height: 820 },
      locale,
      ...over,
    })
    context.setDefaultTimeout(patienceMs)
    return context.newPage()
  }
  /** One page for each language: a new one costs the browser more than what most tests do with it. */
  const kept = new Map<string, Promise<Page>>()
  async function keptPage(locale: string): Promise<Page> {
    if (!kept.has(locale)) kept.set(locale, newPage(locale))
    const page = await kept.get(locale)!
    onTestFinished(async () => {
      // What a test has chosen on it, and what it listens to, ends with the test.
      await page.evaluate('localStorage.clear()')
      await page.goto('about:blank')
    })
    return page
  }
  let loads = 0
  async function open(path = '', locale = 'zh-CN'): Promise<Page> {
    const page = await keptPage(locale)
    const trouble: string[] = []
    const note = (error: Error) => void trouble.push(error.message)
    page.on('pageerror', note)
    onTestFinished(() => {
      page.off('pageerror', note)
      expect(trouble).toEqual([])
    })
    await page.goto(`${hub.url}/monitor?load=${++loads}${path}`)
    return page
  }
  const send = async (file: string, change: (xml: string) => string = (xml) => xml) =>
    (await hub.send(change(sample(file).toString()))).receipts[0]!
  const again = (n: number) => (xml: string) =>
    xml
      .replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
      .replace(/(orderNo>)[^<]*/, `$1TESTMON${n}`)

  test('answers "is everything flowing?" first, and shows each agency in one line', async () => {
    const page = await open()
    await page.waitForSelector('.verdict[data-health=flowing]')
    expect(await page.textContent('.verdict h1')).toBe('运行正常')
    expect(await page.textContent('tr[data-key=gacc]')).toContain('海关总署')
    expect(await page.textContent('tr[data-key=gacc] .badge')).toBe('正常')
    await page.keyboard.press('l')
    await page.waitForSelector('text=Everything works')
  })

  test('asks for the operator’s key, and shows nothing without it', async () => {
    for (const path of ['', '/app.js', '/overview', '/events', '/ops/status'])
      expect((await fetch(`${hub.url}/monitor${path}`)).status, path).toBe(401)
    expect((await fetch(`${hub.url}/monitor/overview`)).headers.get('www-authenticate')).toMatch(/^Basic/)
  })

  test('finds a message by any of its numbers and tells its whole life, with its bytes and receipts', async () => {
    const { messageId } = await send('dec/DecMessage.xml')
    await hub.receiptsOf(messageId, (all) => all.filter((r) => r.status === 'released').length > 1)
    const { submissions } = await hub.read<{ submissions: { agencyReference: string }[] }>(`/v1/messages/${messageId}`)
    const page = await open()
    await page.waitForSelector('.verdict')
    await page.keyboard.press('/')
    await page.keyboard.type(submissions[0]!.agencyReference)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.line li')
    expect(page.url()).toContain(messageId)
    expect(await page.textContent('.line')).toMatch(/接收[\s\S]*技术回执[\s\S]*业务回执/)
    await page.click('main > p > details > summary')
    await page.waitForSelector('main > p pre:has-text("DecMessage")')
    // What a message holds is text, whatever it looks like.
    expect(await page.$$('main DecMessage')).toEqual([])
  })

  test('shows dead letters, and a person replays one with a reason that the audit keeps', async () => {
    await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 1 })
    const { messageId } = await send('ceb/CEB311Message.xml', again(1))
    await until('the dead letter', async () => (await hub.state(messageId)) === 'failed')
    const page = await open('#/attention')
    await page.click('section[data-kind=dead] button:has-text("重发")')
    await page.fill('dialog textarea', '主管部门已恢复')
    await page.click('dialog button.primary')
    await until('it is taken', async () => !['failed', 'accepted'].includes(await hub.state(messageId)))
    await page.goto(`${hub.url}/monitor#/audit`)
    await page.waitForSelector('td:has-text("主管部门已恢复")')
    expect(await page.textContent('tbody tr')).toContain('dead.replay')
  })

  test('pauses and resumes an agency with a reason, and everybody who looks sees it at once', async () => {
    const [page, colleague] = await Promise.all([open(), open('', 'en-GB')])
    const badge = (gate: string) => `tr[data-key=gacc] .badge[data-gate=${gate}]`
    await page.waitForSelector(badge('open'))
    await page.click('tr[data-key=gacc] button:has-text("暂停")')
    // Without a reason nothing happens.
    await page.click('dialog button.primary')
    expect(await page.isVisible('dialog')).toBe(true)
    await page.fill('dialog textarea', '海关来电要求暂停')
    await page.click('dialog button.primary')
    await page.waitForSelector(badge('paused'))
    await colleague.waitForSelector(badge('paused'))
    expect(await page.textContent('tr[data-key=gacc] .gate')).toBe('已暂停海关来电要求暂停')
    const { messageId } = await send('ceb/CEB311Message.xml', again(3))
    await colleague.waitForSelector('tr[data-key=gacc] td.n:nth-child(3):has-text("1")')
    expect((await hub.cli('agency', 'list')).stdout).toMatch(/gacc +paused/)
    expect(await hub.state(messageId)).toBe('accepted')
    // By keyboard: the row opens the agency's page, which says who paused it and why; its button lets it go on.
    for (let n = 0; n < 3; n++) await page.keyboard.press('k')
    while (!(await page.isVisible('tr[data-key=gacc]:focus'))) await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dl.facts dd:has-text("operator 于")')
    expect(await page.textContent('dl.facts')).toContain('海关来电要求暂停')
    expect(await page.textContent('dl.facts')).toMatch(/连接http · 正常|连接http/)
    await page.click('main button:has-text("恢复")')
    await page.keyboard.type('恢复')
    await page.click('dialog button.primary')
    await colleague.waitForSelector(badge('open'))
    await until('it is taken', async () => (await hub.state(messageId)) !== 'accepted')
    const { audit } = await hub.ops<{ audit: { action: string; who: string; why: string }[] }>('/ops/audit?target=gacc')
    expect(audit.slice(0, 2)).toMatchObject([
      { action: 'agency.resume', who: 'operator', why: '恢复' },
      { action: 'agency.pause', why: '海关来电要求暂停' },
    ])
  })

  test('shows a closed window with its end, and a breaker that opens and closes, without a reload', async () => {
    const page = await open('', 'en-GB')
    const badge = (gate: string) => page.waitForSelector(`tr[data-key=ccpit] .badge[data-gate=${gate}]`)
    await badge('open')
    const wall = (ms: number) => new Date(Date.now() + ms + 8 * 3_600_000).toISOString().slice(0, 16)
    const post = (path: string, body: object) => hub.ops(`/ops/agencies/ccpit${path}`, body)
    await post('/windows', { start: wall(-3_600_000), end: wall(3_600_000), why: 'moving house' })
    await badge('window')
    expect(await page.textContent('tr[data-key=ccpit] .gate')).toMatch(/→ \d\d.*moving house/)
    await post('/windows/clear', { why: 'over' })
    await badge('open')
    // Nobody answers at the address the agency is said to have; then the file is put right.
    const config = (url: string) =>
      writeFile(
        join(hub.dataDir, 'hub.yaml'),
        stringify({
          agencies: { ccpit: { url, retrySeconds: [0.2], breaker: { minimum: 1, openSeconds: [4, 1], probes: 1 } } },
        }),
      )
    await config('http://127.0.0.1:1')
    await until('the new address', async () => (await hub.log()).some(({ msg }) => msg === 'configuration reloaded'))
    const { status, receipts } = await hub.send(sample('coo/Certificate.xml'), {
      headers: { 'x-operation': '5.2.1.1.1' },
    })
    expect(status, JSON.stringify(receipts)).toBe(202)
    await badge('broken')
    expect(await page.textContent('tr[data-key=ccpit] .gate')).toMatch(/breaker open→ \d\d.*1 of 1 tries failed/)
    expect(await page.textContent('tbody tr')).toContain('ccpit')
    await config(`${hub.env.HUB_SIMULATOR_URL}/ccpit`)
    await badge('open')
    await hub.receiptsOf(receipts[0]!.messageId, (all) => all.some((r) => r.stage === 'business'))
  })

  test('an agency whose tries fail is failing; once its breaker is open the headline still says why', async () => {
    const reach = (breaker: object, url = 'http://127.0.0.1:1') =>
      stringify({ agencies: { gacc: { url, retrySeconds: [0.1], breaker } } })
    const trips = { minimum: 1, openSeconds: [3, 1], probes: 1 }
    const config = async (text: string) => {
      await writeFile(join(hub.dataDir, 'hub.yaml'), text)
      await hub.ops('/ops/config/reload', { why: '测试' })
    }
    await config(reach({ enabled: false }))
    const receipt = await send('ceb/CEB311Message.xml', again(41))
    const page = await open('', 'en-GB')
    const badge = (gate: string) => page.waitForSelector(`tr[data-key=gacc] .badge[data-gate=${gate}]`)
    await badge('failing')
    expect(await page.textContent('tr[data-key=gacc] .gate')).toMatch(
      /^failing.*the last \d+ tries failed, since .*HUB_AGENCY_UNAVAILABLE · connect ECONNREFUSED/,
    )
    const headline = /^Sending to General Administration of Customs fails/
    expect(await page.textContent('.verdict h1')).toMatch(headline)
    await config(reach(trips))
    await badge('broken')
    expect(await page.textContent('tr[data-key=gacc] .gate')).toMatch(/failed( within 60 s)?: connect ECONNREFUSED/)
    expect(await page.textContent('.verdict h1')).toMatch(headline)
    expect(await page.textContent('.verdict')).toMatch(/：the last \d+ tries failed.*ECONNREFUSED/)
    await config(reach(trips, `${hub.env.HUB_SIMULATOR_URL}/gacc`))
    await badge('open')
    await config('')
    await hub.receiptsOf(receipt.messageId, (all) => all.some((r) => r.stage === 'business'))
  })

  test('gives Prometheus every number that alerts and dashboards ask for', async () => {
    const given = new Set(
      [...(await (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text()).matchAll(/^# TYPE (\w+)/gm)].map(
        (m) => m[1]!,
      ),
    )
    const asked = ['alerts.yaml', 'grafana/hub.json'].flatMap((file) =>
      [...readFileSync(join(root, 'monitoring', file), 'utf8').matchAll(/\bhub_[a-z_]+/g)].map((m) =>
        m[0].replace(/_(bucket|sum|count)$/, ''),
      ),
    )
    expect(asked.length).toBeGreaterThan(30)
    expect([...new Set(asked)].filter((name) => !given.has(name))).toEqual([])
  })

  test('tells what passes while it is looked at, and follows by keyboard', async () => {
    const page = await open()
    await page.waitForSelector('.verdict')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForSelector('.tail')
    // What happened before is there already.
    await page.waitForSelector('.tail div .event')
    const { reference } = await send('ceb/CEB311Message.xml', again(2))
    await page.waitForSelector(`.tail a:has-text("${reference}")`)
    await page.waitForSelector('.tail span.good:has-text("已送达")')
    await page.fill('.filters input', reference)
    expect(await page.locator('.tail > div:visible').count()).toBeLessThan(await page.locator('.tail > div').count())
    await page.fill('.filters input', '')
    await page.click('h1')
    await page.keyboard.press('d')
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
  })

  test('finds messages by partner, state, agency and reference, and saves them as CSV', async () => {
    const first = await send('ceb/CEB311Message.xml', again(11))
    const second = await send('ceb/CEB311Message.xml', again(12))
    const page = await open('#/messages')
    await page.waitForSelector('tbody tr')
    await page.fill('input[name=begins]', '0000001')
    await page.selectOption('select[name=agency]', 'gacc')
    await page.click('main form button.primary')
    await page.waitForSelector('tbody tr:nth-child(2):last-child')
    expect(await page.locator('tbody tr td.code').allTextContents()).toEqual([second.reference, first.reference])
    expect(await page.textContent('tbody tr')).toContain('10.1.1.1.1')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("导出 CSV")')])
    const csv = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n')
    expect(csv).toHaveLength(3)
    expect(csv[1]).toContain(second.messageId)
    // A number that is no whole reference finds those that begin so.
    await page.fill('#q', '0000001')
    await page.press('#q', 'Enter')
    await page.waitForSelector('main p:has-text("2 条结果")')
    await page.click('tbody tr a')
    await page.waitForSelector('dl.facts')
    const facts = await page.textContent('dl.facts')
    expect(facts).toMatch(/10\.1\.1\.1\.1 \S+/)
    expect(facts).toContain('测试货运代理有限公司')
    expect(await page.textContent('main')).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
    expect(await page.textContent('.line')).toMatch(/在信箱中待企业收取，起始时间|企业已确认/)
  })

  test('several dead letters are replayed at once with one reason; an orphan is matched from candidates', async () => {
    await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 2 })
    const sent = [await send('ceb/CEB311Message.xml', again(21)), await send('ceb/CEB311Message.xml', again(22))]
    for (const { messageId } of sent) await until('dead', async () => (await hub.state(messageId)) === 'failed')
    const page = await open('#/attention/dead')
    await page.click('section[data-kind=dead] thead input[type=checkbox]')
    await page.click('.bulk button:has-text("重发")')
    expect(await page.textContent('dialog')).toContain('将再次向主管部门申报')
    expect(await page.textContent('dialog button.primary')).toBe('重发')
    await page.fill('dialog textarea', '故障已排除')
    await page.click('dialog button.primary')
    for (const { messageId } of sent)
      await until('taken', async () => !['failed', 'accepted'].includes(await hub.state(messageId)))

    await hub.simulator('POST', '/control', { documentType: 'DecMessage', hold: true })
    const declaration = await send('dec/DecMessage.xml', (xml) =>
      xml.replace(/(<ClientSeqNo>)[^<]*/, '$1TESTMON0000000099'),
    )
    await until('with customs', async () => (await hub.state(declaration.messageId)) !== 'accepted')
    await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
      method: 'POST',
      body: sample('dec/DEC_RESULT.xml').toString(),
      headers: { 'content-type': 'application/xml' },
    })
    await until('an orphan', async () => (await hub.ops<{ orphans: object[] }>('/ops/orphans')).orphans.length > 0)
    await page.goto(`${hub.url}/monitor#/attention/orphans`)
    await page.click('section[data-kind=orphans] button:has-text("认领")')
    await page.waitForSelector('dialog select')
    const choice = await page.locator('dialog option', { hasText: declaration.reference }).getAttribute('value')
    await page.selectOption('dialog select', choice)
    await page.fill('dialog textarea', '海关电话确认')
    await page.click('dialog button.primary')
    await hub.receiptsOf(declaration.messageId, (all) => all.some((r) => r.stage === 'business'))
    await hub.simulator('DELETE', '/control')
  })

  test('a partner’s page shows its mailbox and keys, takes a key back, and the audit has it', async () => {
    const { secret } = await hub.ops<{ secret: string }>('/ops/partners/demo/keys', { kind: 'http', label: '旧系统' })
    expect((await hub.get('/v1/messages', { key: secret })).status).toBe(200)
    const page = await open('#/partners')
    await page.click('tbody tr a:has-text("demo")')
    await page.waitForSelector('dl.facts')
    expect(await page.textContent('dl.facts')).toMatch(/信箱待收取/)
    await page.click('tr:has-text("旧系统") button')
    await page.fill('dialog textarea', '系统下线')
    await page.click('dialog button.primary')
    await until('it opens nothing', async () => (await hub.get('/v1/messages', { key: secret })).status === 401)
    await page.goto(`${hub.url}/monitor#/audit/${encodeURIComponent('action=partner')}`)
    await page.waitForSelector('tbody tr:has-text("系统下线")')
    const actions = await page.locator('tbody tr td:nth-child(3)').allTextContents()
    expect(actions.every((text) => text.includes('partner.'))).toBe(true)
    expect(actions.join()).toContain('撤销密钥')
  })

  test('the headline names the queue that does not move, and why: our import folder is not there', async () => {
    const gacc = { connector: 'folder', root: join(hub.dataDir, 'not-mounted') }
    await writeFile(join(hub.dataDir, 'hub.yaml'), stringify({ agencies: { gacc } }))
    await hub.ops('/ops/config/reload', { why: '测试' })
    await send('ceb/CEB311Message.xml', again(31))
    const page = await open()
    await page.waitForSelector('.verdict[data-health=stuck]')
    expect(await page.textContent('.verdict h1')).toBe('海关总署的队列停滞')
    expect(await page.textContent('.verdict')).toMatch(/连接未就绪：(没有 CEB311Message 的导入目录|目录或文件不存在)/)
    await page.waitForSelector('tr[data-key=gacc] .badge[data-gate=unready]')
    await page.click('.verdict a')
    await page.waitForSelector('dl.facts dd:has-text("folder")')
    await writeFile(join(hub.dataDir, 'hub.yaml'), '')
    await hub.ops('/ops/config/reload', { why: '测试' })
    await page.goto(`${hub.url}/monitor`)
    await page.waitForSelector('tr[data-key=gacc] .badge[data-gate=open]')
  })

  test('the first page reads well on a telephone (each page, at a desk too: npm run test:pages)', async () => {
    const page = await newPage('zh-CN', { bypassCSP: true, viewport: { width: 390, height: 844 } })
    onTestFinished(() => page.context().close())
    await page.goto(`${hub.url}/monitor`)
    await page.waitForSelector('main .verdict')
    await readsWell(page, 'first page')
  })

  const overview = <T>() => hub.read<T>('/monitor/overview', { key: hub.env.HUB_OPS_KEY! })
  /** The first page, of a hub that would tell this. */
  async function pageThatShows(shown: object): Promise<Page> {
    const page = await keptPage('en-GB')
    onTestFinished(() => page.unroute('**/monitor/events'))
    await page.route('**/monitor/events', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: `event: overview\ndata: ${JSON.stringify(shown)}\n\n`,
      }),
    )
    await page.goto(`${hub.url}/monitor?load=${++loads}`)
    return page
  }

  test.each([0, 20, 60])('stays readable with %i agencies', async (n) => {
    const seen = await overview<{ agencies: Record<string, unknown>[]; health: string }>()
    const gates = ['open', 'paused', 'window', 'broken', 'probing']
    const agencies = Array.from({ length: n }, (_, i) => ({
      ...seen.agencies[0],
      agency: `agency-${i}`,
      title: { zh: `测试部门${i}`, en: `Test authority ${i}` },
      queued: i * 997,
      oldestSeconds: i * 61,
      dead: i % 7 === 0 ? i : 0,
      gate: gates[i % 5],
      ...(i % 5 === 0
        ? {}
        : {
            gateWhy: 'what somebody wrote, at some length, about why this is so',
            gateUntil: new Date(Date.now() + i * 60_000),
          }),
      submitting: i % 9,
    }))
    const shown = { ...seen, agencies, health: n === 0 ? 'flowing' : 'stuck' }
    const page = await pageThatShows(shown)
    await page.waitForSelector(n === 0 ? '.sparse' : 'tbody tr')
    expect(await page.locator('tbody tr').count()).toBe(n)
    // Nothing stands out to the right, and each agency is one line.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".scroll")].every((box) => box.scrollWidth <= box.clientWidth)',
      ),
    ).toBe(true)
    if (n > 0)
      expect(
        await page.evaluate(
          'Math.max(...[...document.querySelectorAll("tbody tr")].map((row) => row.getBoundingClientRect().height))',
        ),
      ).toBeLessThan(48)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/monitor-${n}.png`, fullPage: true })
  })

  test('shows the hubs that work by one ledger, who is silent, and what nobody does', async () => {
    const seen = await overview<{ fleet: object }>()
    // A hub with its ledger for itself is alone, and the page does not speak of others.
    expect(seen.fleet).toMatchObject({ shared: false, hubs: [{ roles: ['doors', 'workers'] }], leases: [] })
    const at = Date.now()
    const before = (seconds: number) => new Date(at - seconds * 1000).toISOString()
    const hubOf = (process: string, roles: string[], silent: number) => ({
      process,
      roles,
      version: '0.1.0',
      startedAt: before(7200),
      seenAt: before(silent),
    })
    const lease = (name: string, holder?: string) => ({
      name,
      token: 1,
      takenAt: before(60),
      until: before(-5),
      ...(holder ? { holder } : {}),
    })
    const fleet = {
      self: 'hub-1:4711:a1b2c3',
      shared: true,
      hubs: [hubOf('hub-1:4711:a1b2c3', ['doors'], 1), hubOf('hub-2:4712:d4e5f6', ['deliver', 'poll'], 12)],
      leases: [
        lease('sweep', 'hub-1:4711:a1b2c3'),
        lease('retention', 'hub-2:4712:d4e5f6'),
        lease('fetch:gacc'),
        lease('sftp:1f', 'hub-1:4711:a1b2c3'),
        lease('sftp:2e', 'hub-2:4712:d4e5f6'),
      ],
    }
    const shown = { ...seen, at: new Date(at).toISOString(), fleet }
    const page = await pageThatShows(shown)
    const row = (process: string) => page.locator(`tr[data-key="hub ${process}"]`)
    await row('hub-1:4711:a1b2c3').waitFor()
    expect(await row('hub-1:4711:a1b2c3').innerText()).toMatch(/this one[\s\S]*0\.1\.0\s+doors\s[\s\S]*1 s\s+sweep/)
    expect(await row('hub-2:4712:d4e5f6').innerText()).toMatch(/deliver poll[\s\S]*12 s\s+retention/)
    const main = await page.locator('main').innerText()
    expect(main).toContain('No hub does this now: fetch:gacc')
    expect(main).toContain('different folders')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/monitor-hubs.png`, fullPage: true })
  })

  // Last, since what ends soon needs attention from here on.
  test('shows each key that signs and each certificate of a partner, with the days left', async () => {
    const [ours, theirs] = [await signingKey('rsa', { days: 20 }), await signingKey('sm2', { days: 200 })]
    const signers = [{ name: 'ukey', certFile: ours.certFile, keyFile: ours.keyFile }]
    await writeFile(join(hub.dataDir, 'hub.yaml'), stringify({ signers }))
    process.kill(hub.pid, 'SIGHUP')
    const page = await open()
    await page.waitForSelector('tr[data-key="signer ukey"] .badge.good')
    expect(await page.textContent('tr[data-key="signer ukey"]')).toMatch(/ukey可用.*文件.*19/)
    expect(await page.textContent('.verdict')).toMatch(/证书（.*CN=测试电商有限公司）还有 19 天到期/)

    await hub.ops('/ops/partners', { partnerId: 'demo', settings: { signatures: 'require' } })
    const certificate = { certificate: theirs.cert, use: 'signature', label: '账册系统' }
    await hub.ops('/ops/partners/demo/certificates', certificate)
    await page.goto(`${hub.url}/monitor#/partner/demo`)
    await page.waitForSelector('text=账册系统')
    expect(await page.textContent('dl.facts')).toContain('须加签且验签通过')
    const row = page.locator('tr', { hasText: '账册系统' })
    expect(await row.textContent()).toMatch(/199/)
    await row.locator('button.danger').click()
    await page.waitForSelector('dialog[open]')
    expect(await page.textContent('dialog[open]')).toContain('验签不通过')
  })
})

// Every page of the monitor by axe and by its width, at a desk and on a telephone. What the pages do is in
// tests/journeys.
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { readsWell } from '../support/axe.js'
import { launchChromium } from '../support/chromium.js'
import { sample, type RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { asPage, codeNow, follow, password, type Person } from '../support/operators.js'
import { sharedHub } from '../support/shared-hub.js'
import { patienceMs, until } from '../support/until.js'

let hub: RunningHub
let browser: Browser
/** One admin makes accounts while two are asked for: who asks is `operator`, who approves is this one. */
let wei: Person
beforeAll(async () => {
  const shared = await sharedHub({ config: { operators: { secondPerson: ['drop', 'rights'], idleMinutes: 30 } } })
  hub = shared.hub
  const added = await hub.cli('operator', 'add', 'wei', '--role', 'admin')
  const [, path] = /(\/monitor\/sign-in#welcome=\S+)/.exec(added.stdout)!
  wei = await follow(hub, 'wei', path!)
  await thingsToShow()
  browser = await launchChromium()
  return async () => {
    await browser.close()
    await shared.remove()
  }
})

/** A dead letter, an answer that belongs to nothing, a key, and what the audit keeps of it. */
async function thingsToShow(): Promise<void> {
  await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 1 })
  const { messageId } = (await hub.send(freshOrder())).receipts[0]!
  await until('the dead letter', async () => (await hub.state(messageId)) === 'failed')
  await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
    method: 'POST',
    body: sample('dec/DEC_RESULT.xml').toString(),
    headers: { 'content-type': 'application/xml' },
  })
  await until('an orphan', async () => (await hub.ops<{ orphans: object[] }>('/ops/orphans')).orphans.length > 0)
  await hub.ops('/ops/partners/demo/keys', { kind: 'http', label: '旧系统' })
  await hub.ops('/ops/agencies/ccpit/pause', { why: '主管部门来电要求暂停' })
}

interface Window {
  width: number
  height: number
  locale: string
  cookie?: string
  httpCredentials?: { username: string; password: string }
}
async function open({ cookie, width, height, ...options }: Window): Promise<Page> {
  const context = await browser.newContext({ ...options, viewport: { width, height }, bypassCSP: true })
  onTestFinished(() => context.close())
  context.setDefaultTimeout(patienceMs)
  const [name, value] = (cookie ?? '').split('=')
  if (value) await context.addCookies([{ name: name!, value, url: hub.url }])
  return context.newPage()
}
let loads = 0
async function go(page: Page, path: string): Promise<void> {
  // Loaded as a whole, not changed to: what stood there before is gone.
  await page.goto(`${hub.url}/monitor?load=${++loads}#/${path}`)
  await page.waitForSelector('main h1, main .verdict, main p.bad')
  await page.waitForSelector('main p.sparse:has-text("读取中")', { state: 'detached' })
}

test.each([
  ['a desk', 1360, 820],
  ['a telephone', 390, 844],
])('every page reads well on %s: nothing runs over the edge, axe finds nothing serious', async (_, width, height) => {
  const httpCredentials = { username: 'ops', password: hub.env.HUB_OPS_KEY! }
  const page = await open({ width, height, locale: 'zh-CN', httpCredentials })
  const { messageId } = (await hub.send(sample('ceb/CEB311Message.xml'))).receipts[0]!
  const refused = (await hub.send('<nothing/>')).receipts[0]!.messageId
  const pages = ['', 'attention', 'messages', 'partners', 'partner/demo', 'agency/gacc', 'tail', 'notices', 'audit']
  for (const path of [...pages, `message/${messageId}`, `message/${refused}`]) {
    await go(page, path)
    await readsWell(page, path)
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/${width}-${path.replace(/\W/g, '-')}.png`, fullPage: true })
  }
})

const approved = async (path: string, body: object): Promise<Record<string, unknown>> => {
  const asked = await hub.ops<{ approval: { id: string } }>(path, body)
  const said = await asPage(hub, `/ops/approvals/${asked.approval.id}/approve`, {}, { cookie: wei.cookie })
  expect(said.status, JSON.stringify(said.body)).toBe(200)
  return JSON.parse(String(said.body.answer)) as Record<string, unknown>
}

test.each([
  ['zh-CN', 1360],
  ['en-GB', 390],
])('signing in, accounts, approvals and one’s own password read well in %s', async (locale, width) => {
  await hub.ops('/ops/operators', { name: `axe-${width}`, role: 'viewer' })
  const invited = await approved('/ops/operators', { name: `new-${width}`, role: 'viewer' })
  const { path } = (invited as { welcome: { path: string } }).welcome
  const check = (page: Page, what: string) => readsWell(page, `${what} ${locale}`)
  const stranger = await open({ locale, width, height: 820 })
  await stranger.goto(`${hub.url}/monitor`)
  await stranger.waitForSelector('input[name=password]')
  await stranger.click('summary')
  await check(stranger, 'sign-in')
  await stranger.goto(`${hub.url}${path}`)
  await stranger.reload()
  await stranger.waitForSelector('svg.qr')
  await check(stranger, 'welcome')
  const totp = String(await stranger.textContent('main code'))
  await stranger.fill('input[name=password]', password)
  await stranger.fill('input[name=code]', codeNow(totp))
  await stranger.click('button.primary')
  await stranger.waitForSelector('.codes')
  await check(stranger, 'recovery codes')

  const page = await open({ cookie: wei.cookie, locale, width, height: 820 })
  await asPage(
    hub,
    '/sign-in/password',
    { name: wei.name, password: wei.password, code: wei.recoveryCodes[width === 390 ? 8 : 9]! },
    { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/146.0' },
  )
  for (const name of ['operators', 'approvals', 'sessions']) {
    await go(page, name)
    await check(page, name)
  }
  await page.waitForSelector('main td:has-text("Firefox · Linux")')
  await go(page, 'operators')
  await page.click('main button.primary')
  await page.waitForSelector('dialog[open]')
  await check(page, 'an approval asked')
  await page.keyboard.press('Escape')
  await page.click('#person')
  await page.click('dialog button:has-text("密码"), dialog button:has-text("password")')
  await page.waitForSelector('#change-password input[name=again]')
  await check(page, 'change of password')
  await page.fill('#change-password input[name=old]', 'not the password')
  for (const name of ['password', 'again'])
    await page.fill(`#change-password input[name=${name}]`, 'wieder ein satz 12')
  await page.click('#change-password button.primary')
  await page.waitForSelector('#change-password [role=alert]:not(:empty)')
})

// The ops page in a real browser: what a person sees and clicks. Chromium is found on the machine; `node setup.mjs prepare` installs it
// where it may.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', process.env.CHROMIUM ?? ''].find((path) => path !== '' && existsSync(path))

describe('the monitor', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  let browser: Browser
  beforeAll(async () => {
    ;({ hub, remove } = await sharedHub())
    browser = await chromium.launch({ executablePath: program ?? 'no chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM', args: ['--no-sandbox'] })
    return async () => {
      await browser.close()
      await remove()
    }
  })

  async function open(path = '', locale = 'zh-CN'): Promise<Page> {
    const context = await browser.newContext({ httpCredentials: { username: 'ops', password: hub.env.HUB_OPS_KEY! }, viewport: { width: 1360, height: 820 }, locale })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const trouble: string[] = []
    page.on('pageerror', (error) => trouble.push(error.message))
    onTestFinished(() => expect(trouble).toEqual([]))
    await page.goto(`${hub.url}/monitor${path}`)
    return page
  }
  const send = async (file: string, change: (xml: string) => string = (xml) => xml) => (await hub.send(change(sample(file).toString()))).receipts[0]!
  const again = (n: number) => (xml: string) => xml.replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`).replace(/(orderNo>)[^<]*/, `$1TESTMON${n}`)

  test('answers "is everything flowing?" first, and shows each agency in one line', async () => {
    const page = await open()
    await page.waitForSelector('.verdict[data-health=flowing]')
    expect(await page.textContent('.verdict h1')).toBe('一切正常')
    expect(await page.textContent('tbody tr')).toContain('海关总署')
    await page.keyboard.press('l')
    await page.waitForSelector('text=Everything is flowing')
  })

  test('asks for the operator’s key, and shows nothing without it', async () => {
    for (const path of ['', '/app.js', '/overview', '/events', '/ops/status']) expect((await fetch(`${hub.url}/monitor${path}`)).status, path).toBe(401)
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

  test('tells what passes while it is looked at, and follows by keyboard', async () => {
    const page = await open()
    await page.waitForSelector('.verdict')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForSelector('.tail')
    const { reference } = await send('ceb/CEB311Message.xml', again(2))
    await page.waitForSelector(`.tail a:has-text("${reference}")`)
    await page.waitForSelector('.tail span.good')
    await page.keyboard.press('d')
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
  })

  test.each([0, 20, 60])('stays readable with %i agencies', async (n) => {
    const context = await browser.newContext({ httpCredentials: { username: 'ops', password: hub.env.HUB_OPS_KEY! }, viewport: { width: 1360, height: 820 }, locale: 'en-GB' })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const response = await fetch(`${hub.url}/monitor/overview`, { headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` } })
    const seen = (await response.json()) as { agencies: Record<string, unknown>[]; health: string }
    const gates = ['open', 'paused', 'window', 'broken', 'probing']
    const agencies = Array.from({ length: n }, (_, i) => ({ ...seen.agencies[0], agency: `agency-${i}`, title: { zh: `测试部门${i}`, en: `Test authority ${i}` }, queued: i * 997, oldestSeconds: i * 61, dead: i % 7 === 0 ? i : 0, gate: gates[i % 5], submitting: i % 9 }))
    await page.route('**/monitor/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: `event: overview\ndata: ${JSON.stringify({ ...seen, agencies, health: n === 0 ? 'flowing' : 'stuck' })}\n\n` }))
    await page.goto(`${hub.url}/monitor`)
    await page.waitForSelector(n === 0 ? '.sparse' : 'tbody tr')
    expect(await page.locator('tbody tr').count()).toBe(n)
    // Nothing stands out to the right, and each agency is one line.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    if (n > 0) expect(await page.evaluate('Math.max(...[...document.querySelectorAll("tbody tr")].map((row) => row.getBoundingClientRect().height))')).toBeLessThan(48)
    if (process.env.HUB_SHOTS) await page.screenshot({ path: `${process.env.HUB_SHOTS}/monitor-${n}.png`, fullPage: true })
  })
})

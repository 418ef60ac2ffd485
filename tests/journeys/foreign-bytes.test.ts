// What partners and agencies write is data, by every door and in a real browser: it is saved, never run; and no other
// site's page acts with the password that the browser adds by itself.
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '../support/chromium.js'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { patienceMs } from '../support/until.js'

/** XHTML in a message that is refused, and kept all the same: in a page of the monitor it would run as the operator. */
const script = (type: string) =>
  `<?xml version="1.0"?><测试 xmlns:h="http://www.w3.org/1999/xhtml"><h:script ` +
  `type="${type}">document.documentElement.setAttribute('ran', 'yes'); ` +
  `fetch('/monitor/ops/partners/demo/keys', { method: 'POST', headers: { 'content-type': ` +
  `'application/json' }, body: '{"kind":"http","label":"stolen"}' })</h:script></测试>`

describe('bytes of others', () => {
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

  async function operatorsPage(): Promise<Page> {
    const context = await browser.newContext({
      httpCredentials: { username: 'ops', password: hub.env.HUB_OPS_KEY! },
      acceptDownloads: true,
    })
    onTestFinished(() => context.close())
    context.setDefaultTimeout(patienceMs)
    return context.newPage()
  }
  const asOperator = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(hub.url + path, {
      ...init,
      headers: {
        authorization: `Basic ${Buffer.from(`ops:${hub.env.HUB_OPS_KEY}`).toString('base64')}`,
        ...headers,
      },
    })
  const keysOfDemo = async () =>
    (await hub.ops<{ audit: { action: string }[] }>('/ops/audit?target=demo')).audit.filter(
      ({ action }) => action === 'partner.key',
    ).length

  test.each(['text/xml', 'application/octet-stream'])(
    'a script sent as %s does not run when the operator opens its address',
    async (type) => {
      const { status, receipts } = await hub.send(script('text/javascript'), { type })
      expect(status).toBe(422)
      const page = await operatorsPage()
      await page.goto(`${hub.url}/monitor`)
      for (const below of ['/ops', '/monitor/ops']) {
        await page
          .goto(`${hub.url}${below}/messages/${receipts[0]!.messageId}/content`)
          .catch((error: Error) => expect(error.message).toMatch(/ERR_ABORTED|Download is starting/))
        expect(await page.evaluate('document.documentElement.getAttribute("ran")')).toBeNull()
      }
      // Nor inside a page of the monitor: neither as a frame nor as a script.
      await page.goto(`${hub.url}/monitor`)
      const ran = await page.evaluate(async (address) => {
        const page = (
          globalThis as unknown as {
            document: { createElement(n: string): Record<string, unknown> } & {
              body: { append(e: unknown): void }
              documentElement: { getAttribute(n: string): string | null }
            }
          }
        ).document
        for (const [name, attribute] of [
          ['iframe', 'src'],
          ['script', 'src'],
          ['object', 'data'],
          ['embed', 'src'],
        ] as const)
          await new Promise((resolve) => {
            const element = page.createElement(name)
            element.onload = element.onerror = resolve
            element[attribute] = address
            page.body.append(element)
            setTimeout(resolve, 200)
          })
        return page.documentElement.getAttribute('ran')
      }, `/monitor/ops/messages/${receipts[0]!.messageId}/content`)
      expect(ran).toBeNull()
      expect(await keysOfDemo()).toBe(0)
    },
  )

  test('every way to bytes of others is a file to save, under a type that no page of the monitor shows', async () => {
    const { receipts } = await hub.send(sample('ceb/CEB621Message.xml'))
    const { messageId } = receipts[0]!
    const business = (await hub.receiptsOf(messageId, (all) => all.some((r) => r.body))).find((r) => r.body)!
    const edi = await hub.send(sample('edifact/CUSCAR-D00B-chinese.edi'), { type: 'application/edifact' })
    const partner = [
      `/v1/messages/${messageId}/content`,
      `/v1/messages/${messageId}/forwarded`,
      `/v1/messages/${edi.receipts[0]!.messageId}/acknowledgement`,
      `/v1/receipts/${business.receiptId}/body`,
      '/v1/catalogue/10.1.2.1.1/sample',
    ]
    for (const path of partner) {
      const response = await hub.get(path)
      expect([path, response.status]).toEqual([path, 200])
      inert(path, response)
      expect(response.headers.get('content-disposition'), path).toMatch(/^attachment; filename="[\w.-]+"$/)
    }
    // The hub's own XML quotes them.
    const receipt = await hub.get(`/v1/receipts/${business.receiptId}`, { accept: 'application/xml' })
    inert('receipt', receipt)
    expect(receipt.headers.get('content-disposition')).toBe('attachment')
    for (const below of ['/ops', '/monitor/ops']) {
      // As they are, with the persons named in them.
      const response = await asOperator(`${below}/messages/${messageId}/content?reveal=true&reason=test`)
      inert(below, response)
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
      expect(Buffer.from(await response.arrayBuffer()).equals(sample('ceb/CEB621Message.xml'))).toBe(true)
    }
    function inert(what: string, { headers }: Response) {
      expect(headers.get('x-content-type-options'), what).toBe('nosniff')
      expect(headers.get('cache-control'), what).toBe('no-store')
      expect(headers.get('content-security-policy'), what).toMatch(/(?=.*\bsandbox\b)(?=.*default-src 'none')/)
    }
  })

  test('every answer carries the security headers, whatever it is', async () => {
    const paths = [
      '/',
      '/healthz',
      '/readyz',
      '/metrics',
      '/docs',
      '/docs/json',
      '/nothing',
      '/v1/messages',
      '/v1/nothing',
      '/ops/status',
      '/monitor',
      '/monitor/app.js',
      '/monitor/queues',
      '/monitor/overview',
      '/monitor/ops/status',
      '/agency/gacc/receipts',
      '/%',
    ]
    for (const path of paths)
      for (const headers of [
        {},
        { authorization: `Basic ${Buffer.from(`ops:${hub.env.HUB_OPS_KEY}`).toString('base64')}` },
      ]) {
        const response = await fetch(hub.url + path, { headers })
        await response.body?.cancel()
        const told = Object.fromEntries(response.headers)
        expect(told, `${path} ${response.status}`).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
        })
        if (!path.startsWith('/docs')) expect(told['cache-control'], path).toBe('no-store')
      }
    for (const path of ['/v1/events', '/monitor/events']) {
      const stop = new AbortController()
      const stream = await fetch(hub.url + path, {
        signal: stop.signal,
        headers: { authorization: `Bearer ${path.startsWith('/v1') ? hub.env.HUB_KEY : hub.env.HUB_OPS_KEY}` },
      })
      expect(stream.headers.get('x-content-type-options')).toBe('nosniff')
      stop.abort()
    }
    expect(await raw('what is this\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 [\s\S]*x-content-type-options: nosniff[\s\S]*HUB_REQUEST_INVALID/,
    )
  })

  test('no page of another site acts as the operator', async () => {
    const change = { method: 'POST', body: '{"kind":"http"}' }
    const json = { 'content-type': 'application/json' }
    for (const below of ['/ops', '/monitor/ops'])
      for (const from of [
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
        { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
        { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' },
        { origin: 'https://elsewhere.example' },
        { origin: 'null' },
      ]) {
        const response = await asOperator(`${below}/partners/demo/keys`, { ...json, ...from }, change)
        expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'HUB_CROSS_SITE'])
      }
    const before = await keysOfDemo()
    const own = await asOperator(
      '/monitor/ops/partners/demo/keys',
      { ...json, origin: hub.url, 'sec-fetch-site': 'same-origin' },
      change,
    )
    expect([own.status, (await keysOfDemo()) - before]).toEqual([200, 1])

    // In a browser: the operator is signed in here, and looks at a page from there.
    const elsewhere = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(
        `<form id=f method=post enctype=text/plain action="${hub.url}/monitor/ops/agencies/gacc/pause">
         <input name='{"why":"' value='"}'></form>
         <img src="${hub.url}/monitor/ops/messages/msg_1/content">
         <script>
           const call = { method: "POST", mode: "no-cors", credentials: "include", body: '{"why":"x"}' }
           fetch("${hub.url}/monitor/ops/agencies/gacc/pause", call)
             .finally(() => document.getElementById("f").submit())
         </script>`,
      ),
    ).listen(0, '127.0.0.1')
    onTestFinished(() => void elsewhere.close())
    const page = await operatorsPage()
    await page.goto(`${hub.url}/monitor`)
    const refused = page.waitForResponse((r) => r.url().endsWith('/pause') && r.request().isNavigationRequest())
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`)
    expect((await refused).status()).toBe(403)
    expect((await hub.ops<{ audit: object[] }>('/ops/audit?target=gacc')).audit).toEqual([])
  })

  test.each(['/monitor', '/monitor/queues', '/docs'])('%s works without any other host', async (path) => {
    const page = await operatorsPage()
    const asked: string[] = []
    const refused: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    page.on(
      'console',
      (line) => void (/Content Security Policy|violates/i.test(line.text()) && refused.push(line.text())),
    )
    await page.goto(hub.url + path)
    await page.waitForSelector({ '/monitor': '.verdict', '/monitor/queues': 'text=gacc', '/docs': '.opblock' }[path]!)
    expect([...new Set(asked.filter((origin) => origin !== 'null'))]).toEqual([hub.url])
    expect(refused).toEqual([])
  })

  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let seen = ''
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1', () => socket.write(text))
      socket
        .on('data', (chunk) => (seen += String(chunk)))
        .on('close', () => resolve(seen))
        .on('error', reject)
    })
  }
})

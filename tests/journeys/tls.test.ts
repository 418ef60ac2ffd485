// The HTTP door behind TLS: what is spoken and what is not, a certificate renewed under open connections, and who
// speaks plain HTTP to it.
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { authority, type Authority } from '../support/certificates.js'
import { launchHub, sample, type RunningHub } from '../support/hub.js'
import { rawHttp } from '../support/raw-http.js'
import { handshake, tlsCall, type TlsCall } from '../support/tls-call.js'
import { newFolder } from '../support/temp.js'
import { until } from '../support/until.js'

describe('a hub with a certificate', () => {
  let hub: RunningHub
  let trusted: Authority
  let ca: Buffer
  let dir: string
  const key = () => ({ authorization: `Bearer ${hub.env.HUB_KEY}` })
  const call = (path: string, options: TlsCall = {}) => tlsCall(hub.url + path, { ca, ...options })
  /** Puts a certificate and its key where the hub looks, one after the other. */
  async function serve(name: string, names = 'DNS:hub.test,IP:127.0.0.1') {
    const { cert, key: secret } = await trusted.issue(name, names)
    await copyFile(secret, join(dir, 'door.key'))
    await copyFile(cert, join(dir, 'door.crt'))
  }

  beforeAll(async () => {
    const folder = await newFolder('tls')
    dir = folder.path
    trusted = await authority('Test Authority', dir)
    ca = await readFile(trusted.ca)
    await serve('first')
    hub = await launchHub({
      dataDir: dir,
      env: { HUB_TLS_CERT: join(dir, 'door.crt'), HUB_TLS_KEY: join(dir, 'door.key') },
    })
    return async () => {
      await hub.stop('SIGKILL')
      await folder.remove()
    }
  })

  test('takes a message over TLS and returns its receipts; browsers are told to come back by TLS', async () => {
    expect(hub.url).toMatch(/^https:/)
    const sent = await call('/v1/messages', {
      method: 'POST',
      headers: { ...key(), 'content-type': 'application/xml' },
      body: sample('dec/DecMessage.xml'),
    })
    expect(sent.status, sent.text).toBe(202)
    expect(sent.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
    const { messageId } = (sent.json.receipts as { messageId: string }[])[0]!
    const business = await until('the business receipt', async () => {
      const { json } = await call(`/v1/messages/${messageId}/receipts`, { headers: key() })
      return (json.receipts as { stage: string }[]).find(({ stage }) => stage === 'business')
    })
    expect(business).toMatchObject({ stage: 'business' })
    for (const path of ['/healthz', '/nothing', '/v1/nothing'])
      expect((await call(path)).headers['strict-transport-security'], path).toBe('max-age=31536000; includeSubDomains')
  })

  test('a session’s cookie goes by TLS alone, to this host alone, and no script reads it', async () => {
    const page = { origin: hub.url, 'content-type': 'application/json' }
    const body = JSON.stringify({ key: hub.env.HUB_OPS_KEY })
    const come = await call('/monitor/sign-in/key', { method: 'POST', headers: page, body })
    const [cookie] = come.headers['set-cookie'] as string[]
    expect(cookie).toMatch(/^__Host-hub-session=[\w.-]{43,}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    const [pair] = cookie!.split(';')
    expect((await call('/monitor/ops/me', { headers: { cookie: pair! } })).status).toBe(200)
    // A neighbour of the host can set a cookie without the prefix: it is nobody's session.
    expect((await call('/monitor/ops/me', { headers: { cookie: pair!.replace('__Host-', '') } })).status).toBe(401)
    const gone = await call('/monitor/sign-in/out', { method: 'POST', headers: { ...page, cookie: pair! }, body: '{}' })
    expect(String(gone.headers['set-cookie'])).toMatch(/^__Host-hub-session=; Path=\/; HttpOnly; Secure; .*Max-Age=0$/)
    expect((await call('/monitor/ops/me', { headers: { cookie: pair! } })).status).toBe(401)
  })

  test('TLS 1.3 and 1.2 with forward secrecy are spoken; TLS 1.1, and suites without it, are not', async () => {
    const weak = 'DEFAULT:@SECLEVEL=0'
    expect(await handshake(hub.url, { ca })).toMatch(/^TLSv1\.3 TLS_/)
    expect(await handshake(hub.url, { ca, maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 ECDHE-ECDSA-\S*(GCM|CHACHA20)/)
    for (const old of ['TLSv1', 'TLSv1.1'] as const)
      expect(await handshake(hub.url, { ca, minVersion: 'TLSv1', maxVersion: old, ciphers: weak }), old).toMatch(
        /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
      )
    for (const ciphers of [
      'AES128-SHA256',
      'ECDHE-ECDSA-AES128-SHA256',
      'DHE-RSA-AES128-GCM-SHA256',
      'PSK-AES128-CBC-SHA',
    ])
      expect(await handshake(hub.url, { ca, maxVersion: 'TLSv1.2', ciphers }), ciphers).toMatch(/^(ERR_SSL|ECONNRESET)/)
    expect((await call('/metrics')).text).toMatch(/^hub_tls_handshakes_failed_total\{reason="[^"]+"\} \d+$/m)
  })

  test('who speaks plain HTTP is told so in plain HTTP', async () => {
    const answer = await rawHttp(hub.url, {
      method: 'GET',
      path: '/v1/receipts',
      headers: [['Authorization', 'Bearer x']],
    })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'HUB_TLS_ONLY',
      remedy: { en: 'Use https:// in the address.' },
    })
    const none = await rawHttp(hub.url, { method: 'POST', body: Buffer.alloc(200_000, 'x'), path: '/v1/messages' })
    expect(JSON.parse(none.text)).toMatchObject({ code: 'HUB_TLS_ONLY' })
  })

  test('a renewed certificate is served to new connections; files that do not fit are not used', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
    const before = await call('/v1/receipts', { agent, headers: key() })
    const shown = async () => (await call('/healthz')).fingerprint

    const stranger = await trusted.issue('stranger')
    await copyFile(stranger.key, join(dir, 'door.key'))
    await until('the hub says that it cannot use them', async () =>
      /^hub_certificate_unusable 1$/m.test((await call('/metrics')).text),
    )
    expect(await shown()).toBe(before.fingerprint)
    await writeFile(join(dir, 'door.crt'), 'no certificate')
    expect(await shown()).toBe(before.fingerprint)

    // Asked before the change, answered after it, on the same connection.
    const polling = call('/v1/receipts?wait=3&after=999999999', { agent, headers: key() })
    await serve('second')
    await until('new connections get the new one', async () => (await shown()) !== before.fingerprint)
    const metrics = (await call('/metrics')).text
    expect(metrics).toMatch(/^hub_certificate_unusable 0$/m)
    expect(metrics).toMatch(/^hub_certificate_days_left\{of="http"\} 1$/m)
    expect(await polling).toMatchObject({ status: 200, fingerprint: before.fingerprint })
    expect(await call('/healthz', { agent })).toMatchObject({ status: 200, fingerprint: before.fingerprint })
    agent.destroy()
    const { json } = await call('/monitor/overview', { headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` } })
    expect(json).toMatchObject({ health: 'attention', certificates: [{ of: 'http', daysLeft: 1 }] })
  })

  test('hub doctor says how many days are left, and hub names what to set for an own authority', async () => {
    await writeFile(
      join(dir, 'hub.yaml'),
      `tls: { certFile: "${join(dir, 'door.crt')}", keyFile: "${join(dir, 'door.key')}" }\n`,
    )
    const again = JSON.parse((await hub.cli('doctor', '--json')).stdout) as {
      findings: { what: string; ok: boolean; detail: string }[]
    }
    await rm(join(dir, 'hub.yaml'))
    expect(again.findings.find(({ what }) => what === 'certificate')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/CN=second: 1 days left/) as string,
    })
    const status = await hub.cli('status')
    expect(status.code).toBe(1)
    expect(status.stderr).toContain('NODE_EXTRA_CA_CERTS')
  })
})

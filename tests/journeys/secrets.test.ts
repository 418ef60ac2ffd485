// Secrets stay secret: one is planted in every setting that takes one, and then everything that the hub says is
// searched for them.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startHub } from '../support/hub.js'
import { authority } from '../support/certificates.js'
import { freshOrder } from '../support/orders.js'
import { run } from '../support/process.js'
import { tlsCall } from '../support/tls-call.js'

/** Long enough for an operator's key, and found nowhere by chance. */
const planted = (what: string) => `PLANTED-${what}-0123456789-abcdefghijklmnop`

test('no secret is in the log, metrics, errors, receipts, the audit or what operators see', async () => {
  const trusted = await authority()
  const { cert, key } = await trusted.issue('hub', 'DNS:hub.test,IP:127.0.0.1')
  const encrypted = join(trusted.dir, 'encrypted.key')
  const passphrase = planted('passphrase')
  const sealed = await run('openssl', ['pkcs8', '-topk8', '-in', key, '-out', encrypted, '-passout', 'stdin'], {
    input: `${passphrase}\n`,
  })
  expect(sealed.code, sealed.stderr).toBe(0)
  const env = {
    TLS_PASSPHRASE: passphrase,
    HUB_WEBHOOK_KEY: planted('webhook'),
    KEY_OF_ANNA: planted('operator'),
    AGENCY_TOKEN: planted('agency'),
    AGENCY_PASSWORD: planted('password'),
    AGENCY_HEADER: planted('header'),
    CALLBACK_TOKEN: planted('callback'),
    OTLP_KEY: planted('tracing'),
    POLL_PASSWORD: planted('poll'),
  }
  const hub = await startHub({
    env,
    config: {
      tls: { certFile: cert, keyFile: encrypted, passphraseEnv: 'TLS_PASSPHRASE' },
      operators: [{ name: 'anna', keyEnv: 'KEY_OF_ANNA' }],
      tracing: { url: 'http://127.0.0.1:9/v1/traces', headersEnv: { authorization: 'OTLP_KEY' } },
      agencies: {
        default: {
          url: 'http://127.0.0.1:9',
          tokenEnv: 'AGENCY_TOKEN',
          callbackTokenEnv: 'CALLBACK_TOKEN',
          retrySeconds: [1],
        },
        mofcom: {
          url: 'http://127.0.0.1:9',
          user: 'u',
          passwordEnv: 'AGENCY_PASSWORD',
          headersEnv: { 'x-key': 'AGENCY_HEADER' },
        },
      },
    },
  })
  const ca = await readFile(trusted.ca)
  const call = (path: string, bearer?: string, body?: object | Buffer, type = 'application/json') =>
    tlsCall(hub.url + path, {
      ca,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
  const ops = (path: string, body?: object) => call(path, env.KEY_OF_ANNA, body)
  const said: [string, string][] = []
  const hear = async (what: string, answer: Promise<{ text: string; headers: object }>) => {
    const { text, headers } = await answer
    said.push([what, text + JSON.stringify(headers)])
  }

  // A partner with a key, a client secret, a password and a server of its own; a message on its way; tokens and wrong
  // keys at every door.
  const named = { partnerId: 'alpha', name: '测试企业', settings: { rights: ['*'] } }
  await hear('partner', ops('/ops/partners', named))
  const secrets: string[] = [hub.env.HUB_KEY!, hub.env.HUB_OPS_KEY ?? '', ...Object.values(env)].filter(Boolean)
  for (const kind of ['http', 'sftp', 'oauth']) {
    const { json } = await ops('/ops/partners/alpha/keys', { kind })
    secrets.push(String(json.secret))
  }
  const poll = { host: '127.0.0.1', port: 9, username: 'u', passwordEnv: 'POLL_PASSWORD', hostKey: 'SHA256:x' }
  await hear('poll', ops('/ops/partners', { partnerId: 'alpha', settings: { poll } }))
  const webhook = await ops('/ops/partners/alpha/webhook', { url: 'https://127.0.0.1:9/receipts?token=PLANTED-url' })
  if (typeof webhook.json.secret === 'string') secrets.push(webhook.json.secret)
  const sent = await call('/v1/messages', hub.env.HUB_KEY, freshOrder(), 'application/xml')
  said.push(['receipts', sent.text])
  await hear('wrong key', call('/v1/messages', 'hub_http_PLANTED-wrong-key'))
  await hear('agency', call('/agency/gacc/receipts', env.CALLBACK_TOKEN, Buffer.from('<broken'), 'application/xml'))
  await hear('error', call('/v1/messages', hub.env.HUB_KEY, Buffer.from('{'), 'application/json'))
  for (const path of ['/metrics', '/readyz', '/docs/json', '/healthz']) await hear(path, call(path))
  for (const path of [
    '/ops/status',
    '/ops/partners',
    '/ops/partners/alpha/keys',
    '/ops/agencies',
    '/ops/agencies/gacc',
    '/ops/audit',
    '/monitor/overview',
  ])
    await hear(path, ops(path))
  said.push(['process list', (await run('ps', ['-eo', 'args'])).stdout])
  const doctor = await run(process.execPath, ['dist/hub/cli/main.js', 'doctor'], {
    env: { ...process.env, ...env, HUB_DATA: hub.dataDir },
  })
  said.push(['doctor', doctor.stdout + doctor.stderr])
  await hub.stop()
  for (const name of await readdir(hub.dataDir))
    if (/\.(log|jsonl)$/.test(name)) said.push([name, await readFile(join(hub.dataDir, name), 'utf8')])

  expect(said.find(([what]) => what === 'hub.log')![1]).toContain('hub started')
  for (const [what, text] of said)
    for (const secret of [...secrets, 'PLANTED-wrong-key'])
      expect(text.includes(secret), `${secret.slice(0, 20)} in ${what}`).toBe(false)
})

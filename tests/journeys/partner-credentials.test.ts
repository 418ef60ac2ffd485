// Other ways to show who calls than a key: client certificates, tokens of /oauth2/token, and the addresses a partner
// may call from. Each is taken back at once, and none opens what is another's.
import { copyFile, readFile, stat } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { importJWK, SignJWT, type JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { authority, type Authority } from '../support/certificates.js'
import { launchHub, openSftp, type RunningHub } from '../support/hub.js'
import { newFolder } from '../support/temp.js'
import { tlsCall, type TlsCall } from '../support/tls-call.js'

let hub: RunningHub
let ours: Authority
let ca: Buffer
let dir: string
let n = 0

beforeAll(async () => {
  const folder = await newFolder('credentials')
  dir = folder.path
  ours = await authority('Test Authority', dir)
  ca = await readFile(ours.ca)
  const { cert, key } = await ours.issue('door', 'DNS:hub.test,IP:127.0.0.1')
  await copyFile(ours.ca, join(dir, 'clients.pem'))
  hub = await launchHub({
    dataDir: dir,
    config: {
      tls: { certFile: cert, keyFile: key, clientCertificates: 'ask', clientCaFile: join(dir, 'clients.pem') },
      http: { trustedProxies: ['127.0.0.2'] },
    },
  })
  return async () => {
    await hub.stop('SIGKILL')
    await folder.remove()
  }
})

const call = (path: string, options: TlsCall = {}) => tlsCall(hub.url + path, { ca, ...options })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
async function ops(method: string, path: string, body?: object) {
  const answer = await call(path, {
    method,
    headers: { ...bearer(hub.env.HUB_OPS_KEY!), ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return answer
}
async function partner(settings: object = {}, sshKeys: string[] = []): Promise<string> {
  const partnerId = `credentials-${++n}`
  const named = { partnerId, name: '测试企业', settings: { rights: ['*'], ...settings }, sshKeys }
  expect((await ops('POST', '/ops/partners', named)).status).toBe(200)
  return partnerId
}
async function secret(partnerId: string, kind: 'http' | 'oauth'): Promise<{ id: string; secret: string }> {
  const { status, json } = await ops('POST', `/ops/partners/${partnerId}/keys`, { kind })
  expect(status).toBe(200)
  return json as { id: string; secret: string }
}
const files = async ({ cert, key }: { cert: string; key: string }) => ({
  cert: await readFile(cert),
  key: await readFile(key),
})
const who = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json.code]

describe('a client certificate', () => {
  async function bind(partnerId: string, pem: Buffer, more: object = {}) {
    return ops('POST', `/ops/partners/${partnerId}/certificates`, { certificate: pem.toString(), ...more })
  }

  test('opens its partner’s door without a key, shows its last use, and ends when revoked', async () => {
    const p = await partner()
    const own = await files(await ours.issue('erp'))
    expect(who(await call('/v1/receipts', own))).toEqual([401, 'HUB_UNAUTHENTICATED'])
    const bound = await bind(p, own.cert)
    expect(bound.json).toMatchObject({ kind: 'certificate', subject: 'CN=erp', by: 'fingerprint' })
    expect((await call('/v1/receipts', own)).status).toBe(200)
    const { keys } = (await ops('GET', `/ops/partners/${p}/keys`)).json as { keys: Record<string, unknown>[] }
    expect(keys).toMatchObject([
      { id: bound.json.id, kind: 'certificate', label: expect.stringContaining('CN=erp') as string },
    ])
    expect(keys[0]).toMatchObject({ lastUsedAt: expect.any(String) as string, expiresAt: expect.any(String) as string })
    // Another of the same authority is nobody.
    expect((await call('/v1/receipts', await files(await ours.issue('other')))).status).toBe(401)
    // What it holds open ends with it, on the connection that it has.
    const agent = new Agent({ keepAlive: true, ca, ...own })
    const waiting = call('/v1/receipts?wait=50', { agent })
    await new Promise<void>((resolve) =>
      request(`${hub.url}/v1/receipts`, { agent }, (r) => r.resume().on('end', resolve)).end(),
    )
    const begun = performance.now()
    await ops('DELETE', `/ops/partners/${p}/keys/${String(bound.json.id)}`)
    expect(who(await waiting)).toEqual([401, 'HUB_UNAUTHENTICATED'])
    expect(performance.now() - begun, 'the poll would wait for fifty seconds').toBeLessThan(30_000)
    expect((await call('/v1/receipts', { agent })).status).toBe(401)
    agent.destroy()
  })

  test('known by subject and issuer opens for a renewed one, not for another authority’s', async () => {
    const p = await partner()
    const first = await files(await ours.issue('broker'))
    expect((await bind(p, first.cert, { by: 'subject' })).status).toBe(200)
    const renewed = await files(await ours.issue('broker'))
    expect(renewed.cert.equals(first.cert)).toBe(false)
    expect((await call('/v1/receipts', renewed)).status).toBe(200)
    const strangers = await authority('Test Authority')
    const forged = await files(await strangers.issue('broker'))
    expect((await call('/v1/receipts', forged)).status).toBe(401)
    // Nor can it be registered: nobody vouches for that name.
    expect(who(await bind(p, forged.cert, { by: 'subject' }))).toEqual([400, 'HUB_REQUEST_INVALID'])
    expect((await bind(p, forged.cert)).status).toBe(200)
    expect((await call('/v1/receipts', forged)).status).toBe(200)
  })

  test('can be required: then a key alone, and a key with the certificate of another, do not do', async () => {
    const [p, other] = [await partner({ certificate: 'require' }), await partner()]
    const [own, foreign] = [await files(await ours.issue('strict')), await files(await ours.issue('neighbour'))]
    await bind(p, own.cert)
    await bind(other, foreign.cert)
    const headers = bearer((await secret(p, 'http')).secret)
    expect(who(await call('/v1/receipts', { headers }))).toEqual([401, 'HUB_CERTIFICATE_REQUIRED'])
    expect(who(await call('/v1/receipts', { headers, ...foreign }))).toEqual([401, 'HUB_UNAUTHENTICATED'])
    expect((await call('/v1/receipts', { headers, ...own })).status).toBe(200)
    // A wrong key is not made right by a certificate.
    expect((await call('/v1/receipts', { headers: bearer('hub_http_wrong'), ...own })).status).toBe(401)
    expect(who(await bind(other, own.cert))).toEqual([400, 'HUB_REQUEST_INVALID'])
  })
})

describe('addresses', () => {
  const from = (localAddress: string, headers: Record<string, string>) =>
    new Promise<{ status: number; json: Record<string, unknown> }>((resolve, reject) => {
      request(`${hub.url}/v1/receipts`, { ca, localAddress, headers, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () =>
          resolve({ status: response.statusCode!, json: JSON.parse(text) as Record<string, unknown> }),
        )
      })
        .on('error', reject)
        .end()
    })

  test('a partner calls from its own addresses only; only named proxies are believed', async () => {
    const p = await partner({ addresses: ['192.0.2.0/24', '2001:db8::/32', '127.0.0.3'] })
    const headers = bearer((await secret(p, 'http')).secret)
    const forbidden = await from('127.0.0.1', headers)
    expect(who(forbidden)).toEqual([403, 'HUB_ADDRESS_FORBIDDEN'])
    expect(JSON.stringify(forbidden.json)).toContain('127.0.0.1')
    expect((await from('127.0.0.3', headers)).status).toBe(200)
    // Anybody can write this header; only a proxy that is named is believed.
    expect((await from('127.0.0.1', { ...headers, 'x-forwarded-for': '192.0.2.7' })).status).toBe(403)
    expect((await from('127.0.0.2', { ...headers, 'x-forwarded-for': '192.0.2.7' })).status).toBe(200)
    expect((await from('127.0.0.2', { ...headers, 'x-forwarded-for': '2001:db8::7' })).status).toBe(200)
    expect((await from('127.0.0.2', { ...headers, 'x-forwarded-for': '192.0.2.7, 198.51.100.1' })).status).toBe(403)
    const wrong = { partnerId: p, settings: { addresses: ['192.0.2.0/33'] } }
    expect(who(await ops('POST', '/ops/partners', wrong))).toEqual([400, 'HUB_REQUEST_INVALID'])
  })

  test('the same holds at the SFTP door, also for a session that is open', async () => {
    const keyFile = hub.env.HUB_SFTP_KEYFILE!
    const p = await partner({}, [(await readFile(`${keyFile}.pub`, 'utf8')).trim()])
    expect((await openSftp(hub.env, keyFile, p, 'ls\n')).code).toBe(0)
    await ops('POST', '/ops/partners', { partnerId: p, settings: { addresses: ['192.0.2.0/24'] } })
    expect((await openSftp(hub.env, keyFile, p, 'ls\n')).code).not.toBe(0)
  })
})

describe('tokens', () => {
  const form = (fields: Record<string, string> | string) => new URLSearchParams(fields).toString()
  const token = (body: string, headers: Record<string, string> = {}, more: TlsCall = {}) =>
    call('/oauth2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
      ...more,
    })
  const basic = (id: string, key: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(key)}`).toString('base64')}`,
  })
  const grant = { grant_type: 'client_credentials' }

  test('a client gets one by Basic or form, and loses it with its secret or its partner', async () => {
    const p = await partner()
    const client = await secret(p, 'oauth')
    const given = await token(form(grant), basic(client.id, client.secret))
    expect(given.json).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
    expect(given.headers['cache-control']).toBe('no-store')
    const inForm = await token(form({ ...grant, client_id: client.id, client_secret: client.secret }))
    expect(inForm.status).toBe(200)
    const headers = bearer(String(inForm.json.access_token))
    const answer = await call('/v1/receipts', { headers })
    expect(answer.status).toBe(200)
    expect(answer.headers['ratelimit-policy']).toMatch(/^"calls";q=2000;w=1, "bytes";q=67108864;w=1/)
    expect(answer.headers.ratelimit).toMatch(/^"calls";r=199\d;t=1, "bytes";r=\d+;t=1$/)
    // The partner is shut out and let in again; then the secret goes.
    await ops('POST', `/ops/partners/${p}/disable`, {})
    expect((await call('/v1/receipts', { headers })).status).toBe(401)
    await ops('POST', `/ops/partners/${p}/enable`, {})
    expect((await call('/v1/receipts', { headers })).status).toBe(200)
    const waiting = call('/v1/receipts?wait=30', { headers })
    await call('/v1/receipts', { headers })
    await ops('DELETE', `/ops/partners/${p}/keys/${client.id}`)
    expect((await waiting).status).toBe(401)
    expect((await call('/v1/receipts', { headers })).status).toBe(401)
    expect((await stat(join(dir, 'token-keys.json'))).mode & 0o777).toBe(0o600)
  })

  test('requests that are wrong are answered as RFC 6749 says, and other keys are no client secrets', async () => {
    const p = await partner()
    const [client, key] = [await secret(p, 'oauth'), await secret(p, 'http')]
    const good = basic(client.id, client.secret)
    const cases: [string, Promise<{ status: number; json: Record<string, unknown> }>, number, string][] = [
      ['no grant type', token('', good), 400, 'invalid_request'],
      ['another grant type', token(form({ grant_type: 'password' }), good), 400, 'unsupported_grant_type'],
      ['a field twice', token(`${form(grant)}&${form(grant)}`, good), 400, 'invalid_request'],
      ['a scope', token(form({ ...grant, scope: 'all' }), good), 400, 'invalid_scope'],
      ['the secret twice', token(form({ ...grant, client_secret: client.secret }), good), 400, 'invalid_request'],
      ['JSON', token(JSON.stringify(grant), { ...good, 'content-type': 'application/json' }), 400, 'invalid_request'],
      ['nobody', token(form(grant)), 401, 'invalid_client'],
      ['a wrong secret', token(form(grant), basic(client.id, 'hub_oauth_x')), 401, 'invalid_client'],
      ['the id of another', token(form(grant), basic(p, client.secret)), 401, 'invalid_client'],
      ['an HTTP key', token(form(grant), basic(key.id, key.secret)), 401, 'invalid_client'],
      ['a bearer', token(form(grant), bearer(client.secret)), 401, 'invalid_client'],
    ]
    for (const [what, answer, status, error] of cases) {
      const { status: got, json } = await answer
      expect([got, json.error], what).toEqual([status, error])
    }
    // And a client secret is no key.
    expect((await call('/v1/receipts', { headers: bearer(client.secret), localAddress: '127.0.2.3' })).status).toBe(401)
    expect((await call('/oauth2/token')).status).toBe(405)
  })

  test('a token that was forged, has expired, is signed otherwise or meant otherwise opens nothing', async () => {
    const p = await partner()
    const client = await secret(p, 'oauth')
    const given = await token(form(grant), basic(client.id, client.secret))
    const [head, body, signature] = String(given.json.access_token).split('.') as [string, string, string]
    const { keys } = JSON.parse(await readFile(join(dir, 'token-keys.json'), 'utf8')) as {
      keys: { kid: string; jwk: JWK }[]
    }
    const { kid, jwk } = keys[0]!
    const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const signed = async (over: object, key: JWK | Uint8Array = jwk, alg = 'EdDSA', typ = 'at+jwt') =>
      new SignJWT({ ...claims, ...over })
        .setProtectedHeader({ alg, typ, kid })
        .sign(key instanceof Uint8Array ? key : await importJWK(key, alg))
    const { privateKey } = await import('jose').then(({ generateKeyPair, exportJWK }) =>
      generateKeyPair('EdDSA', { extractable: true }).then(async (pair) => ({
        privateKey: await exportJWK(pair.privateKey),
      })),
    )
    const past = Math.floor(Date.now() / 1000) - 3600
    const wrong: [string, string][] = [
      ['its partner changed', `${head}.${b64({ ...claims, sub: 'demo' })}.${signature}`],
      ['no algorithm', `${b64({ alg: 'none', typ: 'at+jwt', kid })}.${body}.`],
      ['no algorithm, with a signature', `${b64({ alg: 'none', typ: 'at+jwt', kid })}.${body}.${signature}`],
      ['HMAC with the public key', await signed({}, Buffer.from(jwk.x!, 'base64url'), 'HS256')],
      ['HMAC with the public key as text', await signed({}, new TextEncoder().encode(jwk.x), 'HS256')],
      ['a stranger’s key under our name', await signed({}, privateKey)],
      [
        'a key that comes with it',
        `${b64({ alg: 'EdDSA', typ: 'at+jwt', jwk: { ...privateKey, d: undefined } })}.${body}.${signature}`,
      ],
      ['another kind of token', await signed({}, jwk, 'EdDSA', 'JWT')],
      ['another issuer', await signed({ iss: 'https://elsewhere.test' })],
      ['another audience', await signed({ aud: 'elsewhere' })],
      ['no end', await signed({ exp: undefined })],
      ['another client', await signed({ client_id: 'key_of_nobody' })],
      ['another partner', await signed({ sub: 'demo' })],
      ['not yet', await signed({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ]
    // Each from an address of its own: who guesses is slowed.
    for (const [i, [what, text]] of wrong.entries())
      expect(
        who(await call('/v1/receipts', { headers: bearer(text), localAddress: `127.0.1.${i + 1}` })),
        what,
      ).toEqual([401, 'HUB_UNAUTHENTICATED'])
    expect(
      who(
        await call('/v1/receipts', {
          headers: bearer(await signed({ exp: past, iat: past - 600 })),
          localAddress: '127.0.2.1',
        }),
      ),
    ).toEqual([401, 'HUB_TOKEN_EXPIRED'])
    expect((await call('/v1/receipts', { headers: bearer(await signed({})) })).status).toBe(200)
  })

  test('a token that was asked for with a certificate is of no use without it', async () => {
    const p = await partner()
    const client = await secret(p, 'oauth')
    const own = { ...(await files(await ours.issue('bound'))), localAddress: '127.0.2.2' }
    await ops('POST', `/ops/partners/${p}/certificates`, { certificate: own.cert.toString() })
    const given = await token(form(grant), basic(client.id, client.secret), own)
    const headers = bearer(String(given.json.access_token))
    expect((await call('/v1/receipts', { headers, ...own })).status).toBe(200)
    expect((await call('/v1/receipts', { headers })).status).toBe(401)
  })
})

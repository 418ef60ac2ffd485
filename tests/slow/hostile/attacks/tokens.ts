// tokens — access tokens that somebody made or found: no algorithm, another algorithm with the public key as its
// secret, a key of the forger's own, an end that is over, another audience, and one whose secret was taken back.
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose'
import { expect } from 'vitest'
import { until } from '../../../support/until.js'
import type { Attack, Ground } from '../attack.js'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const partOf = (token: string, n: number) =>
  JSON.parse(Buffer.from(token.split('.')[n]!, 'base64url').toString()) as Record<string, unknown>

async function issued({ hub }: Ground): Promise<{ token: string; clientId: string }> {
  const { id, secret } = await hub.ops<{ id: string; secret: string }>('/ops/partners/demo/keys', { kind: 'oauth' })
  const answer = await fetch(`${hub.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
  })
  return { token: ((await answer.json()) as { access_token: string }).access_token, clientId: id }
}

/** Many wrong keys in a minute wait for their look; what it comes to is asked for. */
async function answerTo({ hub }: Ground, token: string): Promise<number> {
  let status = 0
  await until(
    'an answer',
    async () => (status = (await hub.get('/v1/receipts', { key: token })).status) !== 429,
    60_000,
  )
  return status
}

/** By the hub's own key, as one would who has its file: only the claims are wrong. */
async function forgeries(ground: Ground, token: string): Promise<Record<string, string>> {
  const [header, claims] = [partOf(token, 0), partOf(token, 1)]
  const { keys } = JSON.parse(readFileSync(join(ground.hub.dataDir, 'token-keys.json'), 'utf8')) as {
    keys: { kid: string; jwk: JWK }[]
  }
  const { d: _secret, ...open } = keys[0]!.jwk
  const own = await importJWK(keys[0]!.jwk, 'EdDSA')
  const publicKey = createPublicKey({ key: open as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const forger = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const forgerRsa = await generateKeyPair('RS256')
  const now = Math.floor(Date.now() / 1000)
  const sign = (payload: JWTPayload, more: object, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', ...header, ...more }).sign(key)
  const hmac = (secret: string | Buffer) => {
    const said = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
    return `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`
  }
  return {
    'no algorithm': `${part({ ...header, alg: 'none' })}.${part(claims)}.AA`,
    'no algorithm, written otherwise': `${part({ ...header, alg: 'nOnE' })}.${part(claims)}.AA`,
    'HMAC with the public key (PEM)': hmac(String(publicKey)),
    'HMAC with the public key (bytes)': hmac(Buffer.from(open.x!, 'base64url')),
    'RSA of the forger': await sign(claims, { alg: 'RS256' }, forgerRsa.privateKey),
    'key of the forger in the header': await sign(
      claims,
      { jwk: await exportJWK(forger.publicKey), jku: 'http://127.0.0.1:9/jwks' },
      forger.privateKey,
    ),
    'another partner, same signature': token.replace(/\.[^.]+\./, `.${part({ ...claims, sub: 'neighbour' })}.`),
    'an end that is over': await sign({ ...claims, iat: now - 900, exp: now - 300 }, {}, own),
    'another audience': await sign({ ...claims, aud: 'urn:another:service' }, {}, own),
    'another issuer': await sign({ ...claims, iss: 'urn:another:hub' }, {}, own),
    'no end': await sign({ ...claims, exp: undefined as unknown as number }, {}, own),
    'a token of another kind': await sign(claims, { typ: 'JWT' }, own),
  }
}

const attack: Attack = {
  name: 'access tokens that are forged, over, or of somebody else',
  async run(ground) {
    const { hub } = ground
    const { token, clientId } = await issued(ground)
    expect(await answerTo(ground, token)).toBe(200)
    const forged = await forgeries(ground, token)
    for (const [what, one] of Object.entries(forged)) expect([what, await answerTo(ground, one)]).toEqual([what, 401])
    // Good all the while, and not a moment after its secret was taken back: it cannot be played again.
    expect(await answerTo(ground, token)).toBe(200)
    await fetch(`${hub.url}/ops/partners/demo/keys/${clientId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` },
    })
    expect(await answerTo(ground, token)).toBe(401)
    return {
      tried: `${Object.keys(forged).length + 1} tokens`,
      survived: 'each 401; the real one opened until revoked',
    }
  },
}
export default attack

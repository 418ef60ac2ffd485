// false-provider — an identity provider that lies: it answers the code flow with whatever ID token a test makes.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { onTestFinished } from 'vitest'

export interface FalseProvider {
  issuer: string
  /** The ID token of the next answer. */
  idToken: (claims: JWTPayload) => Promise<string>
  answer: (token: (claims: JWTPayload) => Promise<string> | string) => void
}

export async function falseProvider(): Promise<FalseProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const key = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'RS256', use: 'sig' }
  const signed = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'a' }).sign(privateKey)
  let token: (claims: JWTPayload) => Promise<string> | string = signed
  let nonce = ''
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x')
    const json = (body: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    if (url.pathname === '/.well-known/openid-configuration')
      return json({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
        code_challenge_methods_supported: ['S256'],
      })
    if (url.pathname === '/jwks') return json({ keys: [key] })
    if (url.pathname === '/auth') {
      nonce = url.searchParams.get('nonce') ?? ''
      return response.writeHead(204).end()
    }
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer,
      sub: 'person-1',
      aud: 'hub',
      iat: now,
      exp: now + 60,
      nonce,
      preferred_username: 'zhou',
      groups: ['admins'],
    }
    void Promise.resolve(token(claims)).then((id_token) =>
      json({ access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token }),
    )
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    idToken: signed,
    answer: (next) => (token = next),
  }
}

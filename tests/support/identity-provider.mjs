// identity-provider — a real OpenID Connect provider (oidc-provider) as a process of its own, for tests: its people are
// those of PEOPLE, by login name. It prints its address once it listens.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const people = JSON.parse(process.env.PEOPLE ?? '{}')
const [redirectUri] = process.argv.slice(2)
const server = createServer((request, response) => answer(request, response))
let answer = (_request, response) => response.writeHead(503).end()

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'hub',
        client_secret: 'secret-of-the-hub-at-this-provider',
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    // Claims in the ID token itself, as most companies' providers are set.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: `person-${id}`, ...people[id] }),
    }),
  })
  answer = provider.callback()
  console.log(JSON.stringify({ issuer }))
})

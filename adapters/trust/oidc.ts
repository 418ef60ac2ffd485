// oidc — signing in at an identity provider: OpenID Connect's code flow with PKCE, state and nonce. What comes back is
// believed only with the provider's signature, and only by who began.
import * as client from 'openid-client'
import { OidcError } from './oidc-error.js'

/** `operators.oidc` of hub.yaml, with the secret that it names. */
interface OidcSettings {
  issuer: string
  clientId: string
  /** Absent: a public client. */
  clientSecret?: string | undefined
  /** Where the provider sends the browser back to. */
  redirectUri: string
  scope: string
}

/** What the browser that began keeps until it comes back. */
export interface OidcBegun {
  state: string
  nonce: string
  verifier: string
}

/** Who has signed in at the provider, by an id token whose signature holds. */
interface OidcPerson {
  /** `issuer subject`: who it is, whatever the name. */
  id: string
  claims: Readonly<Record<string, unknown>>
}

const onLoopback = (url: string) => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url)
const timeoutSeconds = 10

/** The provider is asked for its configuration when somebody first signs in. */
export function createOidc({ issuer, clientId, clientSecret, redirectUri, scope }: OidcSettings) {
  let found: Promise<client.Configuration> | undefined

  /** Read once; a provider that was away is asked again. */
  function configuration(): Promise<client.Configuration> {
    found ??= client
      .discovery(
        new URL(issuer),
        clientId,
        undefined,
        clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
        {
          timeout: timeoutSeconds,
          execute: [
            // The signature of the ID token is looked at, although it comes over the provider's own connection.
            client.enableNonRepudiationChecks,
            ...(onLoopback(issuer) ? [client.allowInsecureRequests] : []),
          ],
        },
      )
      .catch((error: unknown) => {
        found = undefined
        throw new OidcError(`the provider does not answer (${reason(error)})`, { cause: error })
      })
    return found
  }

  return {
    /** Where the browser goes, and what it keeps meanwhile. @throws OidcError */
    async begin(): Promise<{ url: string; begun: OidcBegun }> {
      const config = await configuration()
      const begun = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, begun }
    },
    /**
     * Who came back.
     * @param query what stands behind the `?` of the address the browser was sent to
     * @throws OidcError when it is not who began, the code is no good, or the ID token is not the provider's
     */
    async end(query: string, { state, nonce, verifier }: OidcBegun): Promise<OidcPerson> {
      const config = await configuration()
      const back = new URL(redirectUri)
      back.search = query
      try {
        const tokens = await client.authorizationCodeGrant(config, back, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw new OidcError('the provider sent no ID token')
        return { id: `${claims.iss} ${claims.sub}`, claims }
      } catch (error) {
        if (error instanceof OidcError) throw error
        throw new OidcError(reason(error), { cause: error })
      }
    },
  }
}

export type Oidc = ReturnType<typeof createOidc>

/** In the library's words and the cause's; neither holds a token. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`.slice(0, 200)
}

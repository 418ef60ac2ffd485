// oidc-error — signing in at the identity provider did not work; the message says why, in words that hold no secret.

export class OidcError extends Error {
  override name = 'OidcError'
}

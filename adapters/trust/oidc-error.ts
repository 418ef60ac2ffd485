// oidc-error — signing in at the identity provider did not work; the message says why, in words that hold no secret.

/** The sign-in by an identity provider failed; the person who signs in sees its message. */
export class OidcError extends Error {
  override name = 'OidcError'
}

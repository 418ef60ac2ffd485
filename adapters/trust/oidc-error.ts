// oidc-error — signing in at the identity provider did not work; the message says why, in words that hold no secret.

/** Whoever is signing in is shown its message. */
export class OidcError extends Error {
  override name = 'OidcError'
}

// sign-bytes — the hub's signature over bytes it gives back, as channels are given it; absent where the hub does not
// sign.

/** `receipt`: the hub says it. `enclosure`: an agency's own bytes. Resolves with a detached JWS. */
export type SignBytes = (bytes: Uint8Array, as: 'receipt' | 'enclosure') => Promise<string>

// partner-book — who is calling? Partners by id and by secret, remembered for a few seconds so that a busy door does
// not ask the ledger at every call. A change of a partner forgets all, at once in this process and within seconds in
// others.
import type { Partner } from '../../messages/partner.js'
import type { KeyOwner, Ledger, SecretKind } from '../../store/ledger.js'
import { hashSecret } from '../base/secrets.js'

const rememberMs = 5_000
const rememberMost = 10_000

/** What the ledger does not know is remembered for some seconds too. */
export function createPartnerBook(ledger: Pick<Ledger, 'getPartner' | 'findBySecret' | 'secrets'>) {
  const memory = new Map<string, { partner: Promise<Partner | undefined>; until: number }>()
  const listeners = new Set<() => void>()

  function remember<P extends Partner>(key: string, find: () => Promise<P | undefined>): Promise<P | undefined> {
    const known = memory.get(key)
    if (known && known.until > performance.now()) return known.partner as Promise<P | undefined>
    if (memory.size >= rememberMost) memory.clear()
    const partner = find()
    memory.set(key, { partner, until: performance.now() + rememberMs })
    partner.catch(() => memory.delete(key))
    return partner
  }

  const stillGood = (owner: KeyOwner | undefined) =>
    owner?.expiresAt && owner.expiresAt.getTime() <= Date.now() ? undefined : owner

  async function byDigest(kind: SecretKind, hash: string): Promise<KeyOwner | undefined> {
    return stillGood(await remember(`${kind} ${hash}`, () => ledger.findBySecret(kind, hash)))
  }

  return {
    byId: (partnerId: string) => remember(`id ${partnerId}`, () => ledger.getPartner(partnerId)),
    /** Undefined for an unknown key, one that was revoked or has expired, and for every key of a disabled partner. */
    bySecret: (kind: SecretKind, secret: string) => byDigest(kind, hashSecret(secret)),
    byDigest,
    /**
     * The partner of a client secret, by the secret's id: for a token that was given for it. Undefined as for
     * `bySecret`.
     */
    async byClient(partnerId: string, clientId: string): Promise<KeyOwner | undefined> {
      const owner = await remember(`client ${partnerId} ${clientId}`, async () => {
        const [partner, secrets] = await Promise.all([ledger.getPartner(partnerId), ledger.secrets(partnerId)])
        const secret = secrets.find(({ secretId, kind }) => secretId === clientId && kind === 'oauth')
        if (!partner || partner.disabled || !secret) return undefined
        return { ...partner, secretId: clientId, ...(secret.expiresAt ? { expiresAt: secret.expiresAt } : {}) }
      })
      return stillGood(owner)
    },
    /** Something about a partner has changed: nothing remembered counts, and who holds something open looks again. */
    forget() {
      memory.clear()
      for (const listener of listeners) listener()
    },
    /** Told of every change, until the returned function is called. */
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

export type PartnerBook = ReturnType<typeof createPartnerBook>

// authenticate — which partner is calling? By a key, by a token of /oauth2/token, by a certificate, or by two of these
// that name the same partner; and from an address that it may call from.
import type { ShownCredentials } from '../../adapters/channels/http/credentials.js'
import { inRanges } from '../../adapters/trust/address-ranges.js'
import { looksLikeToken, type AccessTokens } from '../../adapters/trust/access-tokens.js'
import { HubError } from '../../messages/errors.js'
import type { KeyOwner } from '../../store/ledger.js'
import type { PartnerBook } from '../operate/partner-book.js'

interface AuthenticateParts {
  partners: Pick<PartnerBook, 'bySecret' | 'byDigest' | 'byClient'>
  tokens: Pick<AccessTokens, 'read' | 'issue'>
}

/** Undefined for what opens nothing; a HubError where it is known who calls, and that it may not come in. */
export function createAuthenticate({ partners, tokens }: AuthenticateParts) {
  async function ofCertificate(digests: readonly string[]): Promise<KeyOwner | undefined> {
    for (const digest of digests) {
      const owner = await partners.byDigest('certificate', digest)
      if (owner) return owner
    }
    return undefined
  }

  /** @throws HubError HUB_TOKEN_EXPIRED */
  async function ofToken(token: string, certificates: readonly string[]): Promise<KeyOwner | undefined> {
    const read = await tokens.read(token)
    if (read === 'expired') throw new HubError('HUB_TOKEN_EXPIRED')
    if (!read || (read.certificate !== undefined && !certificates.includes(read.certificate))) return undefined
    return partners.byClient(read.partnerId, read.clientId)
  }

  /** @throws HubError HUB_ADDRESS_FORBIDDEN, HUB_CERTIFICATE_REQUIRED: who it is, is known by then */
  function admitted(owner: KeyOwner, byCertificate: KeyOwner | undefined, address: string): KeyOwner {
    const { addresses, certificate } = owner.settings
    if (!inRanges(addresses, address)) throw new HubError('HUB_ADDRESS_FORBIDDEN', { address })
    if (certificate === 'require' && !byCertificate) throw new HubError('HUB_CERTIFICATE_REQUIRED')
    return owner
  }

  return {
    /**
     * Undefined: nobody. A wrong key is not made right by a certificate, nor a key by another partner's.
     * @throws HubError HUB_TOKEN_EXPIRED, HUB_ADDRESS_FORBIDDEN, HUB_CERTIFICATE_REQUIRED
     */
    async partner({ key, certificates, address }: ShownCredentials): Promise<KeyOwner | undefined> {
      const [byKey, byCertificate] = await Promise.all([
        key === undefined
          ? undefined
          : looksLikeToken(key)
            ? ofToken(key, certificates)
            : partners.bySecret('http', key),
        ofCertificate(certificates),
      ])
      if (key !== undefined && !byKey) return undefined
      if (byKey && byCertificate && byKey.partnerId !== byCertificate.partnerId) return undefined
      const owner = byKey ?? byCertificate
      return owner && admitted(owner, byCertificate, address)
    },
    /**
     * A token for the client that shows its secret. Undefined: no such client.
     * @throws HubError as `partner` does
     */
    async token(
      { clientId, secret }: { clientId: string; secret: string },
      { certificates, address }: Omit<ShownCredentials, 'key'>,
    ): Promise<{ owner: KeyOwner; token: string; seconds: number } | undefined> {
      const client = await partners.bySecret('oauth', secret)
      if (!client || client.secretId !== clientId) return undefined
      const byCertificate = await ofCertificate(certificates)
      if (byCertificate && byCertificate.partnerId !== client.partnerId) return undefined
      const owner = admitted(client, byCertificate, address)
      const [fingerprint] = byCertificate ? certificates : []
      const issued = await tokens.issue({
        partnerId: owner.partnerId,
        clientId,
        ...(fingerprint === undefined ? {} : { certificate: fingerprint }),
      })
      return { owner, ...issued }
    },
  }
}

// callers — who is calling, and not too often: the partner behind a bearer key, the operator, an agency; a token bucket for each partner.
import type { FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Partner } from '../../../messages/partner.js'
import { bearer } from './bearer.js'
import type { AgencyParts, OpsParts, PartnerParts } from './parts.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The partner whose key came with the call; set on every /v1 route. */
    partner: Partner
    /** The name behind the operator's key; set on every /ops route. */
    operator: string
  }
}

/** Bearer, or Basic with any user: a browser can only do the latter. */
function operatorSecret(request: FastifyRequest): string | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return basic === undefined
    ? bearer(request)
    : Buffer.from(basic, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
}

export function createCallers(
  {
    authenticate,
    operatorOf,
    agencyMaySpeak,
  }: Pick<PartnerParts, 'authenticate'> & Pick<OpsParts, 'operatorOf'> & Pick<AgencyParts, 'agencyMaySpeak'>,
  ratePerSecond: number,
  /** The caller has shown a key that is good. */
  known: (request: FastifyRequest) => void,
) {
  const buckets = new Map<string, { tokens: number; at: number }>()

  function spend(partnerId: string): void {
    const now = performance.now()
    const bucket = buckets.get(partnerId) ?? { tokens: ratePerSecond, at: now }
    bucket.tokens = Math.min(ratePerSecond, bucket.tokens + ((now - bucket.at) / 1000) * ratePerSecond)
    bucket.at = now
    buckets.set(partnerId, bucket)
    if (bucket.tokens < 1) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: 1 })
    bucket.tokens -= 1
  }

  return {
    async partner(request: FastifyRequest): Promise<void> {
      const key = bearer(request)
      const partner = key === undefined ? undefined : await authenticate(key)
      if (!partner) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      spend(partner.partnerId)
      request.partner = partner
    },
    async operator(request: FastifyRequest): Promise<void> {
      const secret = operatorSecret(request)
      const who = secret === undefined ? undefined : operatorOf(secret)
      if (who === undefined) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      request.operator = who
    },
    async agency(request: FastifyRequest): Promise<void> {
      if (!agencyMaySpeak((request.params as { agency: string }).agency, request.headers))
        throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
    },
  }
}

export type Callers = ReturnType<typeof createCallers>

// callers — who is calling, and not too often: the partner behind a bearer key, the operator, an agency; a token bucket for each partner.
import type { FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Partner } from '../../../messages/partner.js'
import { bearer } from './bearer.js'
import { createGuesses } from './guesses.js'
import type { AgencyParts, HttpDoorParts, OpsParts, PartnerParts } from './parts.js'

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
    signInFailed,
  }: Pick<PartnerParts, 'authenticate'> &
    Pick<OpsParts, 'operatorOf'> &
    Pick<AgencyParts, 'agencyMaySpeak'> &
    Pick<HttpDoorParts, 'signInFailed'>,
  ratePerSecond: number,
  /** The caller has shown a key that is good. */
  known: (request: FastifyRequest) => void,
) {
  const guesses = createGuesses()
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
      const address = request.ip
      const partner =
        key === undefined
          ? undefined
          : await guesses.attempt(
              { address, secret: key },
              () => authenticate(key),
              () => signInFailed({ door: 'partner', address }),
            )
      if (!partner) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      spend(partner.partnerId)
      request.partner = partner
    },
    async operator(request: FastifyRequest): Promise<void> {
      const secret = operatorSecret(request)
      const address = request.ip
      const who =
        secret === undefined
          ? undefined
          : await guesses.attempt(
              { address, secret },
              () => operatorOf(secret),
              () => signInFailed({ door: 'operator', address }),
            )
      if (who === undefined) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      request.operator = who
    },
    async agency(request: FastifyRequest): Promise<void> {
      const { ip: address, headers } = request
      const name = (request.params as { agency: string }).agency
      // An agency may show its token in any header it likes.
      const { date: _date, traceparent: _trace, 'content-length': _length, ...shown } = headers
      const speaks = await guesses.attempt(
        { address, name, secret: headers.authorization ?? JSON.stringify(shown) },
        () => agencyMaySpeak(name, headers) || undefined,
        () => signInFailed({ door: 'agency', address, name }),
      )
      if (!speaks) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
    },
  }
}

export type Callers = ReturnType<typeof createCallers>

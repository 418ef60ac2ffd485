// callers — who is calling, and not too often: the partner behind a bearer key, the operator, an agency.
import type { FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Partner } from '../../../messages/partner.js'
import type { Rates } from '../../../messages/rates.js'
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
  rates: Pick<Rates, 'call'>,
  /** The caller has shown a key that is good. */
  known: (request: FastifyRequest) => void,
) {
  const guesses = createGuesses()

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
      rates.call(partner)
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

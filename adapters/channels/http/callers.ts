// callers — who is calling, and not too often: the partner behind a bearer key, the operator, an agency.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Partner } from '../../../messages/partner.js'
import type { Rates } from '../../../messages/rates.js'
import { bearer } from './bearer.js'
import type { Client, ShownCredentials } from './credentials.js'
import { createGuesses } from './guesses.js'
import { limitHeaders } from './limit-headers.js'
import type { AgencyParts, HttpDoorParts, OpsParts, PartnerParts, SigningParts } from './parts.js'

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
    tokenFor,
    operatorOf,
    agencyMaySpeak,
    signAgent,
    signInFailed,
  }: Pick<PartnerParts, 'authenticate' | 'tokenFor'> &
    Pick<OpsParts, 'operatorOf'> &
    Pick<AgencyParts, 'agencyMaySpeak'> &
    Pick<SigningParts, 'signAgent'> &
    Pick<HttpDoorParts, 'signInFailed'>,
  rates: Pick<Rates, 'call' | 'left'>,
  shownBy: (request: FastifyRequest) => ShownCredentials,
  /** The caller has shown a key that is good. */
  known: (request: FastifyRequest) => void,
) {
  const guesses = createGuesses()

  /** Counts the call, and says in headers how much is left (draft-ietf-httpapi-ratelimit-headers-10), also where it is one too many. */
  function callOf(partner: Partner, reply: FastifyReply): void {
    try {
      rates.call(partner)
    } finally {
      for (const [name, value] of limitHeaders(rates.left(partner))) reply.raw.setHeader(name, value)
    }
  }

  /** Who was known and may not come in all the same is a sign-in that failed. */
  const noted = (failed: () => void) => (error: unknown) => {
    if (error instanceof HubError && (error.status === 401 || error.status === 403)) failed()
    throw error
  }

  return {
    async partner(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const shown = shownBy(request)
      const { key, certificates, address } = shown
      const failed = () => signInFailed({ door: 'partner', address })
      const secret = key ?? certificates[0]
      const partner =
        secret === undefined
          ? undefined
          : await guesses.attempt({ address, secret }, () => authenticate(shown), failed).catch(noted(failed))
      if (!partner) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      callOf(partner, reply)
      request.partner = partner
    },
    /** A client that asks for a token. @throws HubError */
    async client(
      request: FastifyRequest,
      reply: FastifyReply,
      client: Client,
    ): Promise<{ token: string; seconds: number }> {
      const shown = shownBy(request)
      const { address } = shown
      const name = client.clientId.slice(0, 64)
      const failed = () => signInFailed({ door: 'partner', address, name })
      const found = await guesses
        .attempt({ address, name, secret: client.secret }, () => tokenFor(client, shown), failed)
        .catch(noted(failed))
      if (!found) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      callOf(found.owner, reply)
      return found
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
    /** An agent that signs. Its token is looked up by the route. */
    async signer(request: FastifyRequest): Promise<void> {
      const token = bearer(request)
      const address = request.ip
      const agent =
        token === undefined
          ? undefined
          : await guesses.attempt(
              { address, secret: token },
              async () => signAgent(token),
              () => signInFailed({ door: 'signer', address }),
            )
      if (!agent) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
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

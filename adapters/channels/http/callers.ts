// callers — who is calling, and not too often: the partner behind a bearer key, the operator, an agency.
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { SignedIn, WaitingAct } from '../../../messages/operator.js'
import type { Partner } from '../../../messages/partner.js'
import type { Rates } from '../../../messages/rates.js'
import { bearer } from './bearer.js'
import type { ShownClient, ShownCredentials } from './credentials.js'
import { createGuesses } from './guesses.js'
import { limitHeaders } from './limit-headers.js'
import type { Cookies } from './cookies.js'
import type { HttpDoorParts } from './parts.js'
import type { CallerParts } from './parts/callers.js'
import type { OperatorsParts } from './parts/operators.js'
import type { SigningParts } from './parts/signing.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The partner whose key came with the call; set on every /v1 route. */
    partner: Partner
    /** The name of the account behind the call; set on every /ops route. */
    operator: string
    /** The account itself; set with it. */
    signedIn: SignedIn
  }
}

const passHeader = 'x-hub-approved'

/**
 * A browser adds a session's cookie by itself. So a call that changes something must say that a page of the hub makes
 * it.
 * @throws HubError HUB_CROSS_SITE
 */
function ownPageCalls(request: FastifyRequest): void {
  const { 'sec-fetch-site': site, origin } = request.headers
  // What says otherwise is refused before (refuseOtherSites); what says nothing is refused here.
  if (site !== 'same-origin' && origin === undefined) throw new HubError('HUB_CROSS_SITE')
}

/** The header of a call that the page makes by itself, since something has changed and no hand was on it lately. */
const byItselfHeader = 'x-hub-by-itself'

/** A page that is left open is no person at work: neither its calls nor its stream keep a session from being idle. */
const byItself = (request: FastifyRequest) =>
  request.headers[byItselfHeader] !== undefined || request.routeOptions.url === '/monitor/events'

/** Bearer, or Basic with any user: a browser can only do the latter. */
function operatorSecret(request: FastifyRequest): string | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return basic === undefined
    ? bearer(request)
    : Buffer.from(basic, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
}

/** Who calls, by what was shown: each guess is slowed, each call counted against its partner's rate. */
export function createCallers(
  {
    authenticate,
    tokenFor,
    operatorOf,
    accountNamed,
    signIn,
    agencyMaySpeak,
    signAgent,
    signInFailed,
    wrongKeys,
  }: Omit<CallerParts, 'partnersChanged' | 'callRefused'> &
    Pick<OperatorsParts, 'accountNamed'> &
    Pick<HttpDoorParts, 'signIn'> &
    Pick<SigningParts, 'signAgent'>,
  rates: Pick<Rates, 'call' | 'left'>,
  shownBy: (request: FastifyRequest) => ShownCredentials,
  /** The caller has shown a key that is good: this partner's, or no partner's. */
  known: (request: FastifyRequest, partnerId?: string) => void,
  cookies: Cookies,
) {
  const guesses = createGuesses({ shared: wrongKeys })

  /**
   * Counts the call, and says in headers how much is left (draft-ietf-httpapi-ratelimit-headers-10), also where it is
   * one too many.
   */
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

  const passes = new Map<string, WaitingAct>()
  const passOf = (request: FastifyRequest) => String(request.headers[passHeader] ?? '')

  async function operatorBehind(request: FastifyRequest, withCookies: boolean): Promise<SignedIn | undefined> {
    const act = passes.get(passOf(request))
    // Who asked for it may have lost the right meanwhile.
    if (act) return accountNamed(act.requestedBy)
    const secret = operatorSecret(request)
    const address = request.ip
    if (secret !== undefined)
      return guesses.attempt(
        { address, secret },
        () => operatorOf(secret),
        () => signInFailed({ door: 'operator', address }),
      )
    const cookie = withCookies ? cookies.read(request, 'hub-session') : undefined
    return cookie === undefined ? undefined : signIn.bySession(cookie)
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
      known(request, partner.partnerId)
      callOf(partner, reply)
      request.partner = partner
    },
    /** A client that asks for a token. @throws HubError */
    async client(
      request: FastifyRequest,
      reply: FastifyReply,
      client: ShownClient,
    ): Promise<{ token: string; seconds: number }> {
      const shown = shownBy(request)
      const { address } = shown
      const name = client.clientId.slice(0, 64)
      const failed = () => signInFailed({ door: 'partner', address, name })
      const found = await guesses
        .attempt({ address, name, secret: client.secret }, () => tokenFor(client, shown), failed)
        .catch(noted(failed))
      if (!found) throw new HubError('HUB_UNAUTHENTICATED')
      known(request, found.owner.partnerId)
      callOf(found.owner, reply)
      return found
    },
    /** With a key; `cookies`: or with a session. @throws HubError */
    async operator(request: FastifyRequest, { cookies: withCookies = false } = {}): Promise<void> {
      const who = await operatorBehind(request, withCookies)
      if (who === undefined) throw new HubError('HUB_UNAUTHENTICATED')
      known(request)
      if (who.session !== undefined) {
        if (request.method !== 'GET' && request.method !== 'HEAD') ownPageCalls(request)
        if (!byItself(request)) await signIn.used(who.session)
      }
      request.operator = who.name
      request.signedIn = who
    },
    /** Does who opened a stream still have a right to it? */
    async stillIn(request: FastifyRequest): Promise<boolean> {
      const { session, name } = request.signedIn
      if (session === undefined) return (await accountNamed(name)) !== undefined
      const cookie = cookies.read(request, 'hub-session')
      return cookie !== undefined && (await signIn.bySession(cookie)) !== undefined
    },
    /** @throws HubError HUB_CROSS_SITE unless a page of the hub makes the call, and says so */
    ownPage: ownPageCalls,
    /** A try to sign in; slowed by address and name as keys are. */
    guess<T>(
      request: FastifyRequest,
      { name, secret }: { name?: string; secret: string },
      look: () => Promise<T | undefined>,
    ): Promise<T | undefined> {
      const address = request.ip
      const who = { address, ...(name === undefined ? {} : { name }) }
      return guesses.attempt({ ...who, secret }, look, () => signInFailed({ door: 'operator', ...who }))
    },
    failed: (request: FastifyRequest) => signInFailed({ door: 'operator', address: request.ip }),
    /** Makes the call of an act that was approved: its request comes in by `inject`, with a pass nobody else has. */
    passFor(act: WaitingAct): { header: string; value: string; end: () => void } {
      const value = randomBytes(32).toString('base64url')
      passes.set(value, act)
      return { header: passHeader, value, end: () => passes.delete(value) }
    },
    /** The act this request is the call of. */
    approvedAct: (request: FastifyRequest): WaitingAct | undefined => passes.get(passOf(request)),
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

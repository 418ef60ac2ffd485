// sign-in-routes — how a person comes to a session of the monitor, and leaves it. Open to everybody; each guess is
// slowed, and no call of another site's page is taken.
import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import type { SessionFrom } from '../../../../messages/operator.js'
import * as view from '../../../../messages/views/index.js'
import type { OidcBegun } from '../../../trust/oidc.js'
import type { Door } from '../app.js'
import type { Callers } from '../callers.js'
import type { Cookies } from '../cookies.js'
import type { SessionBegun, SignInParts } from '../parts/sign-in.js'
import { sendErrorPage, sendPage } from '../plain-page.js'
import { refuseOtherSites } from '../security-headers.js'

const closed = { additionalProperties: false } as const
const password = Type.String({ minLength: 1, maxLength: 200 })
const code = Type.String({ maxLength: 40, description: 'Six digits of the device, or a recovery code; else empty' })
const token = Type.String({ minLength: 20, maxLength: 100, description: 'From the link' })
const ByPassword = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), password, code: Type.Optional(code) },
  closed,
)
const ByKey = Type.Object({ key: Type.String({ minLength: 1, maxLength: 500 }) }, closed)
const Token = Type.Object({ token }, closed)
const Choice = Type.Object({ token, password, code: Type.Optional(code) }, closed)
const Leaving = Type.Object({ everywhere: Type.Optional(Type.Boolean({ description: 'All sessions' })) }, closed)
/** The way to the provider and back takes no longer. */
const oidcSeconds = 600
const schema = { hide: true }
const root = '/monitor/sign-in'

/**
 * `/monitor/sign-in`: the ways in, password, key, the link to choose a password, and the identity provider. One
 * answer, HUB_SIGN_IN_FAILED, says that something shown is wrong, and not what.
 */
export function signInRoutes(
  app: Door,
  { signIn }: { signIn: SignInParts },
  { callers, cookies }: { callers: Callers; cookies: Cookies },
): void {
  // A call that changes something says that a page of the hub made it; also the one that begins a session, lest
  // somebody be signed in as another.
  app.addHook('onRequest', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    refuseOtherSites(request, { pages: false })
    callers.ownPage(request)
  })

  /** The old session of this browser, if there is one, ends: a new one never continues it. */
  async function begun(request: FastifyRequest, reply: FastifyReply, session: SessionBegun): Promise<void> {
    const old = cookies.read(request, 'hub-session')
    const who = old === undefined ? undefined : await signIn.bySession(old)
    if (who?.session !== undefined) await signIn.signOut({ name: who.name, session: who.session, everywhere: false })
    cookies.session(reply, session.cookie)
  }
  /**
   * As guesses are: each way back asks the provider in the hub's name, which would turn the hub away before it turned
   * away whoever makes them up.
   */
  async function slowed(request: FastifyRequest, end: () => Promise<SessionBegun>): Promise<SessionBegun> {
    let why: unknown
    const session = await callers.guess(request, { secret: randomUUID() }, () =>
      end().catch((error: unknown) => void (why = error)),
    )
    if (!session) throw why
    return session
  }
  /** A link that opens nothing is a guess too. What else may be wrong is for who has the link. */
  async function byLink<T>(request: FastifyRequest, secret: string, work: () => Promise<T>): Promise<T> {
    const done = await callers.guess(request, { secret }, () =>
      work().then(
        (made) => ({ made }),
        (error: unknown) => {
          if (error instanceof HubError && error.code === 'HUB_WELCOME_OVER') return undefined
          throw error
        },
      ),
    )
    if (!done) throw new HubError('HUB_WELCOME_OVER')
    return done.made
  }
  const told = ({ name }: SessionBegun) => ({ signedIn: true as const, name })

  app.get(`${root}/ways`, { schema: { ...schema, response: { 200: view.SignInWays } } }, async () => signIn.ways())
  app.post(
    `${root}/password`,
    { schema: { ...schema, body: ByPassword, response: { 200: view.SignedInView } } },
    async (request, reply) => {
      const { name, password: secret, code: shown = '' } = request.body
      const session = await callers.guess(request, { name, secret: `${name}\n${secret}\n${shown}` }, () =>
        signIn.byPassword({ name, password: secret, code: shown.trim() }, sessionFrom(request)),
      )
      if (!session) throw new HubError('HUB_SIGN_IN_FAILED')
      await begun(request, reply, session)
      return told(session)
    },
  )
  app.post(
    `${root}/key`,
    { schema: { ...schema, body: ByKey, response: { 200: view.SignedInView } } },
    async (request, reply) => {
      const { key } = request.body
      const session = await callers.guess(request, { secret: key }, () => signIn.byKey(key, sessionFrom(request)))
      if (!session) throw new HubError('HUB_SIGN_IN_FAILED')
      await begun(request, reply, session)
      return told(session)
    },
  )
  app.post(`${root}/welcome`, { schema: { ...schema, body: Token, response: { 200: view.Welcome } } }, (request) =>
    byLink(request, request.body.token, () => signIn.welcome(request.body.token)),
  )
  app.post(
    `${root}/welcome/choose`,
    { schema: { ...schema, body: Choice, response: { 200: view.SignedInView } } },
    async (request, reply) => {
      const { code: shown = '', ...rest } = request.body
      const session = await byLink(request, rest.token, () =>
        signIn.choose({ ...rest, code: shown.trim() }, sessionFrom(request)),
      )
      await begun(request, reply, session)
      return { ...told(session), ...(session.recoveryCodes ? { recoveryCodes: session.recoveryCodes } : {}) }
    },
  )
  app.post(
    `${root}/out`,
    { schema: { ...schema, body: Leaving, response: { 200: view.SignedOut } } },
    async (request, reply) => {
      const cookie = cookies.read(request, 'hub-session')
      const who = cookie === undefined ? undefined : await signIn.bySession(cookie)
      if (who?.session !== undefined)
        await signIn.signOut({
          name: who.name,
          session: who.session,
          everywhere: request.body.everywhere === true,
        })
      cookies.forget(reply, 'hub-session')
      return { signedOut: true as const }
    },
  )

  app.get(`${root}/oidc`, { schema }, async (request, reply) => {
    // A person presses the button; no other site's page begins a session in the person's browser.
    const { 'sec-fetch-site': site } = request.headers
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return reply.redirect(root)
    const { url, begun: kept } = await signIn.oidcBegin()
    cookies.oidc(reply, Buffer.from(JSON.stringify(kept)).toString('base64url'), oidcSeconds)
    return reply.redirect(url)
  })
  app.get(`${root}/oidc/back`, { schema }, async (request, reply) => {
    const kept = keptOf(cookies.read(request, 'hub-oidc'))
    cookies.forget(reply, 'hub-oidc')
    try {
      if (!kept) {
        callers.failed(request)
        throw new HubError('HUB_OIDC_FAILED', { detail: 'this browser did not begin it' })
      }
      const session = await slowed(request, () =>
        signIn.oidcEnd(request.raw.url!.replace(/^[^?]*/, ''), kept, sessionFrom(request)),
      )
      await begun(request, reply, session)
      // A page, and no redirect: a browser that comes from another site sends a Strict cookie only after a page of
      // ours.
      return sendPage(
        reply.code(200),
        '<a href="/monitor">→</a>',
        '<meta http-equiv="refresh" content="0;url=/monitor">',
      )
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      return sendErrorPage(reply, error, { back: root })
    }
  })
}

/** Where the caller is, as its session is to be known again. */
export const sessionFrom = ({ ip: address, headers }: FastifyRequest): SessionFrom => ({
  address,
  browser: headers['user-agent'],
})

function keptOf(cookie: string | undefined): OidcBegun | undefined {
  if (cookie === undefined) return undefined
  try {
    const { state, nonce, verifier } = JSON.parse(Buffer.from(cookie, 'base64url').toString()) as Record<
      string,
      unknown
    >
    return typeof state === 'string' && typeof nonce === 'string' && typeof verifier === 'string'
      ? { state, nonce, verifier }
      : undefined
  } catch {
    return undefined
  }
}

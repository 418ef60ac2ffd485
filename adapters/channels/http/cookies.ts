// cookies — the two the monitor sets: one for a session, one for the way to an identity provider and back. Neither can
// be read by a script, set by a neighbour of the host, or sent by another site's page.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Without the prefix that a browser asks for over TLS. */
type CookieName = 'hub-session' | 'hub-oidc'

/**
 * @param secure browsers reach the door by TLS, its own or a balancer's. Without it (loopback) a browser would keep
 *   neither `Secure` nor `__Host-`.
 */
export function createCookies({ secure }: { secure: boolean }) {
  const called = (name: CookieName) => (secure ? `__Host-${name}` : name)
  const written = (name: CookieName, value: string, more: string) =>
    `${called(name)}=${value}; Path=/; HttpOnly${secure ? '; Secure' : ''}; ${more}`

  return {
    read(request: Pick<FastifyRequest, 'headers'>, name: CookieName): string | undefined {
      for (const part of (request.headers.cookie ?? '').split(';')) {
        const [key, ...value] = part.split('=')
        if (key!.trim() === called(name)) return value.join('=').trim() || undefined
      }
      return undefined
    },
    /** Ends with the browser, and on the hub's side before. */
    session: (reply: FastifyReply, value: string) =>
      reply.header('set-cookie', written('hub-session', value, 'SameSite=Strict')),
    /** Lax: the browser comes back from another site with it. */
    oidc: (reply: FastifyReply, value: string, seconds: number) =>
      reply.header('set-cookie', written('hub-oidc', value, `SameSite=Lax; Max-Age=${seconds}`)),
    forget: (reply: FastifyReply, name: CookieName) =>
      reply.header('set-cookie', written(name, '', `SameSite=Strict; Max-Age=0`)),
  }
}

export type Cookies = ReturnType<typeof createCookies>

// security-headers — what every answer of the door tells a browser: guess nothing, run nothing, frame nothing, keep
// nothing.
//
// Partners and agencies write into the messages that operators look at. A browser that shows such bytes on the
// monitor's own origin runs what is in them with the operator's password. So every answer is inert by default, and
// bytes of others are files to save, never pages.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'

/** Nothing runs, nothing loads, nobody frames it: the policy of every answer that is not one of the hub's own pages. */
export const inert = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** The content security policy of the hub's own pages: all they need comes from here, and they talk to nobody else. */
export const ownPage =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** The policy of bull-board's pages: their `base` element says where they are. */
export const boardPage = ownPage.replace("base-uri 'none'", "base-uri 'self'")

/** What every answer says to browsers. */
export const securityHeaders: Readonly<Record<string, string>> = {
  // What stands behind a key is nobody's to keep, and hardly anything here does not.
  'cache-control': 'no-store',
  'content-security-policy': inert,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
}
const all = Object.entries(securityHeaders)

/** On the raw response, so that streams and errors that Fastify does not write itself carry them too. */
export function secure(reply: FastifyReply, hstsSeconds = 0): void {
  for (const [name, value] of all) reply.raw.setHeader(name, value)
  // Only a door that speaks TLS itself may say so (RFC 6797, section 7.2). What stands below the hub's own name is the
  // hub's too: a neighbour there could set cookies for it.
  if (hstsSeconds > 0) reply.raw.setHeader('strict-transport-security', `max-age=${hstsSeconds}; includeSubDomains`)
}

const ownAnswer = /^(application\/(problem\+)?json|text\/event-stream)\b/
const harmless = /^(application\/octet-stream|text\/(plain|csv))\b/

/**
 * Whatever these routes answer beside the hub's own JSON is a file to save. `plain`: under a media type that no browser
 * shows or runs. A hook for all routes of a part, so that a new route cannot forget it.
 */
export function savedNotShown(app: FastifyInstance, { plain }: { plain: boolean }): void {
  app.addHook('onSend', async (_request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (type === '' || ownAnswer.test(type)) return
    if (!reply.hasHeader('content-disposition')) void reply.header('content-disposition', 'attachment')
    if (plain && !harmless.test(type)) void reply.header('content-type', 'application/octet-stream')
  })
}

/** Sends the bytes of a partner or an agency as a file of this name. */
export function sendFile(
  reply: FastifyReply,
  { bytes, mediaType, name }: { bytes: Buffer; mediaType: string; name: string },
): FastifyReply {
  return reply
    .type(runs(mediaType) ? 'application/octet-stream' : mediaType)
    .header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]+/g, '_')}"${spelled(name)}`)
    .send(bytes)
}

/** The name as it is, where it holds more than ASCII (RFC 6266, RFC 8187). */
function spelled(name: string): string {
  if (/^[\w.-]*$/.test(name)) return ''
  const escaped = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `; filename*=UTF-8''${escaped}`
}

/**
 * Media types that others chose, and a browser would run. XML is what the hub deals in; it goes out as XML where no
 * browser is.
 */
const runs = (mediaType: string) =>
  !/^[\w.+-]+\/[\w.+-]+\s*(;[\x20-\x7e]*)?$/.test(mediaType) || /html|script|svg/i.test(mediaType)

/**
 * Keeps other sites' pages from using the password that a browser adds by itself: a call that says it comes from
 * elsewhere is refused, and what is not a page is not opened as one.
 * @throws HubError HUB_CROSS_SITE
 */
export function refuseOtherSites(request: FastifyRequest, { pages }: { pages: boolean }): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, origin, host } = request.headers
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (mode === 'navigate' && !(pages && reads)) throw new HubError('HUB_CROSS_SITE')
  // A link to the monitor may stand anywhere; what it leads to is a page of the hub.
  if (pages && reads) return
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new HubError('HUB_CROSS_SITE')
  if (origin !== undefined && !(site === 'same-origin' || sameHost(origin, host))) throw new HubError('HUB_CROSS_SITE')
}

/** `Origin: null` (a sandboxed page, a file) is nobody's host. */
function sameHost(origin: string | string[], host: string | undefined): boolean {
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host
}

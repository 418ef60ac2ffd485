// oauth-routes — POST /oauth2/token: a client shows its id and secret and gets a token for a few minutes (RFC 6749,
// section 4.4). Errors are those of section 5.2, since OAuth libraries read nothing else.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../../messages/errors.js'
import { AccessToken, TokenRefused } from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { Callers } from '../callers.js'
import type { ShownClient } from '../credentials.js'

const path = '/oauth2/token'
const formType = 'application/x-www-form-urlencoded'
/** A form with an id, a secret and a grant type is a tenth of this. */
const mostBytes = 8 * 1024

type OAuthError =
  'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope' | 'temporarily_unavailable'

/** `POST /oauth2/token`, open to everybody; each guess is slowed as at every other door. */
export function oauthRoutes(app: Door, callers: Pick<Callers, 'client'>): void {
  app.decorate('bodyTypes', [formType])
  app.addContentTypeParser(formType, { parseAs: 'string', bodyLimit: mostBytes }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  )
  app.post(
    path,
    {
      bodyLimit: mostBytes,
      schema: {
        tags: ['oauth2'],
        operationId: 'getToken',
        response: { 200: AccessToken, 400: TokenRefused, 401: TokenRefused },
        summary: 'A token for a few minutes, for a client id and its secret 访问令牌',
        description:
          'grant_type=client_credentials as a form; client id and secret by HTTP Basic, or as client_id and ' +
          'client_secret in the form.',
      },
    },
    async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
      const fault = faultOf(request, form)
      if (fault) return refuse(reply, ...fault)
      const basic = basicOf(request)
      const client = basic ?? { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
      try {
        const { token, seconds } = await callers.client(request, reply, client)
        return reply.send({ access_token: token, token_type: 'Bearer' as const, expires_in: seconds })
      } catch (error) {
        if (!(error instanceof HubError) || error.status >= 500) throw error
        if (error.status === 429) throw error
        return refuse(reply, 'invalid_client', `${error.code}: ${error.text.en}`)
      }
    },
  )
}

/** What is wrong before anybody is asked who calls. */
function faultOf(request: FastifyRequest, form: URLSearchParams): [OAuthError, string] | undefined {
  const type = request.headers['content-type'] ?? ''
  if (type.split(';')[0]!.trim().toLowerCase() !== formType) return ['invalid_request', `the body must be ${formType}`]
  const twice = [...new Set(form.keys())].find((name) => form.getAll(name).length > 1)
  if (twice !== undefined) return ['invalid_request', `${twice.slice(0, 40)} is there more than once`]
  const grant = form.get('grant_type')
  if (grant === null) return ['invalid_request', 'grant_type is missing']
  if (grant !== 'client_credentials') return ['unsupported_grant_type', 'only client_credentials is']
  if (form.get('scope')) return ['invalid_scope', 'there are no scopes; rights are the partner’s']
  if (request.headers.authorization !== undefined) {
    if (!basicOf(request)) return ['invalid_client', 'Authorization must be Basic, with client id and secret']
    if (form.has('client_secret')) return ['invalid_request', 'show the secret once: by Basic or in the form']
    return undefined
  }
  return form.get('client_id') && form.get('client_secret')
    ? undefined
    : ['invalid_client', 'client id and secret are missing']
}

/** Both parts are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function basicOf(request: FastifyRequest): ShownClient | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic === undefined) return undefined
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? []
  if (!id || !secret) return undefined
  try {
    return { clientId: decoded(id), secret: decoded(secret) }
  } catch {
    return undefined
  }
}
const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))

function refuse(reply: FastifyReply, error: OAuthError, description: string): FastifyReply {
  if (error === 'invalid_client') void reply.header('www-authenticate', 'Basic realm="hub", charset="UTF-8"')
  // Of the characters that section 5.2 allows.
  const text = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")
  return reply.code(error === 'invalid_client' ? 401 : 400).send({ error, error_description: text })
}

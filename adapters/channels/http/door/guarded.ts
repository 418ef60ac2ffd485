// guarded — what a browser opens of the monitor is for operators alone: who is none is led to where people sign in, or
// asked for a key.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../../messages/errors.js'
import type { Callers } from '../callers.js'
import type { SignInParts } from '../parts/sign-in.js'
import { sendErrorPage } from '../plain-page.js'
import { sendProblem } from '../problem.js'
import { refuseOtherSites } from '../security-headers.js'

/** How soon a page that could not be opened opens itself again where the error does not say, in seconds. */
const againSeconds = 2

/** A hook of Fastify. `pages`: for what a browser opens as a page; nothing else of the monitor is one. */
export function createGuarded(callers: Pick<Callers, 'operator'>, signIn: Pick<SignInParts, 'hasPage'>) {
  async function challenge(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    try {
      await callers.operator(request, { cookies: true })
      return undefined
    } catch (error) {
      // Whoever it is: to sign in anew helps nobody while the ledger is away.
      if (!(error instanceof HubError) || error.status >= 500) throw error
      // Where people sign in on a page, a browser is led there. Else it asks for user and password, only when it is
      // told that this would help.
      if (!(await signIn.hasPage())) return sendProblem(request, reply, error, 'Basic realm="hub", charset="UTF-8"')
      return opens(request) ? reply.redirect('/monitor/sign-in') : sendProblem(request, reply, error)
    }
  }

  return function guarded(pages: boolean) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        refuseOtherSites(request, { pages })
        return await challenge(request, reply)
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        return pages && opens(request)
          ? sendErrorPage(reply, error, { back: '/monitor', ...again(error) })
          : sendProblem(request, reply, error)
      }
    }
  }
}

const opens = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && /^text\/html/.test(headers.accept ?? '')

const again = ({ status, retryAfterSeconds }: HubError): { again?: number } =>
  status === 503 ? { again: retryAfterSeconds ?? againSeconds } : {}

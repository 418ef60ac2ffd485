// guarded — what a browser opens of the monitor is for operators alone: who is none is led to where people sign in, or
// asked for a key.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HubError } from '../../../../messages/errors.js'
import type { Callers } from '../callers.js'
import type { SignInParts } from '../parts/sign-in.js'
import { sendProblem } from '../problem.js'
import { refuseOtherSites } from '../security-headers.js'

/** A hook of Fastify. `pages`: for what a browser opens as a page; nothing else of the monitor is one. */
export function createGuarded(callers: Pick<Callers, 'operator'>, signIn: Pick<SignInParts, 'hasPage'>) {
  async function challenge(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    try {
      await callers.operator(request, { cookies: true })
      return undefined
    } catch (error) {
      // Where people sign in on a page, a browser is led there. Else it asks for user and password, only when it is
      // told that this would help.
      if (!(await signIn.hasPage()))
        return sendProblem(request, reply, error as HubError, 'Basic realm="hub", charset="UTF-8"')
      const opens = request.method === 'GET' && /^text\/html/.test(request.headers.accept ?? '')
      return opens ? reply.redirect('/monitor/sign-in') : sendProblem(request, reply, error as HubError)
    }
  }

  return function guarded(pages: boolean) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        refuseOtherSites(request, { pages })
      } catch (error) {
        return sendProblem(request, reply, error as HubError)
      }
      return challenge(request, reply)
    }
  }
}

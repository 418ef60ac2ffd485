// open-answers — answers that stay open (streams, long polls) end when the key they were opened with may come in no
// more: revoked, expired, or its partner disabled. At once in the process where that was said, within seconds in every
// other.
import type { FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { ShownCredentials } from './credentials.js'
import type { CallerParts } from './parts/callers.js'

/** How often every open answer is held against its key where nobody has said that something changed. */
const lookAgainMs = 1_000

/** Most of one partner: whoever waits for many things at a time asks for them one after another. */
const mostOfPartner = 1_000

/** An answer that stays open. */
interface OpenAnswer {
  /** Aborted when the key opens nothing any more, or the caller has gone. */
  signal: AbortSignal
  /** The key opens nothing any more. */
  ended: () => boolean
  /** To be called when the answer is complete. */
  done: () => void
}

/** Ends answers whose key opens nothing any more. */
export function createOpenAnswers(
  { authenticate, partnersChanged }: Pick<CallerParts, 'authenticate' | 'partnersChanged'>,
  shownBy: (request: FastifyRequest) => ShownCredentials,
) {
  const open = new Set<{ shown: () => ShownCredentials; end: () => void }>()
  const byPartner = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    await Promise.all(
      [...open].map(async (answer) => {
        // A ledger that cannot be read proves nothing against a key. A token that has expired, or an address that is no
        // longer allowed, does.
        const partner = await authenticate(answer.shown()).catch(
          (error: unknown) => !(error instanceof HubError && [401, 403].includes(error.status)),
        )
        if (!partner) answer.end()
      }),
    )
  }
  function leave(partnerId: string): void {
    const rest = (byPartner.get(partnerId) ?? 1) - 1
    if (rest > 0) byPartner.set(partnerId, rest)
    else byPartner.delete(partnerId)
  }
  const deaf = partnersChanged(() => void look())

  return {
    /** @throws HubError HUB_RATE_LIMITED where the partner has too many open */
    open(request: FastifyRequest): OpenAnswer {
      const { partnerId } = request.partner
      const already = byPartner.get(partnerId) ?? 0
      if (already >= mostOfPartner) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: 5 })
      byPartner.set(partnerId, already + 1)
      const gone = new AbortController()
      let ended = false
      const close = () => gone.abort()
      request.raw.socket.once('close', close)
      // Who has gone already will not go again.
      if (request.raw.socket.destroyed) close()
      const answer = {
        shown: () => shownBy(request),
        end() {
          ended = true
          gone.abort()
        },
      }
      open.add(answer)
      timer ??= setInterval(() => void look(), lookAgainMs)
      return {
        signal: gone.signal,
        ended: () => ended,
        done() {
          request.raw.socket.off('close', close)
          if (open.delete(answer)) leave(partnerId)
          if (open.size > 0) return
          clearInterval(timer)
          timer = undefined
        },
      }
    },
    /** The door closes: streams say so, and their clients come back to the next process. */
    close() {
      deaf()
      clearInterval(timer)
    },
  }
}

export type OpenAnswers = ReturnType<typeof createOpenAnswers>

// agents — signers whose key lies beside a U-Key, on a machine that can call the hub and cannot be called: its agent
// (`hub sign-agent`) asks for work and brings the value back. Several agents may serve one signer: whoever asks first
// gets the next piece, and what one does not bring back in time another is given.
import { randomUUID } from 'node:crypto'
import type { SignWithKey } from '../signer.js'

/** What one agent is given to sign. */
interface SignWork {
  id: string
  /** Base64. */
  bytes: string
}

interface Waiting {
  work: SignWork
  /** Given to an agent, until then. */
  givenUntil: number
  resolve: (value: Buffer) => void
  reject: (error: Error) => void
}

/** `sign` rejects at once when no agent has asked for work lately, and when none has brought the value back in time. */
export interface AgentSigner {
  sign: SignWithKey
  /** The next piece of work, or nothing after so long. */
  next(waitMs: number, signal?: AbortSignal): Promise<SignWork | undefined>
  /** False: nobody waits for it any more. */
  done(id: string, value: Buffer): boolean
  /** The agent could not: whoever waits hears why, unless another agent does it first. */
  failed(id: string, why: string): boolean
  /** Whoever was given this is gone: another agent is given it at once. */
  lost(id: string): void
  /** When an agent last asked. */
  readonly seenAt: number | undefined
}

/**
 * An agent that was given work and says nothing for so long has lost it; one whose connection ends, at once (`lost`).
 */
const givenMs = 3_000
/** An agent asks again at once; after so long without one there is none. */
const goneMs = 45_000

/** Makes one signer, however many agents it has. Work waits at most `timeoutMs` milliseconds for an agent. */
export function createAgentSigner(timeoutMs: number): AgentSigner {
  // By a clock that nobody sets: set back an hour, the wall's would hand work that an agent lost to no other for so
  // long.
  const now = () => performance.now()
  const waiting = new Map<string, Waiting>()
  const askers = new Set<() => void>()
  let seenAt: number | undefined

  const take = (): SignWork | undefined => {
    for (const one of waiting.values())
      if (one.givenUntil <= now()) {
        one.givenUntil = now() + givenMs
        // Who is given nothing now looks again when this one may have been lost.
        setTimeout(wake, givenMs + 10).unref()
        return one.work
      }
    return undefined
  }
  const wake = () => {
    for (const look of [...askers]) look()
  }

  return {
    get seenAt() {
      return seenAt === undefined ? undefined : Date.now() - (now() - seenAt)
    },
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        if (seenAt === undefined || now() - seenAt > goneMs) return reject(new Error('no agent has asked for work'))
        const work = { id: randomUUID(), bytes: bytes.toString('base64') }
        const over = () => {
          clearTimeout(timer)
          waiting.delete(work.id)
        }
        const timer = setTimeout(() => {
          over()
          reject(new Error(`no agent has signed in ${timeoutMs / 1000} s`))
        }, timeoutMs)
        waiting.set(work.id, {
          work,
          givenUntil: 0,
          resolve: (value) => (over(), resolve(value)),
          reject: (error) => (over(), reject(error)),
        })
        wake()
      }),
    next(waitMs, signal) {
      seenAt = now()
      const found = take()
      if (found || waitMs <= 0 || signal?.aborted) return Promise.resolve(found)
      return new Promise((resolve) => {
        const end = (work: SignWork | undefined) => {
          clearTimeout(timer)
          askers.delete(look)
          signal?.removeEventListener('abort', gone)
          seenAt = now()
          resolve(work)
        }
        const look = () => {
          const work = take()
          if (work) end(work)
        }
        const gone = () => end(undefined)
        const timer = setTimeout(gone, waitMs)
        askers.add(look)
        signal?.addEventListener('abort', gone)
      })
    },
    done(id, value) {
      const one = waiting.get(id)
      one?.resolve(value)
      return one !== undefined
    },
    lost(id) {
      const one = waiting.get(id)
      if (!one) return
      one.givenUntil = 0
      wake()
    },
    failed(id, why) {
      const one = waiting.get(id)
      one?.reject(new Error(why))
      return one !== undefined
    },
  }
}

// courier — posts what a simulated agency owes: in order for each submission, again and again until the hub has taken
// it.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { multipartBody } from '../multipart-body.js'
import type { Owed } from './journal.js'
import { printAll } from './print/print.js'

/** @see `main.ts` of the simulator */
interface CourierParts {
  /**
   * Where receipts go, known now or later; `{agency}` is replaced by the agency's code. Until it is known they wait.
   */
  callback: string | Promise<string>
  token?: string | undefined
  /** Waits between tries, in ms: doubling from the first to the last. */
  backOffMs?: [number, number]
  /** Told once the hub has taken it. */
  sent: (owed: Owed) => void
  log: (event: string, ids: object) => void
}

/** Posts in the background; what it owes is the journal's to remember. */
export interface Courier {
  add(owed: Owed[]): void
  /** Lets go of everything that was held back. */
  release(): void
  stop(): void
}

/** The receipt alone, or in a form with the files that come with it. */
async function bodyOf({ mediaType, body, prints = [] }: Owed): Promise<{ mediaType: string; bytes: Buffer }> {
  const bytes = Buffer.from(body, 'base64')
  if (prints.length === 0) return { mediaType, bytes }
  const files = await printAll(prints)
  const { contentType, body: form } = multipartBody(
    [
      { name: 'receipt', fileName: 'receipt.xml', mediaType, bytes },
      ...files.map((file) => ({
        name: 'file' as const,
        fileName: file.name,
        mediaType: file.mediaType,
        bytes: file.bytes,
      })),
    ],
    body,
  )
  return { mediaType: contentType, bytes: form }
}

/** Begins at once; `backOffMs` are the shortest and the longest time between tries. */
export function createCourier({
  callback,
  token,
  backOffMs: [first, most] = [100, 3000],
  sent,
  log,
}: CourierParts): Courier {
  const stopped = new AbortController()
  const lines = new Map<string, Owed[]>()
  const walking = new Set<string>()
  const agents = [HttpAgent, HttpsAgent].map((Agent) => new Agent({ keepAlive: true, maxSockets: 32, timeout: 2000 }))

  /** One walk at a time for a submission; it ends at a receipt that is held back. */
  async function walk(submissionId: string, line: Owed[]): Promise<void> {
    if (walking.has(submissionId)) return
    walking.add(submissionId)
    for (let owed = line[0]; owed && !owed.held && !stopped.signal.aborted; owed = line[0]) {
      await pause(owed.dueAt - Date.now())
      for (let wait = first; !stopped.signal.aborted; wait = Math.min(2 * wait, most)) {
        const refusal = await post(owed)
        if (refusal === undefined) break
        log('receipt not taken', { submissionId, seq: owed.seq, why: refusal })
        await pause(wait)
      }
      if (stopped.signal.aborted) return
      line.shift()
      sent(owed)
    }
    walking.delete(submissionId)
    if (line.length === 0) lines.delete(submissionId)
  }

  const pause = (ms: number) =>
    ms > 0 ? sleep(ms, undefined, { signal: stopped.signal }).catch(() => {}) : Promise.resolve()

  /**
   * Why the hub has not taken it; undefined when it has. Agencies know no id of the hub's: what it speaks of is in its
   * content.
   */
  async function post(owed: Owed): Promise<string | undefined> {
    const to = await callback
    const { agency } = owed
    const { mediaType, bytes } = await bodyOf(owed)
    return new Promise((resolve) => {
      const secure = to.startsWith('https:')
      const url = to.replaceAll('{agency}', encodeURIComponent(agency))
      const headers = {
        'content-type': mediaType,
        'content-length': bytes.length,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      }
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        headers,
        agent: agents[secure ? 1 : 0],
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(10_000)]),
      })
      request.on('error', (error) => resolve(error.message || error.name))
      request.on('response', (response) => {
        response.resume()
        response.on('close', () =>
          resolve(
            response.statusCode! >= 200 && response.statusCode! < 300 ? undefined : `HTTP ${response.statusCode}`,
          ),
        )
      })
      request.end(bytes)
    })
  }

  return {
    add(owed) {
      for (const one of owed) {
        const line = lines.get(one.submissionId)
        if (line) line.push(one)
        else {
          const fresh = [one]
          lines.set(one.submissionId, fresh)
          // Begun in the next turn, when the whole course stands in line.
          setImmediate(() => void walk(one.submissionId, fresh))
        }
      }
    },
    release() {
      for (const [submissionId, line] of lines) {
        for (const one of line) one.held = false
        void walk(submissionId, line)
      }
    },
    stop() {
      stopped.abort()
      agents.forEach((agent) => agent.destroy())
    },
  }
}

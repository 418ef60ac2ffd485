// resealing — old bytes are brought under the newest key, a slice at a time with rests between, since messages must not
// wait for it. A walk that is cut short begins anew: what is done already is only looked at.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Resealing } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'
import type { Log } from '../base/log.js'

/** Rest after each slice, as a multiple of what it took. */
const rest = 2

/** One walk at a time. */
export interface ResealingWalks {
  /** Walks now, or joins the walk under way. */
  walk(): Promise<void>
  view(): Resealing
  stop(): Promise<void>
}

/** Walks only when it is told to. */
export function createResealing({ ledger, log }: { ledger: Pick<Ledger, 'reseal'>; log: Log }): ResealingWalks {
  const ended = new AbortController()
  let under: Promise<void> | undefined
  let progress: Omit<Resealing, 'running'> = { looked: 0, resealed: 0 }

  async function walkThrough(): Promise<void> {
    progress = { looked: 0, resealed: 0, startedAt: new Date().toISOString() }
    try {
      for (let from: string | undefined; ;) {
        const begun = performance.now()
        const { next, looked, resealed } = await ledger.reseal(from)
        progress.looked += looked
        progress.resealed += resealed
        if (next === undefined) break
        if (ended.signal.aborted) return
        from = next
        await sleep((performance.now() - begun) * rest, undefined, { signal: ended.signal }).catch(() => {})
      }
      progress.endedAt = new Date().toISOString()
      if (progress.resealed > 0) log.info({ ...progress }, 'bytes brought under the newest key')
    } catch (error) {
      progress.trouble = error instanceof Error ? error.message : String(error)
      log.error({ err: error }, 'bringing bytes under the newest key was cut short; the next walk goes on')
    }
  }

  return {
    walk: () => (under ??= walkThrough().finally(() => (under = undefined))),
    view: () => ({ running: under !== undefined, ...progress }),
    async stop() {
      ended.abort()
      await under
    },
  }
}

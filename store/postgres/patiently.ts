// patiently — writes that are made again while the server is away: those whose loss would leave a declaration in doubt.
// Each may be made twice (promise 7), so that it may be made again though nobody knows whether it was.
import { HubError } from '../../messages/errors.js'

/** How long a server that is started anew, or gives way to its standby, is waited for. */
const patienceMs = 30_000
const againMs = 250

/** @param worthIt asked of the first error: whether it is tried again at all. Default: it is */
export async function patiently<T>(
  work: () => Promise<T>,
  worthIt: (error: unknown) => boolean = () => true,
): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (let first = true; ; first = false) {
    try {
      return await work()
    } catch (error) {
      const away = error instanceof HubError && error.code === 'HUB_LEDGER_UNAVAILABLE'
      if (!away || (first && !worthIt(error)) || performance.now() > deadline) throw error
      await new Promise((again) => setTimeout(again, againMs))
    }
  }
}

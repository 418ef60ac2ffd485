// ask-now — a question the hub itself answers is answered at once, in this process: no queue stands between. What is
// too much at once goes the usual way; what a crash loses the sweeper finds.
import type { Ask } from '../steps/ask.js'
import { hubAgency } from './mode.js'

/** Questions answered at once. */
const mostAtOnce = 64

export function createAskNow({
  ask,
  offer,
  log,
}: {
  ask: Ask
  offer: (submission: { submissionId: string; agency: string; delayMs?: number }) => Promise<boolean>
  log: { error(ids: object, event: string): void }
}) {
  let underWay = 0
  return function askNow(submissionId: string): void {
    if (underWay >= mostAtOnce) return void offer({ submissionId, agency: hubAgency })
    underWay++
    ask(submissionId)
      .then(async (result) => {
        if (result.outcome === 'later')
          await offer({ submissionId, agency: hubAgency, delayMs: Math.max(0, result.at.getTime() - Date.now()) })
      })
      .catch((err: unknown) => log.error({ err, submissionId }, 'a question was not answered; the sweeper tries again'))
      .finally(() => underWay--)
  }
}

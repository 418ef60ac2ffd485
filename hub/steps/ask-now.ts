// ask-now — a question the hub itself answers is answered in this process: no queue stands between. A few at a time, so
// that a filing waits behind few of them; others wait here in their order. What is too much goes the usual way; what a
// crash loses the sweeper finds.
import type { Ask } from './ask.js'
import { hubAgency } from '../agencies/query-mode.js'

/** Questions answered at once. The ledger answers one after another: more at once make no question faster. */
const mostAtOnce = 4
const mostWaiting = 1_000

/** Takes what a queue would take; what it cannot take goes to the queue. */
export function createAskNow({
  ask,
  offer,
  log,
}: {
  ask: Ask
  offer: (submission: { submissionId: string; agency: string; delayMs?: number }) => Promise<boolean>
  log: { error(ids: object, event: string): void }
}) {
  const waiting: string[] = []
  let underWay = 0

  function next(): void {
    while (underWay < mostAtOnce && waiting.length > 0) {
      const submissionId = waiting.shift()!
      underWay++
      ask(submissionId)
        .then(async (result) => {
          if (result.outcome === 'later')
            await offer({ submissionId, agency: hubAgency, delayMs: Math.max(0, result.at.getTime() - Date.now()) })
        })
        .catch((err: unknown) =>
          log.error({ err, submissionId }, 'a question was not answered; the sweeper tries again'),
        )
        .finally(() => {
          underWay--
          next()
        })
    }
  }

  return function askNow(submissionId: string): void {
    if (waiting.length >= mostWaiting) return void offer({ submissionId, agency: hubAgency })
    waiting.push(submissionId)
    next()
  }
}

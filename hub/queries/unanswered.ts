// unanswered — questions that an agency has taken and not answered: whoever asked is told at the deadline by a job in
// Redis, and where Redis has lost that job nobody else would tell. They are found by their ids, which hold the time.
import { idsFrom, timeOfId } from '../../messages/ids.js'
import type { Ledger, SubmissionRef } from '../../store/ledger.js'
import { questionId } from './book.js'

const hourMs = 3_600_000
/** However long questions are kept. */
const mostDays = 31
/** Beyond the longest deadline: a sweep comes by at least once in that time. */
const afterwardsMs = hourMs

/** Page by page, the oldest first. `whole`: those of all days on which a question is kept; else the newest. */
export type Unanswered = (limit: number, after: string | undefined, whole: boolean) => Promise<SubmissionRef[]>

/** @param days questions are kept for */
export function createUnanswered({
  ledger,
  days,
  httpSeconds,
  fileSeconds,
  now = () => new Date(),
}: {
  ledger: Pick<Ledger, 'unanswered'>
  days: number
  httpSeconds: number
  fileSeconds: number
  now?: () => Date
}): Unanswered {
  const [shortestMs, longestMs] = [Math.min(httpSeconds, fileSeconds) * 1000, Math.max(httpSeconds, fileSeconds) * 1000]
  return async (limit, after, whole) => {
    const end = now().getTime() - shortestMs
    const begin = now().getTime() - (whole ? Math.min(days, mostDays) * 24 * hourMs : 0) - longestMs - afterwardsMs
    const found: SubmissionRef[] = []
    let last = after ?? idsFrom(questionId, new Date(begin))
    // Hour by hour: most have their answers and are only passed over, which must not take the ledger long.
    for (let from = after === undefined ? begin : timeOfId(after); from < end && found.length < limit; from += hourMs) {
      const before = idsFrom(questionId, new Date(Math.min(from + hourMs, end)))
      found.push(...(await ledger.unanswered(last, before, limit - found.length)))
      last = before
    }
    return found
  }
}

// ask — one question to one agency, or to the hub's own ledger. A question is no filing: it may be asked twice, and
// nobody wants its answer after its deadline.
//   places + gate ─▶ claim ─▶ send ─┬ answered   → the result is kept, joined with what the hub knows (settle), and given back
//                                   ├ taken, or answered with what is no result to it → the result comes later; at the deadline the asker is told
//                                   ├ not taken  → again, until the deadline
//                                   └ refused, or the deadline → what the hub knows, where it may answer; else HUB_QUERY_…
import type { Connector } from '../../adapters/connectors/connector.js'
import type { AgencyAnswer } from '../../messages/agency-answer.js'
import { errorText } from '../../messages/errors.js'
import { timeOfId } from '../../messages/ids.js'
import type { ChannelKind } from '../../messages/inbound.js'
import { returnChannel, type Partner } from '../../messages/partner.js'
import type { Ledger, SubmissionFacts, SubmissionWork } from '../../store/ledger.js'
import { isAnswered } from '../queries/book.js'
import type { QuestionLimits } from '../queries/question-limits.js'
import { hubAgency, type QueryMode } from '../agencies/query-mode.js'
import { ownReceipt } from './own-receipt.js'
import type { KeepReply, StepResult } from './step.js'
import type { Admitted } from '../../queues/gate.js'

/** @see [startWorking](../boot/working.ts) */
interface AskParts {
  ledger: Pick<Ledger, 'claim' | 'endAttempt' | 'addReceipt' | 'submissionById' | 'getMessage' | 'dropDead'>
  /** @see [createAgencies](../agencies/agencies.ts) */
  connector: (agency: string) => Connector
  /**
   * May anything go to this agency now?
   * @see [createGate](../../queues/gate.ts)
   */
  admit: (agency: string) => Admitted | { until: Date }
  /** What questions may have at once and in a time, beside the filings. */
  places: QuestionLimits
  /**
   * Who answers.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  mode: (agency: string, operation: string, documentType: string) => QueryMode
  /** How long an answer is wanted, by the way the question came. */
  wantedMs: (channel: ChannelKind) => number
  /**
   * Waits after a question that was not taken, and how long one try may take.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  policy: (agency: string) => { retrySeconds: readonly number[]; deadlineSeconds: number }
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /**
   * The hub's own result; undefined when the question is not there any more.
   * @see [createResults](../queries/results.ts)
   */
  fromHub: (about: SubmissionFacts, note?: string) => Promise<AgencyAnswer | undefined>
  keepReply: KeepReply
  signal: AbortSignal
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

/** Added to a try's own deadline before another worker takes it over. */
const abandonedAfterMs = 5_000

export type Ask = ReturnType<typeof createAsk>

/**
 * One try of one question, by the id of its submission. A question may reach its agency twice; its answer is given up
 * at its deadline.
 */
export function createAsk(parts: AskParts) {
  const { ledger, connector, admit, places, mode, wantedMs, policy, partner, fromHub, keepReply, signal, log } = parts
  const { now = () => new Date() } = parts

  return async function ask(submissionId: string): Promise<StepResult> {
    if (signal.aborted) return later(1000)
    const known = await ledger.submissionById(submissionId)
    if (!known) return { outcome: 'done' }
    const due = new Date(timeOfId(submissionId) + wantedMs(known.channel))
    if (known.agency === hubAgency) return claimed(known, due, undefined)
    const place = places.take(known)
    if ('waitMs' in place)
      return now() >= due
        ? claimed(known, due, undefined)
        : later(Math.min(place.waitMs, due.getTime() - now().getTime()))
    try {
      const admitted = admit(known.agency)
      if (!('until' in admitted)) {
        try {
          return await claimed(known, due, admitted)
        } finally {
          admitted.end('none')
        }
      }
      // An agency that takes nothing now is not waited for where the hub knows something itself.
      if (modeOf(known) === 'both' || now() >= due) return await claimed(known, now(), undefined)
      return { outcome: 'later', at: admitted.until < due ? admitted.until : due }
    } finally {
      place.end()
    }
  }

  function modeOf({ agency, operation, documentType }: SubmissionFacts): QueryMode {
    return mode(agency, operation, documentType)
  }

  async function claimed(known: SubmissionFacts, due: Date, admitted: Admitted | undefined): Promise<StepResult> {
    const sendMs = known.agency === hubAgency ? 0 : policy(known.agency).deadlineSeconds * 1000
    // A try that began later may still be under way, in this process or in another.
    const tryMs = sendMs + abandonedAfterMs
    const claim = await ledger.claim(known.submissionId, now(), { abandonedBefore: new Date(now().getTime() - tryMs) })
    switch (claim.outcome) {
      case 'claimed':
      case 'interrupted':
        return put(claim, known, { due, admitted })
      case 'later':
        return { outcome: 'later', at: claim.at < due || due <= now() ? claim.at : due }
      case 'held':
      case 'behind':
        return { outcome: 'done' }
      case 'done':
        return claim.state === 'submitted' ? waitOrTell(known, due) : { outcome: 'done' }
      default:
        return claim satisfies never
    }
  }

  async function put(
    { work, fence }: { work: SubmissionWork; fence: string },
    known: SubmissionFacts,
    { due, admitted }: { due: Date; admitted: Admitted | undefined },
  ): Promise<StepResult> {
    const { submissionId, agency } = known
    const attempt = { submissionId, fence }
    if (agency === hubAgency) {
      const answer = await fromHub(known)
      if (!answer) return tell(known, fence, 'HUB_QUERY_FAILED')
      await settle(hubAgency, submissionId, answer, () => ledger.endAttempt(attempt, { outcome: 'submitted' }, now()))
      return { outcome: 'done' }
    }
    if (now() >= due || !admitted) return tell(known, fence, 'HUB_QUERY_EXPIRED')
    const sent = await connector(agency).send(work, signal)
    switch (sent.outcome) {
      case 'taken':
      case 'duplicate': {
        admitted.end('ok')
        const write = () => ledger.endAttempt(attempt, { outcome: 'submitted' }, now())
        if (sent.answer) {
          await settle(agency, submissionId, sent.answer, write)
          // What it said may have been no result, or that of another question.
          return waitOrTell(known, due)
        }
        await write()
        return { outcome: 'later', at: due }
      }
      case 'permanent':
        admitted.end('ok')
        log.warn({ submissionId, agency, detail: sent.detail }, 'question refused')
        return tell(known, fence, 'HUB_QUERY_REFUSED', sent.detail)
      case 'transient':
      case 'ambiguous': {
        const none = sent.code === 'HUB_AGENCY_UNCONFIGURED'
        admitted.end(none ? 'none' : 'failed', 0, sent.detail)
        const waits = policy(agency).retrySeconds
        const wait = waits[Math.min(work.attempt, waits.length) - 1] ?? 1
        const at = new Date(now().getTime() + wait * 1000)
        if (none || at >= due) return tell(known, fence, 'HUB_QUERY_EXPIRED', sent.detail)
        // Asked twice, it is the same question.
        await ledger.endAttempt(attempt, { outcome: 'retry', at, code: sent.code, detail: sent.detail }, now())
        return { outcome: 'later', at }
      }
      default:
        return sent satisfies never
    }
  }

  /** Taken, and the result comes by itself: until the deadline. */
  async function waitOrTell(known: SubmissionFacts, due: Date): Promise<StepResult> {
    const message = await ledger.getMessage(known.messageId)
    const one = message?.submissions.find(({ submissionId }) => submissionId === known.submissionId)
    if (isAnswered(one?.status)) return { outcome: 'done' }
    return now() < due ? { outcome: 'later', at: due } : tell(known, undefined, 'HUB_QUERY_EXPIRED')
  }

  /** The agency says nothing: what the hub knows, or that nothing came. */
  async function tell(
    known: SubmissionFacts,
    fence: string | undefined,
    code: 'HUB_QUERY_EXPIRED' | 'HUB_QUERY_REFUSED' | 'HUB_QUERY_FAILED',
    detail = '',
  ): Promise<StepResult> {
    const { submissionId, agency } = known
    const attempt = fence === undefined ? undefined : { submissionId, fence }
    const text = errorText(code, { agency, detail })
    if (agency !== hubAgency && modeOf(known) === 'both') {
      // The question may be gone by now: after its days, or with the form it is asked in.
      const answer = await fromHub(known, `${text.zh}以下为本系统已知数据。`)
      if (answer) {
        await settle(hubAgency, submissionId, answer, async () =>
          attempt ? ledger.endAttempt(attempt, { outcome: 'submitted' }, now()) : undefined,
        )
        return { outcome: 'done' }
      }
    }
    // Telling twice is telling once (promise 7).
    const receipt = ownReceipt(
      known,
      { receiptId: `rcp_${submissionId.slice(4)}q`, status: 'failed', code, text },
      now(),
    )
    const receiptChannel = returnChannel((await partner(known.partnerId))?.settings, 'business', known.channel)
    const told = { receipt, submissionId, status: 'failed', receiptReturn: 'owed', receiptChannel } as const
    if (!attempt) await ledger.addReceipt({ ...told, ends: true }, now())
    else {
      await ledger.endAttempt(attempt, { outcome: 'dead', code, detail, told }, now())
      // Nobody has to look at a question that came to nothing: its asker has been told.
      await ledger.dropDead(submissionId)
    }
    return { outcome: 'done' }
  }

  async function settle(
    by: string,
    submissionId: string,
    answer: AgencyAnswer,
    alongside: () => Promise<unknown>,
  ): Promise<void> {
    const kept = await keepReply(by, submissionId, answer, alongside)
    await kept.settle()
  }

  function later(ms: number): StepResult {
    return { outcome: 'later', at: new Date(now().getTime() + ms) }
  }
}

// submit — one try to hand one message to one agency. The ledger says `submitting` before a byte leaves, so a crash
// anywhere in here is seen afterwards as a try that did not come back, and is never simply made again (promise 3).
//
//   claim ─ send ─┬ taken      → answer and `submitted` in one write
//                 ├ duplicate  → taken, where an earlier try may have arrived; else a dead letter: it was filed in another way
//                 ├ transient  → again, after the policy's delay, until it gives up: dead, or `unclear` after a try in doubt
//                 ├ ambiguous  → `unclear`; asked about where the agency can be asked, sent again only where it is idempotent
//                 └ permanent  → dead letter, and the partner hears why
// How a try ends, what is done in doubt and what the partner is told stands in `submit/`.
import type { AgencyAnswer } from '../../messages/agency-answer.js'
import type { Admitted } from '../../queues/gate.js'
import { timeOfId } from '../../messages/ids.js'
import type { AttemptEnd, AttemptRef, ClaimOutcome, Ledger, SubmissionWork } from '../../store/ledger.js'
import type { Sign, Signed } from './sign.js'
import { laterBy, type StepResult } from './step.js'
import { createEndOfTry, givenUp, healthOf, signerMs, type EndOfTryParts } from './submit/end-of-try.js'
import { createInDoubt, type InDoubtParts } from './submit/in-doubt.js'
import { createTellPartner, type TellPartnerParts } from './submit/tell-partner.js'

/** @see [startWorking](../boot/working.ts) */
export interface SubmitParts
  extends Omit<EndOfTryParts, 'now'>, Omit<InDoubtParts, 'freed' | 'placeOf' | 'now'>, Omit<TellPartnerParts, 'now'> {
  ledger: InDoubtParts['ledger'] & Pick<Ledger, 'claim' | 'holdBack' | 'renewAttempt' | 'endAttempt' | 'nextBehind'>
  /**
   * The longest any try now under way may take: the rules may have been changed since it began.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  longestTrySeconds?: (agency: string) => number
  /**
   * Where the agency is reached now, in letters and digits.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  placeOf?: (agency: string) => string | undefined
  /**
   * May anything go to this agency now? Told afterwards how it went.
   * @see [createGate](../../queues/gate.ts)
   */
  admit?: (agency: string) => Admitted | { until: Date }
  /**
   * Whether each hub that may ask about a try knows that it may leave names of its own at its agency. Default: yes.
   * @see [startLeases](../base/leases.ts)
   */
  namesTries?: () => boolean
  /** Signs what goes to agencies that want it signed; absent: nothing is. */
  signing?: Sign
  /** What the agency is told of the trace a try belongs to. */
  traceparent?: ((messageId: string) => string | undefined) | undefined
  /** @see [createObserve](./observe.ts) */
  claimed?: (ids: ClaimedEvent) => void
  /** @see [createObserve](./observe.ts) */
  observe?: (event: SubmitEvent) => void
  now?: () => Date
}

/** A try that begins. */
export type ClaimedEvent = Pick<SubmissionWork, 'submissionId' | 'messageId' | 'agency' | 'attempt'>

/** How a try ended, or that it is held behind its original. */
export interface SubmitEvent {
  work: SubmissionWork
  outcome: AttemptEnd['outcome'] | 'held'
  code: string
  detail?: string | undefined
  seconds: number
  traceparent?: string | undefined
}

/** Time added to an attempt's deadline before it is taken for abandoned: the other worker may be alive but slow. */
const ABANDONED_AFTER_MS = 5_000
/**
 * Between its claim and its first byte: a process that stood still for longer asks whether its try is still its own.
 */
const STALE_AFTER_MS = 2_000

/** The step, as workers call it. */
export function createSubmit({
  ledger,
  connector,
  policy,
  longestTrySeconds = (agency) => policy(agency).deadlineSeconds,
  placeOf = () => undefined,
  admit = () => always,
  namesTries = () => true,
  partner,
  expects,
  keepReply,
  signing,
  signal,
  traceparent,
  claimed,
  observe,
  now = () => new Date(),
}: SubmitParts) {
  const { ofOutcome, waitingForSigner } = createEndOfTry({ policy, expects, now })
  const { failed, held } = createTellPartner({ partner, now })
  const { ask, withReceipt } = createInDoubt({
    ...{ ledger, connector, policy, placeOf, expects, keepReply, signal, now },
    freed,
  })

  /** Tries of this process: whatever the clock says, none of them is abandoned. */
  const underWay = new Set<string>()

  /** `agency` is the queue the job stands in. */
  return async function submit(submissionId: string, agency: string): Promise<StepResult> {
    if (signal.aborted) return laterBy(1000, now())
    // Beyond its time it is claimed all the same, and given up: its partner is not left waiting for a key for ever.
    const over = () => now().getTime() - timeOfId(submissionId) > policy(agency).giveUpHours * 3_600_000
    if (signing?.waits(submissionId, agency) && !over()) return laterBy(signerMs, now())
    // Its job was lost and made again, or taken for stalled.
    if (underWay.has(submissionId)) return laterBy(1000, now())
    const admitted = admit(agency)
    if ('until' in admitted) return { outcome: 'later', at: admitted.until }
    underWay.add(submissionId)
    try {
      return await attempt(submissionId, agency, admitted)
    } finally {
      underWay.delete(submissionId)
      admitted.end('none')
    }
  }

  /** A try that began later may still be under way, in this process or in another. */
  function abandonedBefore(agency: string): Date {
    return new Date(now().getTime() - longestTrySeconds(agency) * 1000 - ABANDONED_AFTER_MS)
  }

  async function attempt(submissionId: string, agency: string, admitted: Admitted): Promise<StepResult> {
    const asked = momentOf(now())
    const claim = await ledger.claim(submissionId, now(), {
      abandonedBefore: abandonedBefore(agency),
      place: placeOf(agency),
    })
    switch (claim.outcome) {
      case 'claimed':
        return send(claim.work, { fence: claim.fence, asked, admitted })
      case 'interrupted':
        return recover(claim)
      case 'later':
        return { outcome: 'later', at: claim.at }
      case 'held':
        return holdBack(claim.work, claim.original.reference)
      case 'behind':
        // Whoever frees it offers it again; should that be lost in a crash, the sweeper does.
        return { outcome: 'done' }
      case 'done':
        return claim.state === 'unclear' ? askInTime(submissionId, agency, claim) : { outcome: 'done' }
      default:
        return claim satisfies never
    }
  }

  /**
   * Right after a try in doubt the agency may still be taking it in: asked then, it would say that it has nothing. Its
   * job waits for that by itself; one made again, because Redis has lost it, does not.
   */
  async function askInTime(
    submissionId: string,
    agency: string,
    { unclearSince, sentSince, attemptId }: Extract<ClaimOutcome, { outcome: 'done' }>,
  ): Promise<StepResult> {
    const waitMs = policy(agency).askSeconds[0] * 1000
    const goneMs = unclearSince ? now().getTime() - unclearSince.getTime() : waitMs
    // Below zero the clock has been set back, and says nothing.
    return goneMs >= 0 && goneMs < waitMs
      ? laterBy(waitMs - goneMs, now())
      : ask(submissionId, { attemptId, since: sentSince })
  }

  /** A crash before the write leaves it queued, and the sweeper offers it again. */
  async function holdBack(work: SubmissionWork, original: string): Promise<StepResult> {
    const done = await ledger.holdBack(work.submissionId, await held(work, original), now())
    if (done) observe?.({ work, outcome: 'held', code: 'HUB_HELD', detail: original, seconds: 0 })
    return { outcome: 'done' }
  }

  /** `asked`: when the claim was. */
  async function send(
    work: SubmissionWork,
    { fence, asked, admitted }: { fence: string; asked: Moment; admitted: Admitted },
  ): Promise<StepResult> {
    const started = performance.now()
    if (work.damaged) return giveUpDamaged(work, fence)
    claimed?.({
      submissionId: work.submissionId,
      messageId: work.messageId,
      agency: work.agency,
      attempt: work.attempt,
    })
    const trace = traceparent?.(work.messageId)
    const attempt = { submissionId: work.submissionId, fence }
    const signed = await signedForm(work, attempt)
    if (signed.outcome !== 'ready') return notSigned(work, fence, signed)
    const { bytes } = signed
    if (!(await stillMine(attempt, asked))) return { outcome: 'done' }
    const sent = {
      ...work,
      bytes,
      ...(trace === undefined ? {} : { traceparent: trace }),
      ...(namesTries() ? { attemptId: fence } : {}),
    }
    const result = await connector(work.agency).send(sent, signal)
    admitted.end(
      healthOf(result),
      result.outcome === 'transient' ? result.retryAfterSeconds : undefined,
      result.outcome === 'transient' || result.outcome === 'ambiguous' ? result.detail : undefined,
    )
    const answer = 'answer' in result ? result.answer : undefined
    const end = ofOutcome(work, result)
    const write = () => ledger.endAttempt(attempt, end, now())
    if (end.outcome === 'submitted' && answer) {
      // The answer never after the state: a crash in between would leave a submission that is taken, and its receipt
      // nowhere.
      const reply = await keepReply(work.agency, work.submissionId, answer, write)
      await reply.settle()
    } else if (end.outcome === 'submitted' && result.outcome === 'duplicate') {
      await withReceipt(work.submissionId, work.agency, write)
    } else {
      await endAndTell(work, { fence, end, answer })
    }
    observe?.({
      work,
      outcome: end.outcome,
      code: 'code' in end ? end.code : 'HUB_SUBMITTED',
      detail: 'detail' in end ? end.detail : undefined,
      seconds: (performance.now() - started) / 1000,
      traceparent: trace,
    })
    return after(work, end)
  }

  /** Where signing breaks nothing has left: it is tried again, and never in doubt. */
  async function signedForm(work: SubmissionWork, attempt: AttemptRef): Promise<Signed> {
    if (!signing) return { outcome: 'ready', bytes: work.bytes }
    return signing
      .sign(work, attempt)
      .catch((error: unknown) => ({ outcome: 'away', detail: error instanceof Error ? error.message : String(error) }))
  }

  /**
   * A process that was stopped for a while (a frozen machine, a signer that took long) may have been taken for gone,
   * and its try given to another: asked right before the first byte leaves. A machine that was suspended may have
   * counted none of that time: the clock on the wall has, as soon as it is right again.
   */
  async function stillMine(attempt: AttemptRef, asked: Moment): Promise<boolean> {
    const passed = ({ at, date }: Moment) => Math.max(performance.now() - at, now().getTime() - date)
    for (let since = asked; passed(since) > STALE_AFTER_MS;) {
      since = momentOf(now())
      if (!(await ledger.renewAttempt(attempt, now()))) return false
    }
    return true
  }

  /** In one write: a worker that comes too late to end its try tells nobody either. */
  async function endAndTell(
    work: SubmissionWork,
    { fence, end, answer }: { fence: string; end: AttemptEnd; answer?: AgencyAnswer | undefined },
  ): Promise<void> {
    const told = end.outcome === 'dead' ? await failed(work, { fence, end, answer }) : undefined
    await ledger.endAttempt({ submissionId: work.submissionId, fence }, { ...end, told }, now())
  }

  /** Nothing has left the hub: it waits for its signer, or goes back to its partner. */
  async function notSigned(
    work: SubmissionWork,
    fence: string,
    signed: Exclude<Signed, { outcome: 'ready' }>,
  ): Promise<StepResult> {
    if (signed.outcome === 'stale') return { outcome: 'done' }
    const { detail } = signed
    const end: AttemptEnd =
      signed.outcome === 'impossible' ? givenUp(work, 'HUB_UNSIGNABLE', detail) : waitingForSigner(work, detail)
    await endAndTell(work, { fence, end })
    observe?.({ work, outcome: end.outcome, code: 'code' in end ? end.code : '', detail, seconds: 0 })
    return after(work, end)
  }

  /**
   * The bytes are not those that were recorded: nobody files them. A person puts a backup back in place, or its partner
   * files again.
   */
  async function giveUpDamaged(work: SubmissionWork, fence: string): Promise<StepResult> {
    const end = givenUp(work, 'HUB_BYTES_DAMAGED', 'the bytes in the ledger are damaged')
    await endAndTell(work, { fence, end })
    observe?.({ work, outcome: end.outcome, code: end.code, detail: end.detail, seconds: 0 })
    return after(work, end)
  }

  /** A worker claimed it and did not come back: bytes may have left. */
  async function recover({
    work,
    fence,
    attemptId,
    startedAt,
  }: Extract<ClaimOutcome, { outcome: 'interrupted' }>): Promise<StepResult> {
    const rules = policy(work.agency)
    const abandonedAt = new Date(startedAt.getTime() + longestTrySeconds(work.agency) * 1000 + ABANDONED_AFTER_MS)
    if (now() < abandonedAt) return { outcome: 'later', at: abandonedAt }
    const detail = `worker lost after ${startedAt.toISOString()}`
    const end: AttemptEnd = rules.idempotent
      ? { outcome: 'retry', at: now(), code: 'HUB_INTERRUPTED', detail }
      : { outcome: 'unclear', code: 'HUB_INTERRUPTED', detail }
    // Another looks into it already, or the worker has come back.
    if (!(await ledger.endAttempt({ submissionId: work.submissionId, fence }, end, now()))) return { outcome: 'done' }
    observe?.({ work, outcome: end.outcome, code: 'HUB_INTERRUPTED', seconds: 0 })
    return rules.idempotent ? { outcome: 'later', at: now() } : ask(work.submissionId, { attemptId })
  }

  /** When this submission, or the one behind it, has its turn. */
  async function after({ submissionId, agency }: SubmissionWork, end: AttemptEnd): Promise<StepResult> {
    switch (end.outcome) {
      case 'retry':
        return { outcome: 'later', at: end.at }
      case 'unclear':
        // It may still be taking it in.
        return connector(agency).query ? laterBy(policy(agency).askSeconds[0] * 1000, now()) : { outcome: 'done' }
      case 'submitted':
      case 'dead':
        return freed(submissionId)
      default:
        return end satisfies never
    }
  }

  /** Nothing of it is under way any more: what waited behind it goes next. */
  async function freed(submissionId: string): Promise<StepResult> {
    const next = await ledger.nextBehind(submissionId)
    return next ? { outcome: 'done', next } : { outcome: 'done' }
  }
}

/** A moment by a clock that runs on while the process stands still, and by that on the wall; in milliseconds. */
interface Moment {
  at: number
  date: number
}
const momentOf = (date: Date): Moment => ({ at: performance.now(), date: date.getTime() })

const always: Admitted = { end: () => {} }

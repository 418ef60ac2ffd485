// submit — one try to hand one message to one agency. The ledger says `submitting` before a byte leaves, so a crash
// anywhere in here is seen afterwards as a try that did not come back, and is never simply made again (promise 3).
//
//   claim ─ send ─┬ taken      → answer and `submitted` in one write
//                 ├ duplicate  → taken, where an earlier try may have arrived; else a dead letter: it was filed in another way
//                 ├ transient  → again, after the policy's delay, until it gives up: dead, or `unclear` after a try in doubt
//                 ├ ambiguous  → `unclear`; asked about where the agency can be asked, sent again only where it is idempotent
//                 └ permanent  → dead letter, and the partner hears why
import type { AgencyAnswer, Connector, SendOutcome } from '../../adapters/connectors/connector.js'
import type { Expectation } from '../../messages/document-type.js'
import { errorText, type ErrorCode } from '../../messages/errors.js'
import type { Key } from '../../messages/inspection.js'
import { returnChannel, type Partner } from '../../messages/partner.js'
import { receiptBody, type Receipt } from '../../messages/receipt.js'
import type { AttemptEnd, Ledger, SubmissionWork } from '../../store/ledger.js'
import type { Admitted } from '../../queues/gate.js'
import { retryDelayMs, type AgencyPolicy } from '../agencies/policy.js'
import type { Sign, Signed } from './sign.js'
import type { KeepReply, StepResult } from './step.js'

/** @see [startWorking](../boot/working.ts) */
export interface SubmitParts {
  ledger: Pick<
    Ledger,
    'claim' | 'renewAttempt' | 'endAttempt' | 'nextBehind' | 'resolveUnclear' | 'addReceipt' | 'submissionById'
  >
  /** @see [createAgencies](../agencies/agencies.ts) */
  connector: (agency: string) => Connector
  /** @see [createAgencies](../agencies/agencies.ts) */
  policy: (agency: string) => AgencyPolicy
  /**
   * The longest any try now under way may take: the rules may have been changed since it began.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  longestTrySeconds?: (agency: string) => number
  /**
   * May anything go to this agency now? Told afterwards how it went.
   * @see [createGate](../../queues/gate.ts)
   */
  admit?: (agency: string) => Admitted | { until: Date }
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /**
   * What a document type's agency is to answer, and until when.
   * @see [readData](../boot/data.ts)
   */
  expects: (documentType: string) => Expectation[] | undefined
  keepReply: KeepReply
  /** Signs what goes to agencies that want it signed; absent: nothing is. */
  signing?: Sign
  /** Aborted when the hub stops: a send under way may finish, a new one is not begun. */
  signal: AbortSignal
  /** What the agency is told of the trace a try belongs to. */
  traceparent?: ((messageId: string) => string | undefined) | undefined
  /** @see [createObserve](../operate/observe.ts) */
  claimed?: (ids: { submissionId: string; messageId: string; agency: string; attempt: number }) => void
  /** @see [createObserve](../operate/observe.ts) */
  observe?: (event: SubmitEvent) => void
  now?: () => Date
}

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
/** Whether a signer is back is looked at so often. */
const signerMs = 5_000

export function createSubmit({
  ledger,
  connector,
  policy,
  longestTrySeconds = (agency) => policy(agency).deadlineSeconds,
  admit = () => always,
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
  /** `agency` is the queue the job stands in. */
  return async function submit(submissionId: string, agency: string): Promise<StepResult> {
    if (signal.aborted) return later(1000)
    if (signing?.waits(submissionId, agency)) return later(signerMs)
    const admitted = admit(agency)
    if ('until' in admitted) return { outcome: 'later', at: admitted.until }
    try {
      return await attempt(submissionId, agency, admitted)
    } finally {
      admitted.end('none')
    }
  }

  /** A try that began later may still be under way, in this process or in another. */
  function abandonedBefore(agency: string): Date {
    return new Date(now().getTime() - longestTrySeconds(agency) * 1000 - ABANDONED_AFTER_MS)
  }

  async function attempt(submissionId: string, agency: string, admitted: Admitted): Promise<StepResult> {
    const asked = performance.now()
    const claim = await ledger.claim(submissionId, now(), abandonedBefore(agency))
    switch (claim.outcome) {
      case 'claimed':
        return send(claim.work, { fence: claim.fence, asked, admitted })
      case 'interrupted':
        return recover(claim.work, claim.fence, claim.startedAt)
      case 'later':
        return { outcome: 'later', at: claim.at }
      case 'held':
        await tellHeld(claim.work, claim.original.reference)
        return { outcome: 'done' }
      case 'behind':
        // Whoever frees it offers it again; should that be lost in a crash, the sweeper does.
        return { outcome: 'done' }
      case 'done':
        return claim.state === 'unclear' ? ask(submissionId, claim.sentSince) : { outcome: 'done' }
      default:
        return claim satisfies never
    }
  }

  /** `asked`: when the claim was, by a clock that runs on while the process stands still. */
  async function send(
    work: SubmissionWork,
    { fence, asked, admitted }: { fence: string; asked: number; admitted: Admitted },
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
    const signed = (await signing?.sign(work, attempt)) ?? { outcome: 'ready', bytes: work.bytes }
    if (signed.outcome !== 'ready') return notSigned(work, fence, signed)
    const { bytes } = signed
    if (!(await stillMine(attempt, asked))) return { outcome: 'done' }
    const sent = trace === undefined ? { ...work, bytes } : { ...work, bytes, traceparent: trace }
    const result = await connector(work.agency).send(sent, signal)
    admitted.end(
      healthOf(result),
      result.outcome === 'transient' ? result.retryAfterSeconds : undefined,
      result.outcome === 'transient' ? result.detail : undefined,
    )
    const answer = 'answer' in result ? result.answer : undefined
    const end = judge(work, result)
    const write = () => ledger.endAttempt({ submissionId: work.submissionId, fence }, end, now())
    if (end.outcome === 'submitted' && answer) {
      // The answer never after the state: a crash in between would leave a submission that is taken, and its receipt
      // nowhere.
      const reply = await keepReply(work.agency, work.submissionId, answer, write)
      await reply.settle()
    } else if (end.outcome === 'submitted' && result.outcome === 'duplicate') {
      await withReceipt(work.submissionId, work.agency, write)
    } else if (end.outcome === 'dead') {
      await Promise.all([tellFailure(work, fence, end, answer), write()])
    } else {
      await write()
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

  /**
   * A process that was stopped for a while (a frozen machine, a signer that took long) may have been taken for gone,
   * and its try given to another: asked right before the first byte leaves.
   */
  async function stillMine(attempt: { submissionId: string; fence: string }, asked: number): Promise<boolean> {
    for (let since = asked; performance.now() - since > STALE_AFTER_MS;) {
      since = performance.now()
      if (!(await ledger.renewAttempt(attempt, now()))) return false
    }
    return true
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
      signed.outcome === 'impossible' ? givenUp(work, 'HUB_UNSIGNABLE', detail) : waitForSigner(work, detail)
    const write = ledger.endAttempt({ submissionId: work.submissionId, fence }, end, now())
    await Promise.all(end.outcome === 'dead' ? [tellFailure(work, fence, end, undefined), write] : [write])
    observe?.({ work, outcome: end.outcome, code: 'code' in end ? end.code : '', detail, seconds: 0 })
    return after(work, end)
  }

  function waitForSigner(work: SubmissionWork, detail: string): AttemptEnd {
    const at = new Date(now().getTime() + signerMs)
    const giveUpAt = work.acceptedAt.getTime() + policy(work.agency).giveUpHours * 3_600_000
    const code = 'HUB_SIGNER_UNAVAILABLE'
    return at.getTime() > giveUpAt ? exhausted(work, code, detail) : { outcome: 'retry', at, code, detail }
  }

  /**
   * The bytes are not those that were recorded: nobody files them. A person puts a backup back in place, or its partner
   * files again.
   */
  async function giveUpDamaged(work: SubmissionWork, fence: string): Promise<StepResult> {
    const end = givenUp(work, 'HUB_BYTES_DAMAGED', 'the bytes in the ledger are damaged')
    await Promise.all([
      end.outcome === 'dead' && tellFailure(work, fence, end, undefined),
      ledger.endAttempt({ submissionId: work.submissionId, fence }, end, now()),
    ])
    observe?.({ work, outcome: end.outcome, code: end.code, detail: end.detail, seconds: 0 })
    return after(work, end)
  }

  /**
   * Nothing more is tried. After a try that may have been taken it is in doubt still: told that it failed, its partner
   * would correct it and file it again.
   */
  function givenUp(
    { inDoubt }: Pick<SubmissionWork, 'inDoubt'>,
    code: ErrorCode,
    detail: string,
  ): Extract<AttemptEnd, { outcome: 'dead' | 'unclear' }> {
    return { outcome: inDoubt ? 'unclear' : 'dead', code, detail }
  }

  function exhausted(work: Pick<SubmissionWork, 'attempt' | 'inDoubt'>, code: string, detail: string) {
    return givenUp(work, 'HUB_ATTEMPTS_EXHAUSTED', `${work.attempt} attempts, the last: ${code} ${detail}`)
  }

  function judge(work: SubmissionWork, result: SendOutcome): AttemptEnd {
    const rules = policy(work.agency)
    const again = (waits: readonly number[], code: string, detail: string, waitSeconds?: number): AttemptEnd => {
      const at = new Date(
        now().getTime() + Math.max(retryDelayMs(rules, waits, work.attempt), (waitSeconds ?? 0) * 1000),
      )
      const giveUpAt = work.acceptedAt.getTime() + rules.giveUpHours * 3_600_000
      return at.getTime() > giveUpAt ? exhausted(work, code, detail) : { outcome: 'retry', at, code, detail }
    }
    switch (result.outcome) {
      case 'taken':
        return submitted(work, result.learn)
      case 'duplicate':
        return work.mayHaveArrived
          ? submitted(work, result.learn)
          : { outcome: 'dead', code: 'HUB_AGENCY_DUPLICATE', detail: result.detail }
      case 'transient':
        return again(rules.retrySeconds, result.code, result.detail, result.retryAfterSeconds)
      case 'ambiguous': {
        const unclear: AttemptEnd = { outcome: 'unclear', code: result.code, detail: result.detail }
        const next = rules.idempotent ? again(rules.doubtSeconds, result.code, result.detail) : unclear
        return next.outcome === 'retry' ? next : unclear
      }
      case 'permanent':
        return { outcome: 'dead', code: result.code, detail: result.detail }
      default:
        return result satisfies never
    }
  }

  function submitted({ documentType }: SubmissionWork, learn: Key[] = []): AttemptEnd {
    const [first] = learn
    const steps = expects(documentType)
    return {
      outcome: 'submitted',
      ...(steps ? { expects: steps } : {}),
      ...(first ? { learn, agencyReference: first.value } : {}),
    }
  }

  /**
   * What it answered when nobody heard it: its number, by which all later receipts find the submission. Fetched before
   * the state is written, and kept with it: once nothing is in doubt, nobody asks again. Where it cannot be had now,
   * the state is written without it, and it turns up as late.
   */
  async function withReceipt(submissionId: string, agency: string, write: () => Promise<unknown>): Promise<void> {
    const answer = await connector(agency)
      .receipt?.(submissionId, signal)
      .catch(() => undefined)
    if (answer) await (await keepReply(agency, submissionId, answer, write)).settle()
    else await write()
  }

  async function after({ submissionId, agency }: SubmissionWork, end: AttemptEnd): Promise<StepResult> {
    switch (end.outcome) {
      case 'retry':
        return { outcome: 'later', at: end.at }
      case 'unclear':
        // It may still be taking it in.
        return connector(agency).query ? later(policy(agency).askSeconds[0] * 1000) : { outcome: 'done' }
      case 'submitted':
      case 'dead':
        return freed(submissionId)
      default:
        return end satisfies never
    }
  }

  /** A worker claimed it and did not come back: bytes may have left. */
  async function recover(work: SubmissionWork, fence: string, startedAt: Date): Promise<StepResult> {
    const rules = policy(work.agency)
    const abandonedAt = new Date(startedAt.getTime() + longestTrySeconds(work.agency) * 1000 + ABANDONED_AFTER_MS)
    if (now() < abandonedAt) return { outcome: 'later', at: abandonedAt }
    const detail = `worker lost after ${startedAt.toISOString()}`
    const end: AttemptEnd = rules.idempotent
      ? { outcome: 'retry', at: now(), code: 'HUB_INTERRUPTED', detail }
      : { outcome: 'unclear', code: 'HUB_INTERRUPTED', detail }
    await ledger.endAttempt({ submissionId: work.submissionId, fence }, end, now())
    observe?.({ work, outcome: end.outcome, code: 'HUB_INTERRUPTED', seconds: 0 })
    return rules.idempotent ? { outcome: 'later', at: now() } : ask(work.submissionId)
  }

  /** Nobody knows whether the agency has it: the agency is asked, where it can be; a person decides otherwise. */
  async function ask(submissionId: string, sentSince?: Date): Promise<StepResult> {
    const known = await ledger.submissionById(submissionId)
    if (!known) return { outcome: 'done' }
    const reached = connector(known.agency)
    if (!reached.query) return { outcome: 'done' }
    const answer = await reached.query(submissionId, signal, sentSince)
    switch (answer) {
      case 'taken':
        await withReceipt(submissionId, known.agency, () =>
          ledger.resolveUnclear(
            submissionId,
            { decision: 'taken', why: 'the agency has it', expects: expects(known.documentType) },
            now(),
          ),
        )
        return freed(submissionId)
      case 'not-taken':
        await ledger.resolveUnclear(submissionId, { decision: 'resend', why: 'the agency does not have it' }, now())
        return later(0)
      case 'unknown':
        return later(policy(known.agency).askSeconds[1] * 1000)
      default:
        return answer satisfies never
    }
  }

  async function tellFailure(
    work: SubmissionWork,
    fence: string,
    end: Extract<AttemptEnd, { outcome: 'dead' }>,
    answer: AgencyAnswer | undefined,
  ): Promise<void> {
    const receipt: Receipt = {
      // The same for the same attempt, so that telling twice is telling once (promise 7). Not its number: after a
      // replay that begins again.
      receiptId: `rcp_${fence.slice(4)}`,
      messageId: work.messageId,
      reference: work.reference,
      operation: work.operation,
      documentType: work.documentType,
      stage: 'business',
      agency: work.agency,
      status: 'failed',
      code: end.code,
      text: errorText(end.code as ErrorCode, {
        detail: end.detail,
        agency: work.agency,
        messageId: work.messageId,
      }),
      time: now().toISOString(),
      faults: [],
      ...(answer ? { body: receiptBody(answer.bytes, answer.mediaType) } : {}),
    }
    await tell(work, receipt, 'failed')
  }

  /** A crash before this leaves a held submission whose partner has not heard; the state says it all the same. */
  async function tellHeld(work: SubmissionWork, original: string): Promise<void> {
    const { messageId, reference, operation, documentType, agency } = work
    const receipt: Receipt = {
      receiptId: `rcp_${work.submissionId.slice(4)}h`,
      messageId,
      reference,
      operation,
      documentType,
      stage: 'business',
      agency,
      status: 'processing',
      code: 'HUB_HELD',
      text: errorText('HUB_HELD', { reference: original }),
      time: now().toISOString(),
      faults: [],
    }
    await tell(work, receipt, 'processing')
    observe?.({ work, outcome: 'held', code: 'HUB_HELD', detail: original, seconds: 0 })
  }

  async function tell(work: SubmissionWork, receipt: Receipt, status: 'failed' | 'processing'): Promise<void> {
    const came = (await ledger.submissionById(work.submissionId))?.channel ?? 'http'
    await ledger.addReceipt(
      {
        receipt,
        submissionId: work.submissionId,
        status,
        receiptReturn: 'owed',
        receiptChannel: returnChannel((await partner(work.partnerId))?.settings, 'business', came),
      },
      now(),
    )
  }

  async function freed(submissionId: string): Promise<StepResult> {
    const next = await ledger.nextBehind(submissionId)
    return next ? { outcome: 'done', next } : { outcome: 'done' }
  }

  function later(ms: number): StepResult {
    return { outcome: 'later', at: new Date(now().getTime() + ms) }
  }
}

const always: Admitted = { end: () => {} }

/** What a result says about the agency's own health; what is the message's or the operator's fault says nothing bad. */
function healthOf(result: SendOutcome): 'ok' | 'failed' | 'none' {
  switch (result.outcome) {
    case 'taken':
    case 'duplicate':
    case 'permanent':
      return 'ok'
    case 'ambiguous':
      return 'failed'
    case 'transient':
      return result.code === 'HUB_AGENCY_UNCONFIGURED' ? 'none' : 'failed'
    default:
      return result satisfies never
  }
}

// end-of-try — how a try ends, by what its agency said of it: taken, tried again later, in doubt, or given up. Nothing
// is written here.
import type { SendOutcome } from '../../../adapters/connectors/connector.js'
import type { Expectation } from '../../../messages/document-type.js'
import type { ErrorCode } from '../../../messages/errors.js'
import type { Key } from '../../../messages/inspection.js'
import type { AttemptEnd, SubmissionWork } from '../../../store/ledger.js'
import { retryDelayMs, type AgencyPolicy } from '../../agencies/policy.js'

/** @see [createSubmit](../submit.ts) */
export interface EndOfTryParts {
  /** @see [createAgencies](../../agencies/agencies.ts) */
  policy: (agency: string) => AgencyPolicy
  /**
   * What a document type's agency is to answer, and until when.
   * @see [readData](../../boot/data.ts)
   */
  expects: (documentType: string) => Expectation[] | undefined
  now: () => Date
}

/** Nothing more is tried. */
type GivenUp = Extract<AttemptEnd, { outcome: 'dead' | 'unclear' }>

/** Whether a signer is back is looked at so often. */
export const signerMs = 5_000

/**
 * Nothing more is tried. After a try that may have been taken it is in doubt still: told that it failed, its partner
 * would correct it and file it again.
 */
export function givenUp({ inDoubt }: Pick<SubmissionWork, 'inDoubt'>, code: ErrorCode, detail: string): GivenUp {
  return { outcome: inDoubt ? 'unclear' : 'dead', code, detail }
}

function exhausted(work: Pick<SubmissionWork, 'attempt' | 'inDoubt'>, code: string, detail: string) {
  return givenUp(work, 'HUB_ATTEMPTS_EXHAUSTED', `${work.attempt} attempts, the last: ${code} ${detail}`)
}

/** The ends of tries, as the rules of their agency have them at this moment. */
export function createEndOfTry({ policy, expects, now }: EndOfTryParts) {
  /** How a try ends that was sent. */
  function ofOutcome(work: SubmissionWork, result: SendOutcome): AttemptEnd {
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

  /** Nothing was sent: there is no signer. Tried again soon, until the agency's rules give up. */
  function waitingForSigner(work: SubmissionWork, detail: string): AttemptEnd {
    const at = new Date(now().getTime() + signerMs)
    const giveUpAt = work.acceptedAt.getTime() + policy(work.agency).giveUpHours * 3_600_000
    const code = 'HUB_SIGNER_UNAVAILABLE'
    return at.getTime() > giveUpAt ? exhausted(work, code, detail) : { outcome: 'retry', at, code, detail }
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

  return { ofOutcome, waitingForSigner }
}

/** What a result says about the agency's own health; what is the message's or the operator's fault says nothing bad. */
export function healthOf(result: SendOutcome): 'ok' | 'failed' | 'none' {
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

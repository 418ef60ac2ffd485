// in-doubt — a submission of which nobody knows whether its agency has it: the agency is asked, where it can be; and
// one that had taken it already is asked for its receipt.
import type { Connector } from '../../../adapters/connectors/connector.js'
import type { Expectation } from '../../../messages/document-type.js'
import type { Ledger } from '../../../store/ledger.js'
import type { AgencyPolicy } from '../../agencies/policy.js'
import { placeOfTry } from '../../../messages/try-id.js'
import { laterBy, type KeepReply, type StepResult } from '../step.js'

/** @see [createSubmit](../submit.ts) */
export interface InDoubtParts {
  ledger: Pick<Ledger, 'resolveUnclear' | 'submissionById'>
  /** @see [createAgencies](../../agencies/agencies.ts) */
  connector: (agency: string) => Connector
  /** @see [createAgencies](../../agencies/agencies.ts) */
  policy: (agency: string) => AgencyPolicy
  /** Where the agency is reached now. */
  placeOf: (agency: string) => string | undefined
  /**
   * What a document type's agency is to answer, and until when.
   * @see [readData](../../boot/data.ts)
   */
  expects: (documentType: string) => Expectation[] | undefined
  keepReply: KeepReply
  /** Aborted when the hub stops: a send under way may finish, a new one is not begun. */
  signal: AbortSignal
  /** What waited behind it goes next. */
  freed: (submissionId: string) => Promise<StepResult>
  now: () => Date
}

type Answer = Awaited<ReturnType<NonNullable<Connector['query']>>>

/** Makes what is done about it. */
export function createInDoubt({
  ledger,
  connector,
  policy,
  placeOf,
  expects,
  keepReply,
  signal,
  freed,
  now,
}: InDoubtParts) {
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

  /**
   * An agency that has been moved since says nothing of what its old place may have: sent again, it would be there
   * twice.
   */
  function judged(answer: Answer, agency: string, attemptId: string | undefined): Answer {
    const madeAt = attemptId === undefined ? undefined : placeOfTry(attemptId)
    return answer === 'not-taken' && madeAt !== undefined && madeAt !== placeOf(agency) ? 'unknown' : answer
  }

  /**
   * Nobody knows whether the agency has it: the agency is asked, where it can be; a person decides otherwise.
   * @param about the try that is in doubt
   */
  async function ask(
    submissionId: string,
    about: NonNullable<Parameters<NonNullable<Connector['query']>>[2]>,
  ): Promise<StepResult> {
    const known = await ledger.submissionById(submissionId)
    if (!known) return { outcome: 'done' }
    const reached = connector(known.agency)
    if (!reached.query) return { outcome: 'done' }
    const answer = judged(await reached.query(submissionId, signal, about), known.agency, about.attemptId)
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
        await ledger.resolveUnclear(
          submissionId,
          { decision: 'resend', why: 'the agency does not have it', attemptId: about.attemptId },
          now(),
        )
        return laterBy(0, now())
      case 'unknown':
        return laterBy(policy(known.agency).askSeconds[1] * 1000, now())
      default:
        return answer satisfies never
    }
  }

  return { withReceipt, ask }
}

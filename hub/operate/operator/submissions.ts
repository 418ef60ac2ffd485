// submissions — what an operator does about submissions that nobody sends by itself: dead, unclear or held.
import type { Expectation } from '../../../messages/document-type.js'
import type { Operator } from '../../../messages/operator.js'
import type { HubReceipt, Ledger, SubmissionFacts } from '../../../store/ledger.js'
import type { Act, RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface SubmissionsParts {
  ledger: Pick<
    Ledger,
    'submissionById' | 'nextBehind' | 'needsAttention' | 'replay' | 'resolveUnclear' | 'releaseHeld' | 'dropDead'
  >
  recorded: RecordAct
  /**
   * What a document type's agency is to answer, and until when.
   * @see [readData](../../boot/data.ts)
   */
  expects: (documentType: string) => Expectation[] | undefined
  offer: (submission: { submissionId: string; agency: string; partnerId: string }) => Promise<unknown>
  /**
   * What a partner hears of it when a person gives it up.
   * @see [createTellPartner](../../steps/submit/tell-partner.ts)
   */
  givenUp: (submission: SubmissionFacts) => Promise<HubReceipt>
  now: () => Date
}

/** Dead letters one act replays. */
const mostReplayed = 10_000

/** A verb about one submission resolves with false where it is not in that state: then nothing was done. */
export function createSubmissions({ ledger, recorded, expects, offer, givenUp, now }: SubmissionsParts) {
  /** What may go on now is offered at once; should that be lost, the sweeper does it. */
  async function offerAgain(submissionId: string): Promise<void> {
    const known = await ledger.submissionById(submissionId)
    if (known) await offer({ submissionId, agency: known.agency, partnerId: known.partnerId })
    const next = await ledger.nextBehind(submissionId)
    if (next) await offer(next)
  }

  async function onSubmission(act: Act, change: () => Promise<boolean>): Promise<boolean> {
    if (!(await recorded(act, change))) return false
    await offerAgain(act.target)
    return true
  }

  /** A person decides about what nobody sends by itself. Given up, its partner hears it in the same write. */
  async function decide(
    by: Operator,
    { action, submissionId, decision }: { action: string; submissionId: string; decision: string },
    change: (told: HubReceipt | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    const known = decision === 'dead' ? await ledger.submissionById(submissionId) : undefined
    const told = known && (await givenUp(known))
    return onSubmission({ by, action, target: submissionId, detail: { decision } }, () => change(told))
  }

  /** What a person says is at the agency is answered for like all else: should no answer come, it turns up as late. */
  async function decideUnclear(
    submissionId: string,
    { decision, by, told }: { decision: 'taken' | 'resend' | 'dead'; by: Operator; told: HubReceipt | undefined },
  ): Promise<boolean> {
    const known = await ledger.submissionById(submissionId)
    return ledger.resolveUnclear(
      submissionId,
      { decision, why: by.why ?? '', expects: known && expects(known.documentType), told },
      now(),
    )
  }

  return {
    replay: (submissionId: string, by: Operator) =>
      onSubmission({ by, action: 'dead.replay', target: submissionId }, () => ledger.replay(submissionId, now())),
    /** One after another, each an act of its own in the audit. What stands there no more is left out. */
    async replayAll(which: { agency?: string | undefined; code?: string | undefined }, by: Operator): Promise<number> {
      let replayed = 0
      for (const { submissionId } of await ledger.needsAttention('dead', mostReplayed, which)) {
        const act = { by, action: 'dead.replay', target: submissionId, detail: { all: true } }
        if (await onSubmission(act, () => ledger.replay(submissionId, now()))) replayed += 1
      }
      return replayed
    },
    resolveUnclear: (submissionId: string, decision: 'taken' | 'resend' | 'dead', by: Operator) =>
      decide(by, { action: 'unclear.resolve', submissionId, decision }, (told) =>
        decideUnclear(submissionId, { decision, by, told }),
      ),
    releaseHeld: (submissionId: string, decision: 'send' | 'dead', by: Operator) =>
      decide(by, { action: 'held.release', submissionId, decision }, (told) =>
        ledger.releaseHeld(submissionId, { decision, told }, now()),
      ),

    async dropDead(submissionId: string, by: Operator): Promise<boolean> {
      return recorded({ by, action: 'dead.drop', target: submissionId }, () => ledger.dropDead(submissionId))
    },
  }
}

// sign — what an agency wants signed and came unsigned is signed on its way there (加签), where the agency's rules say
// that the hub does so. What is sent is kept first, so that every later try sends the same bytes.
import type { Inspect } from '../../messages/inspection.js'
import type { AttemptRef, Ledger, SubmissionWork } from '../../store/ledger.js'
import { SignerAwayError, type Signers } from '../trust/signers.js'
import { UnsignableError } from '../trust/signatures.js'

/** @see [startWorking](../boot/working.ts) */
interface SignParts {
  ledger: Pick<Ledger, 'keepSentForm'>
  /** @see [startChecking](../boot/checking.ts) */
  inspect: Inspect
  /** Does the hub sign for this agency? */
  signsFor: (agency: string) => boolean
  signers: Pick<Signers, 'sign' | 'waitsFor'>
}

/** What became of the bytes that are to be sent. */
export type Signed =
  | { outcome: 'ready'; bytes: Buffer }
  /** Nobody can sign it now. */
  | { outcome: 'away'; detail: string }
  /** Nobody ever can. */
  | { outcome: 'impossible'; detail: string }
  /** Another worker has it. */
  | { outcome: 'stale' }

/** @see [createSubmit](./submit.ts) */
export interface Sign {
  /** Before a claim: it needs a signer that is still away. */
  waits(submissionId: string, agency: string): boolean
  /** Of a claimed submission. */
  sign(work: SubmissionWork, attempt: AttemptRef): Promise<Signed>
}

/** The signed bytes are on disk before `sign` resolves with them. After an `away` or `impossible` nothing has left. */
export function createSign({ ledger, inspect, signsFor, signers }: SignParts): Sign {
  const wanted = async (bytes: Buffer) => {
    const { faults, document } = await inspect(bytes)
    return { unsigned: faults.some(({ code }) => code === 'HUB_SIGNATURE_MISSING'), faults, document }
  }

  return {
    waits: (submissionId, agency) => signsFor(agency) && signers.waitsFor(submissionId) !== undefined,
    async sign(work, attempt) {
      if (!signsFor(work.agency)) return { outcome: 'ready', bytes: work.bytes }
      const { unsigned, document } = await wanted(work.bytes)
      if (!unsigned) return { outcome: 'ready', bytes: work.bytes }
      const { submissionId, agency, bytes } = work
      const companies = [...new Set((document?.companies ?? []).map(({ value }) => value))]
      try {
        const signed = await signers.sign({ submissionId, agency, companies, bytes })
        const { faults } = await wanted(signed.bytes)
        if (faults.length > 0) return { outcome: 'impossible', detail: faults.map(({ text }) => text.en).join(' ') }
        return (await ledger.keepSentForm(attempt, signed.bytes))
          ? { outcome: 'ready', bytes: signed.bytes }
          : { outcome: 'stale' }
      } catch (error) {
        if (error instanceof SignerAwayError) return { outcome: 'away', detail: error.detail }
        if (error instanceof UnsignableError) return { outcome: 'impossible', detail: error.message }
        throw error
      }
    },
  }
}

// outgoing-edifact — what the agencies of an accepted document are sent where they take EDIFACT, or XML of what came as
// EDIFACT: made and checked before the partner hears that the document was taken, and kept, so that every try sends the
// same bytes. What cannot be made of it is the partner's to mend.
import { createHash } from 'node:crypto'
import { edifactTarget, type EdifactTaking } from '../../messages/edifact/target.js'
import type { Fault } from '../../messages/fault.js'
import { newId, timeOfId } from '../../messages/ids.js'
import type { Inspect, Inspection, ReadingOptions } from '../../messages/inspection.js'
import type { NewSubmission } from '../../store/ledger.js'

/** @see [createAccept](./accept.ts) */
export interface OutgoingEdifactParts {
  inspect: Inspect
  /** How an agency takes EDIFACT instead of a document; undefined: it takes the document. */
  edifactOf: (agency: string, documentType: string) => EdifactTaking | undefined
  /** Does it take the hub's own XML of this EDIFACT message? Default: no agency does. */
  takesXml?: (agency: string, documentType: string) => boolean
}

/** Keys under which answers in EDIFACT cite what they answer. */
const cited: ReadonlySet<string> = new Set(['documentNumber', 'controlReference'])

interface Formed {
  agencies: readonly string[]
  document: NonNullable<Inspection['document']>
  bytes: Uint8Array
  /**
   * Where faults are told when the partner did not write the XML himself, but what it was made of; their path in it is
   * the rule then.
   */
  place?: string | undefined
  /** The partner. */
  owner: string
  /** How what came as EDIFACT was read. */
  edifact?: ReadingOptions['edifact']
}

/** @see [createJudge](./accept/judge.ts) */
export function createOutgoingEdifact({ inspect, edifactOf, takesXml = () => false }: OutgoingEdifactParts) {
  /**
   * A submission for each agency, in its form; or the faults that keep the document from one of them: then none is to
   * go.
   */
  return async function sentForm({
    agencies,
    document,
    bytes,
    place,
    owner,
    edifact,
  }: Formed): Promise<{ submissions: NewSubmission[]; faults: Fault[] }> {
    const looked = await Promise.all(
      agencies.map(async (agency): Promise<{ submission: NewSubmission; faults: Fault[] }> => {
        const submissionId = newId('sub')
        if (takesXml(agency, document.type)) {
          const made = await inspect(bytes, { owner, asXml: true, ...(edifact ? { edifact } : {}) })
          const sent = made.derived && { bytes: Buffer.from(made.derived.bytes), keys: made.document?.keys ?? [] }
          return { submission: { submissionId, agency, ...(sent ? { sent } : {}) }, faults: made.faults }
        }
        const taking = edifactOf(agency, document.type)
        if (!taking) return { submission: { submissionId, agency }, faults: [] }
        const reference = controlReference(submissionId)
        const made = await inspect(bytes, {
          owner,
          into: edifactTarget(taking, {
            document: document.type,
            facts: document.facts,
            reference,
            preparedAt: new Date(timeOfId(submissionId)),
          }),
        })
        if (!made.derived || made.faults.length > 0)
          return { submission: { submissionId, agency }, faults: made.faults }
        const keys = [
          { name: 'interchangeReference', value: reference },
          ...(made.document?.keys ?? []).filter(({ name }) => cited.has(name)),
        ]
        return {
          submission: { submissionId, agency, sent: { bytes: Buffer.from(made.derived.bytes), keys } },
          faults: [],
        }
      }),
    )
    // Two agencies that take the same form find the same faults: each is told once.
    const told = looked
      .flatMap((one) => one.faults)
      .map(({ line, ...one }) =>
        place === undefined
          ? { ...one, ...(line === undefined ? {} : { line }) }
          : { ...one, path: place, rule: `${one.path ?? ''} ${one.rule ?? ''}`.trim() },
      )
    const faults = new Map(told.map((one) => [`${one.code} ${one.path} ${one.rule}`, one]))
    return { submissions: looked.map(({ submission }) => submission), faults: [...faults.values()] }
  }
}

/** 14 letters and digits (UNB 0020, an..14), always the same of one submission. */
export function controlReference(submissionId: string): string {
  const number = BigInt(`0x${createHash('sha256').update(submissionId).digest('hex')}`)
  return number.toString(36).toUpperCase().slice(-14)
}

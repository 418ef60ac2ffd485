// accept — takes responsibility for an interchange. Once this returns, the partner may forget it.
//   split → identify + check (worker thread) → authorise → form each agency takes → record (one durable write) → answer
// A crash before `record` resolves leaves nothing, and the partner has heard nothing; after it, the ledger knows
// everything. What is judged, recorded and answered stands in `accept/`, a file each.
import type { CutInterchange } from '../../messages/edifact/parts.js'
import { errorText } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { newId } from '../../messages/ids.js'
import type { Accept, Acknowledgement, Answer, Inbound } from '../../messages/inbound.js'
import type { Key } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import { createTurn } from '../../messages/turns.js'
import type { Ledger, NewMessage } from '../../store/ledger.js'
import type { JudgedInterchanges } from './acknowledge.js'
import { toAnswer, withConflicts } from './accept/answers.js'
import { digestOf, digestOfBody } from './accept/digests.js'
import { createJudgeDelivery, type JudgeDeliveryParts, type JudgedDelivery } from './accept/judge-delivery.js'
import type { MessageVerdict } from './accept/judge.js'
import { createNewMessage, type NewMessageParts } from './accept/new-message.js'
import { sha256 } from './sha256.js'
import type { Subscribing } from './subscribing.js'

/** @see [startTaking](../boot/taking.ts) */
interface AcceptParts extends JudgeDeliveryParts, NewMessageParts {
  ledger: Pick<Ledger, 'record'>
  /** Messages that subscribe to notices. */
  subscribing: Subscribing
  /**
   * The answer to the interchanges of a delivery as a whole, in their own form.
   * @see [acknowledge](./acknowledge.ts)
   */
  acknowledge: (judged: JudgedInterchanges) => Promise<Acknowledgement | undefined>
  /**
   * The answer to a delivery that is refused as a whole, in its own form.
   * @see [rejected](./acknowledge.ts)
   */
  rejected: (interchange: CutInterchange, why: Fault, at: Date, interchangeId: string) => Acknowledgement | undefined
  /**
   * The receipt files for senders of flat files, once it is known what became of each. Default: none.
   * @see [flatAcknowledgement](./acknowledge.ts)
   */
  flatAcknowledgement?: (
    verdicts: readonly MessageVerdict[],
    receipts: readonly Receipt[],
  ) => Promise<Acknowledgement | undefined>
  /**
   * Called where two partners have the same key under way at one agency.
   * @see [createObserve](./observe.ts)
   */
  shared?: (event: SharedEvent) => void
  /**
   * Best effort: a crash here, or Redis away, leaves a row with no job, and the sweeper finds it.
   * @see [createQueues](../../queues/queues.ts)
   */
  offer: (
    submission: { submissionId: string; agency: string; partnerId: string },
    operation: string | undefined,
  ) => void
  /** Throws while nothing more may be taken. */
  refuseIfFull?: () => void
  /** Bytes of a partner's refused messages that are kept a day. Default: all. */
  refusedQuota?: number
  /**
   * Called with every answer, after it is on disk.
   * @see [createObserve](./observe.ts)
   */
  observe?: (event: AcceptEvent) => void
  now?: () => Date
}

/** A key that another partner has under way at this agency, too. */
export interface SharedEvent {
  messageId: string
  partnerId: string
  agency: string
  key: Key
}

/** The answer to one message. `seconds`: from the complete body to the write on disk. */
export interface AcceptEvent {
  partnerId: string
  channel: Inbound['channel']
  interchangeId: string
  answer: Answer
  seconds: number
  traceparent?: string | undefined
}

/**
 * The step, and `validate`, which judges in the same way and records nothing. Resolves with the answer to each message
 * once all of them are on disk, in one write. Where it rejects, the partner sends again: what was recorded all the same
 * is a duplicate then.
 * @see [startTaking](../boot/taking.ts)
 */
export function createAccept({
  ledger,
  acknowledge,
  rejected,
  flatAcknowledgement = async () => undefined,
  shared,
  offer,
  refuseIfFull,
  refusedQuota = Infinity,
  observe,
  now = () => new Date(),
  ...parts
}: AcceptParts): Accept & { validate: (inbound: Inbound) => Promise<Answer[]> } {
  const judgeDelivery = createJudgeDelivery(parts)
  const newMessage = createNewMessage(parts)

  async function accept(inbound: Inbound) {
    const started = performance.now()
    refuseIfFull?.()
    return judgeDelivery(inbound, (judged) => record(inbound, judged, started))
  }

  async function record(inbound: Inbound, judged: JudgedDelivery, started: number) {
    const { owner, interchanges, verdicts, refused: whole } = judged
    const { partnerId, channel } = inbound
    const receivedAt = now()
    const turn = createTurn()
    const body = { bytes: inbound.bytes, sha256: await digestOfBody(inbound.bytes, verdicts) }
    const interchange = {
      interchangeId: newId('int'),
      partnerId,
      channel,
      ...(inbound.filename === undefined ? {} : { filename: inbound.filename }),
      ...(inbound.contentType === undefined ? {} : { contentType: inbound.contentType }),
      receivedAt,
      size: [inbound, ...(inbound.more ?? [])].reduce((size, { bytes }) => size + bytes.length, 0),
      sha256: inbound.more ? await sha256(...[inbound, ...inbound.more].map(({ bytes }) => bytes)) : body.sha256,
    }
    const messages: NewMessage[] = []
    for (const verdict of verdicts) {
      messages.push(await newMessage(verdict, await digestOf(verdict, body), { owner, channel, at: receivedAt }))
      await turn()
    }
    const given = whole
      ? rejected(...whole, receivedAt, interchange.interchangeId)
      : await acknowledge({
          interchanges,
          verdicts,
          receipts: messages.map(({ receipt }) => receipt),
          at: receivedAt,
          interchangeId: interchange.interchangeId,
        })
    const recorded = await ledger.record({
      ...interchange,
      refusedQuota,
      refusesConflicts: true,
      messages,
      ...(given ? { acknowledgement: given } : {}),
    })
    const answers = messages.map((message, i) => toAnswer(message, recorded[i]!))
    let acknowledgement = withConflicts(given, recorded)
    acknowledgement ??= await flatAcknowledgement(
      verdicts,
      answers.map(({ receipt }) => receipt),
    )
    // It has waited for the disk: counted from before, a single message would stand in line behind every long work.
    const told = createTurn()
    for (const [i, { messageId, submissions, operation }] of messages.entries()) {
      const became = recorded[i]!
      if (became.outcome !== 'recorded') continue
      for (const submission of submissions) {
        offer({ ...submission, partnerId }, operation)
        await told()
      }
      for (const one of became.shared ?? []) shared?.({ messageId, partnerId, ...one })
    }
    const { interchangeId } = interchange
    const seconds = (performance.now() - started) / 1000
    for (const answer of answers) {
      observe?.({ partnerId, channel, interchangeId, answer, seconds, traceparent: inbound.traceparent })
      await told()
    }
    return { interchangeId, answers, ...(acknowledgement ? { acknowledgement } : {}) }
  }

  /** The same checks, nothing recorded: ids are given out, but no one will know them. */
  async function validate(inbound: Inbound): Promise<Answer[]> {
    const { owner, verdicts } = await judgeDelivery(inbound, async (judged) => judged)
    const at = now()
    const answers: Answer[] = []
    const turn = createTurn()
    const body = { bytes: inbound.bytes, sha256: await digestOfBody(inbound.bytes, verdicts) }
    for (const verdict of verdicts) {
      const { channel } = inbound
      const message = await newMessage(verdict, await digestOf(verdict, body), { owner, channel, at })
      answers.push(onlyChecked(toAnswer(message, { outcome: 'recorded' })))
      await turn()
    }
    return answers
  }

  return Object.assign(accept, { validate })
}

/** What would be accepted is valid, and no more: nobody may wait for its business receipts. */
function onlyChecked(answer: Answer): Answer {
  const { receipt } = answer
  if (receipt.code !== 'HUB_ACCEPTED') return answer
  return { ...answer, receipt: { ...receipt, code: 'HUB_VALID', text: errorText('HUB_VALID') } }
}

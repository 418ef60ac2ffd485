// settle — an agency's answer, now or days later, finds the submission it speaks of and becomes receipts.
//   keep (durable) ─▶ the agency hears "taken" ─▶ read ─ correlate ─ receipts + status + learnt keys in one write
// A crash between the two leaves a reply that is kept and not settled; the sweeper brings it here again. What is small,
// and is known at once whose it is, is kept and settled in one commit, before the agency hears. Whose an answer is, and
// what it comes to, stands in `settle/`. Who gives receipts back hears of them from the ledger (`boot/working.ts`).
import { newId } from '../../messages/ids.js'
import { separatingReplies } from '../../messages/reply.js'
import { inTurns, mapInTurns } from '../../messages/turns.js'
import type { Ledger, NewReply, NewReplyFile, OwnerView, Settlement } from '../../store/ledger.js'
import { factsOf, filesToKeep } from './attached-files.js'
import { createSettling, type Settling, type SettlingParts } from './settle/settling.js'
import type { IncomingReply } from './settle/incoming.js'
import { sha256 } from './sha256.js'

/** @see [startAnswering](../boot/answering.ts) */
export interface SettleParts extends SettlingParts {
  ledger: SettlingParts['ledger'] & Pick<Ledger, 'recordReply' | 'settle'>
  /** @see [createObserve](./observe.ts) */
  kept?: (ids: KeptEvent) => void
  /** Told of files that are too many or too large to be kept. */
  filesLeft?: (event: { agency: string; names: string[] }) => void
  /**
   * Told of every receipt, after it is on disk, and of replies that found nobody.
   * @see [createObserve](./observe.ts)
   */
  observe?: (event: SettleEvent) => void
  /**
   * Told where several partners have the number an answer cites, and nothing in it tells them apart.
   * @see [createObserve](./observe.ts)
   */
  rivals?: (event: RivalsEvent) => void
}

/** An answer that is on disk. `known`: the same was there before. */
export interface KeptEvent {
  replyId: string
  agency: string
  known: boolean
}

/** What an answer came to. */
export interface SettleEvent {
  reply: NewReply
  settlement: Settlement
  seconds: number
}

/** Partners who have the number an answer cites. */
export interface RivalsEvent {
  reply: NewReply
  submissionId: string
  rivals: OwnerView[]
}

/** An answer up to here is read before the agency hears that it is taken; a larger one after that. */
const smallAnswerBytes = 64 * 1024

/** The step, as answers that come in and the sweeper call it. */
export function createSettle({ kept, filesLeft, observe, rivals, ...parts }: SettleParts) {
  const { ledger, now = () => new Date() } = parts
  const { settlingOf, waitedFor } = createSettling(parts)
  /** Resolves when the last of those is settled whose owner was chosen by what went before. */
  let chosenBefore: Promise<unknown> = Promise.resolve()

  /**
   * Keeps the reply. After this the agency may forget it. `settle()` may run at once, later, or twice.
   * @param alongside a write of the ledger that is made with it, never before it
   */
  async function keep(
    { files: given = [], ...reply }: IncomingReply,
    alongside?: () => Promise<unknown>,
  ): Promise<{ replyId: string; known: boolean; settle: () => Promise<void> }> {
    // A CONTRL and the CUSRES behind it are two replies. Cut short by a crash, the agency gives all of it again, and
    // the first is known. With files it stays one: nothing says which of its messages they belong to.
    const parts = given.length > 0 ? [reply.bytes] : await inTurns(separatingReplies(reply.bytes))
    const pieces: Omit<NewReply, 'replyId' | 'receivedAt'>[] = []
    for (const bytes of parts) pieces.push({ ...reply, bytes, sha256: await sha256(bytes) })
    const { files, left } = await filesToKeep(given)
    if (left.length > 0) filesLeft?.({ agency: reply.agency, names: left })
    // What goes alongside is written with the last part, in one commit, when all others are on disk: a crash never
    // leaves the state without the whole answer that brought it.
    const last = pieces.pop()!
    const earlier = await Promise.all(
      await mapInTurns(pieces, (one) => {
        const kept = keepOne(incoming(one, files), files)
        // Awaited in a moment, with the others; until then nobody listens.
        kept.catch(() => {})
        return kept
      }),
    )
    const fresh = incoming(last, files)
    // Parts are settled in their order, each behind the one before it.
    const ready = files.length === 0 && earlier.length === 0 ? await knownAtOnce(fresh) : undefined
    // In one turn, and so in one commit, in this order: the reply, what goes alongside, what the reply comes to.
    const [written, beside, settledWith] = await Promise.allSettled([
      keepOne(fresh, files),
      alongside?.(),
      ready && settleAtOnce(ready),
    ])
    if (beside.status === 'rejected') throw beside.reason
    if (written.status === 'rejected' && !alongside) throw written.reason
    // A disk that fills up may take what goes alongside, and not the reply: nobody else has it, so it is written again.
    const final = written.status === 'fulfilled' ? written.value : await keepOne(fresh, files)
    const settled = written.status === 'fulfilled' && settledWith.status === 'fulfilled' && settledWith.value
    if (ready && settled && !final.known) finish(ready)
    const kept = [...earlier, settled && !final.known ? { ...final, settle: async () => {} } : final]
    return {
      replyId: kept[0]!.replyId,
      known: kept.every(({ known }) => known),
      async settle() {
        for (const one of kept) await one.settle()
      },
    }
  }

  function incoming(reply: Omit<NewReply, 'replyId' | 'receivedAt'>, files: readonly NewReplyFile[]): NewReply {
    const attachments = files.length === 0 ? {} : { attachments: files.map(factsOf) }
    return { ...reply, ...attachments, replyId: newId('rep'), receivedAt: now() }
  }

  async function keepOne(
    fresh: NewReply,
    files: readonly NewReplyFile[],
  ): Promise<{ replyId: string; known: boolean; settle: () => Promise<void> }> {
    const { replyId, known } = await ledger.recordReply(fresh, files)
    kept?.({ replyId, agency: fresh.agency, known })
    return { replyId, known, settle: () => settle({ ...fresh, replyId }) }
  }

  /**
   * What a small answer comes to, where everything in it is found. Else nothing: it is looked for again when it is
   * kept, for by then more may be known.
   */
  async function knownAtOnce(reply: NewReply): Promise<Settling | undefined> {
    if (reply.bytes.length > smallAnswerBytes) return undefined
    try {
      return await settlingOf(reply, { onlyWhole: true })
    } catch {
      // Whatever it was, the answer is kept first, and then it is said.
      return undefined
    }
  }

  /** False: it is kept, and not settled yet. */
  const settleAtOnce = ({ settlement }: Settling): Promise<boolean> =>
    ledger.settle({ ...settlement, withKeeping: true }, now()).catch(() => false)

  async function settle(reply: NewReply): Promise<void> {
    const settling = (await settlingOf(reply))!
    if (settling.instead) await settleInstead(settling.instead)
    if (!settling.settlement.chosenAmong && (await ledger.settle(settling.settlement, now()))) return finish(settling)
    // Its owner depends on what others have heard: one such answer is settled after the other.
    const settled = chosenBefore.then(() => settleInOrder(reply))
    chosenBefore = settled.catch(() => {})
    await settled
  }

  /**
   * Before the one it replaces, whose bytes go then. After a crash in between the sweeper brings both here again: one
   * answers, the other comes too late.
   */
  async function settleInstead(reply: IncomingReply): Promise<void> {
    const kept = await keepOne(incoming({ ...reply, sha256: await sha256(reply.bytes) }, []), [])
    await kept.settle()
  }

  /** Until no other hub has settled another of them meanwhile. */
  async function settleInOrder(reply: NewReply): Promise<void> {
    for (;;) {
      const settling = (await settlingOf(reply))!
      if (await ledger.settle(settling.settlement, now())) return finish(settling)
    }
  }

  function finish({ reply, settlement, unsure, started }: Settling): void {
    for (const { submission, rivals: all } of unsure)
      rivals?.({ reply, submissionId: submission.submissionId, rivals: all })
    observe?.({ reply, settlement, seconds: (performance.now() - started) / 1000 })
  }

  return { keep, settle, waitedFor }
}

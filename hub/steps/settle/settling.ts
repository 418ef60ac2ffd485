// settling — what an answer comes to, before it is written: receipts for those it speaks of, news for those who
// subscribe, an orphan, or nothing yet, while the one it may speak of is in doubt.
import { attachedName } from '../../../messages/attached.js'
import type { Expectation } from '../../../messages/document-type.js'
import type { CharsetName } from '../../../messages/edifact/charset.js'
import { awaited } from '../../../messages/expectation.js'
import type { Key } from '../../../messages/inspection.js'
import type { Learnable } from '../../../messages/learnable.js'
import { returnChannel, type Partner } from '../../../messages/partner.js'
import { bodyOfAnswer, receiptBody, type Receipt } from '../../../messages/receipt.js'
import type { ReplyEntry } from '../../../messages/reply.js'
import type { ReceiptStatus } from '../../../messages/states.js'
import type { Ledger, NewReply, Settlement } from '../../../store/ledger.js'
import type { ReplyReader } from '../../agencies/reply-reader.js'
import type { Notice } from '../notice.js'
import type { Answered, JoinedAnswer } from '../../queries/answered.js'
import type { AnswerOwner } from '../owner-of.js'
import { createCorrelate, type Doubt, type FoundSubmission } from './correlate.js'
import { createHeldFor } from './held-for.js'
import type { IncomingReply } from './incoming.js'
import { gravest, toReceipt } from './receipt-of-entries.js'

/** What it needs to know what an answer comes to. */
export interface SettlingParts {
  ledger: Pick<Ledger, 'ownersOf' | 'answersTo' | 'mayLearn' | 'submissionById'>
  /**
   * Reads an answer; a large one elsewhere.
   * @see [startChecking](../../boot/checking.ts)
   */
  readReply: ReplyReader['read']
  /** @see [createPartnerBook](../../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** @see [readData](../../boot/data.ts) */
  expects: (documentType: string) => Expectation[] | undefined
  /** Which numbers receipts teach, and about what. */
  learnable: Learnable
  /**
   * What an agency's EDIFACT is written in, where its UNB says otherwise.
   * @see [charsetNamed](../../../messages/edifact/charset.ts)
   */
  charsetOf?: (agency: string) => CharsetName | undefined
  /**
   * What becomes of an answer to a question. Default: nothing is a question.
   * @see [createAnswered](../../queries/answered.ts)
   */
  answered?: (submission: FoundSubmission, reply: NewReply) => Promise<Answered | undefined>
  /**
   * Asked about replies that answer nothing of ours.
   * @see [createNotice](../notice.ts)
   */
  notice: (reply: NewReply, said?: ReplyEntry) => Promise<Notice | undefined>
  now?: () => Date
}

/** What an answer comes to, before it is written. */
export interface Settling {
  reply: NewReply
  settlement: Settlement
  /** Where nothing in the answer tells whose it is. */
  unsure: readonly AnswerOwner[]
  /** It answers a question, and this is given in its place. The settlement is of the answer it replaces. */
  instead?: IncomingReply
  started: number
}

/** @see [createSettle](../settle.ts) */
export function createSettling({
  ledger,
  readReply,
  partner,
  expects,
  learnable,
  charsetOf = () => undefined,
  answered: answeredAs = async () => undefined,
  notice,
  now = () => new Date(),
}: SettlingParts) {
  const correlate = createCorrelate(ledger)
  const heldFor = createHeldFor(ledger, learnable)
  /** Ids of submissions whose tries answers wait for. */
  const doubtful = new Set<string>()

  /** @param onlyWhole undefined, where something in it is not found */
  async function settlingOf(reply: NewReply, { onlyWhole = false } = {}): Promise<Settling | undefined> {
    const started = performance.now()
    if (reply.damaged) return setAside(reply, started)
    const read = await readReply(reply.bytes, charsetOf(reply.agency))
    const matched = await correlate(reply, read?.entries ?? [], read?.receiptType.answers)
    const depends = matched.chosenAmong.length > 0
    const doubt = reply.letGo || !matched.doubt ? undefined : matched.doubt
    if (onlyWhole && (depends || doubt || matched.lost > 0 || matched.found.length === 0)) return undefined
    if (doubt) return { reply, settlement: inDoubt(reply, doubt), unsure: [], started }
    const partners = new Set(matched.found.map(({ submission }) => submission.partnerId))
    // Verbatim, unless somebody else's node stands in it too: then each partner gets what concerns it, without the file
    // (promise 9).
    const answered = bySubmission(matched.found)
    const whole = partners.size === 1 && matched.lost === 0
    const body = whole ? bodyOfAnswer(reply.bytes, reply.mediaType, answered.length) : undefined
    // A file that is not named goes where the answer goes as a whole, and to nobody where that is not sure.
    const named = new Set(matched.found.flatMap(({ entry }) => entry.attachments ?? []).map(attachedName))
    const came = reply.attachments ?? []
    const ofAll = whole ? came.filter(({ name }) => !named.has(name)) : []
    const ownerless = matched.found.length === 0 && reply.submissionId === undefined
    const held = ownerless && read ? await heldFor(reply, read) : undefined
    // Only what answers nothing of ours is news for others: a receipt is its owner's alone (promise 9). And only when
    // that is sure.
    const told = ownerless && !held ? await notice(reply, gravest(read?.entries ?? [])) : undefined
    // What nobody wanted is an orphan and no notice: it stands in one list.
    const news = told?.deliveries.length ? told : undefined
    const settings = new Map(
      await Promise.all([...partners].map(async (id) => [id, (await partner(id))?.settings] as const)),
    )
    const results = new Map(
      await Promise.all(answered.map(async ([one]) => [one.submissionId, await answeredAs(one, reply)] as const)),
    )
    // Joined once, and when it is kept: the answer that is given then is kept too.
    if (onlyWhole && [...results.values()].some(isToBeJoined)) return undefined
    const joined = new Map<string, JoinedAnswer>()
    for (const [submissionId, result] of results) {
      const made = isToBeJoined(result) ? await result.join() : undefined
      if (made) joined.set(submissionId, made)
    }
    // Its files, and what it says of others, would be lost with it.
    const stands = answered.length > 1 || !whole || came.length > 0 || named.size > 0
    const [instead] = stands ? [] : joined.values()
    const awaited = instead ? [] : answered.filter(([{ submissionId }]) => results.get(submissionId) !== 'late')
    const settlement: Settlement = {
      replyId: reply.replyId,
      ...(news ? { notice: news } : {}),
      ...(depends ? { chosenAmong: matched.chosenAmong } : {}),
      entries: awaited.map(([submission, entries]) => {
        const { submissionId } = submission
        const given = body && results.get(submissionId) ? bodyOfResult(reply, joined.get(submissionId)) : body
        const receipt = toReceipt({ submission, entries, body: given, at: now(), came, ofAll })
        // What came as the answer to this one, or was matched by a person, cites numbers that are its own.
        const own = reply.submissionId !== undefined && entries.length === 1 ? ownKeys(entries[0]!) : []
        return {
          submissionId,
          status: receipt.status,
          ...(receipt.agencyReference === undefined ? {} : { agencyReference: receipt.agencyReference }),
          learn: [...entries.flatMap((e) => e.learn), ...own],
          receipt,
          ...awaiting(submission.documentType, receipt.status),
          receiptReturn: 'owed',
          receiptChannel: returnChannel(settings.get(submission.partnerId), 'business', submission.channel)!,
        }
      }),
      orphanKeys: matched.cited,
      ...(awaited.length === 0 && answered.length > 0 && matched.lost === 0 ? { dropsBytes: true } : {}),
      orphan: !news && !held && (matched.lost > 0 || matched.found.length === 0),
      ...(held ? { held } : {}),
    }
    return { reply, settlement, unsure: matched.unsure, ...(instead ? { instead } : {}), started }
  }

  /** Nobody is given it before it is known whether the agency has the one it may speak of. */
  function inDoubt({ replyId }: NewReply, { submissionIds, keys, types }: Doubt): Settlement {
    for (const submissionId of submissionIds) doubtful.add(submissionId)
    const held = { types: [...types], cited: [], doubtful: [...submissionIds], keys: [...keys.values()] }
    return { replyId, entries: [], orphan: false, held }
  }

  function awaiting(documentType: string, status: ReceiptStatus) {
    const next = awaited(expects(documentType), status, now())
    return next ? { awaited: next } : {}
  }

  return {
    settlingOf,
    /** An answer waited for the end of this one's try. It is said once. */
    waitedFor: (submissionId: string): boolean => doubtful.delete(submissionId),
  }
}

/**
 * What a disk has changed says nothing: nobody is given it. It stands among the orphans, and the agency is asked for
 * it again.
 */
function setAside(reply: NewReply, started: number): Settling {
  const settlement: Settlement = { replyId: reply.replyId, entries: [], orphan: true }
  return { reply, settlement, unsure: [], started }
}

const isToBeJoined = (result: Answered | undefined): result is Extract<Answered, object> => typeof result === 'object'

/**
 * The body of a receipt that answers a question. Receipts are kept for good, and answers to questions for days: their
 * bytes stay with the answer, but those of a joined one that cannot be given in its place.
 */
function bodyOfResult({ bytes, mediaType }: NewReply, joined: JoinedAnswer | undefined): Receipt['body'] {
  return joined ? receiptBody(joined.bytes, joined.mediaType) : { mediaType, size: bytes.length }
}

const ownKeys = ({ keys, unanswered = [] }: ReplyEntry): Key[] => keys.filter(({ name }) => !unanswered.includes(name))

function bySubmission(found: { submission: FoundSubmission; entry: ReplyEntry }[]): [FoundSubmission, ReplyEntry[]][] {
  const groups = new Map<string, [FoundSubmission, ReplyEntry[]]>()
  for (const { submission, entry } of found) {
    const group = groups.get(submission.submissionId)
    if (group) group[1].push(entry)
    else groups.set(submission.submissionId, [submission, [entry]])
  }
  return [...groups.values()]
}

// settle — an agency's answer, now or days later, finds the submission it speaks of and becomes receipts.
//   keep (durable) ─▶ the agency hears "taken" ─▶ read ─ correlate ─ receipts + status + learnt keys in one write
// A crash between the two leaves a reply that is kept and not settled; the sweeper brings it here again. What is small,
// and is known at once whose it is, is kept and settled in one commit, before the agency hears.
import type { CharsetName } from '../../messages/edifact/charset.js'
import { fault } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { Fault } from '../../messages/fault.js'
import { attachedName, type AgencyFile, type AttachedFacts } from '../../messages/attached.js'
import { returnChannel, type Partner } from '../../messages/partner.js'
import { bodyOfAnswer, type Receipt } from '../../messages/receipt.js'
import type { Expectation } from '../../messages/document-type.js'
import { awaited } from '../../messages/expectation.js'
import type { Key } from '../../messages/inspection.js'
import type { Learnable } from '../../messages/learnable.js'
import { separatingReplies, type Reply, type ReplyEntry } from '../../messages/reply.js'
import type { ReceiptStatus } from '../../messages/states.js'
import type { HeldFor, Ledger, NewReply, NewReplyFile, OwnerView, Settlement } from '../../store/ledger.js'
import { createTurn, inTurns, mapInTurns } from '../../messages/turns.js'
import type { ReplyReader } from '../agencies/reply-reader.js'
import { sha256 } from './sha256.js'
import { attachmentsOf, factsOf, filesToKeep } from './attached-files.js'
import type { Notice } from './notice.js'
import { createOwnerOf, type Owner } from './owner-of.js'
import { unreadEntry } from './unreadable-answer.js'

/** @see [startAnswering](../boot/answering.ts) */
export interface SettleParts {
  ledger: Pick<Ledger, 'recordReply' | 'ownersOf' | 'answersTo' | 'mayLearn' | 'submissionById' | 'settle'>
  /**
   * Reads an answer; a large one elsewhere.
   * @see [startChecking](../boot/checking.ts)
   */
  readReply: ReplyReader['read']
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** @see [readData](../boot/data.ts) */
  expects: (documentType: string) => Expectation[] | undefined
  /** Which numbers receipts teach, and about what. */
  learnable: Learnable
  /**
   * What an agency's EDIFACT is written in, where its UNB says otherwise.
   * @see [charsetNamed](../../messages/edifact/charset.ts)
   */
  charsetOf?: (agency: string) => CharsetName | undefined
  /**
   * What becomes of an agency's answer to a question: `late` when it is answered already, and nobody waits any more;
   * the result as it is given to the asker; undefined: as it came. Default: nothing is a question.
   * @see [createAnswered](../queries/answered.ts)
   */
  answered?: (submission: FoundSubmission, reply: NewReply) => Promise<'late' | { body: Receipt['body'] } | undefined>
  /**
   * Asked about replies that answer nothing of ours.
   * @see [createNotice](./notice.ts)
   */
  notice: (reply: NewReply, said?: ReplyEntry) => Promise<Notice | undefined>
  /** @see [createObserve](../operate/observe.ts) */
  kept?: (ids: { replyId: string; agency: string; known: boolean }) => void
  /** Told of files that are too many or too large to be kept. */
  filesLeft?: (event: { agency: string; names: string[] }) => void
  /**
   * Told of every receipt, after it is on disk, and of replies that found nobody.
   * @see [createObserve](../operate/observe.ts)
   */
  observe?: (event: { reply: NewReply; settlement: Settlement; seconds: number }) => void
  /**
   * Told where several partners have the number an answer cites, and nothing in it tells them apart.
   * @see [createObserve](../operate/observe.ts)
   */
  rivals?: (event: { reply: NewReply; submissionId: string; rivals: OwnerView[] }) => void
  now?: () => Date
}

/** What an agency said, before it is kept. */
export type IncomingReply = Omit<NewReply, 'replyId' | 'receivedAt' | 'attachments'> & {
  /** What came with it. */
  files?: readonly AgencyFile[] | undefined
}
/** What a receipt names of documents that were turned down, and what is kept of the numbers that an orphan cites. */
const mostNamed = 1_000
const mostCited = 5_000

/** What an answer comes to, before it is written. */
interface Settling {
  reply: NewReply
  settlement: Settlement
  /** Where nothing in the answer tells whose it is. */
  unsure: readonly Owner[]
  started: number
}

/** Entries of an answer whose owners are looked for at a time. */
const askedTogether = 32
/** An answer up to here is read before the agency hears that it is taken; a larger one after that. */
const smallAnswerBytes = 64 * 1024

export type FoundSubmission = NonNullable<Awaited<ReturnType<Ledger['submissionById']>>>

export function createSettle({
  ledger,
  readReply,
  partner,
  expects,
  learnable,
  charsetOf = () => undefined,
  answered: answeredAs = async () => undefined,
  notice,
  kept,
  filesLeft,
  observe,
  rivals,
  now = () => new Date(),
}: SettleParts) {
  const ownerOf = createOwnerOf(ledger)
  /** Resolves when the last of those is settled whose owner was chosen by what went before. */
  let chosenBefore: Promise<unknown> = Promise.resolve()
  /** Ids of submissions whose tries answers wait for. */
  const doubtful = new Set<string>()

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
    const [final, , settled] = await Promise.all([keepOne(fresh, files), alongside?.(), ready && settleAtOnce(ready)])
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
    if (!settling.settlement.chosenAmong && (await ledger.settle(settling.settlement, now()))) return finish(settling)
    // Its owner depends on what others have heard: one such answer is settled after the other.
    const settled = chosenBefore.then(() => settleInOrder(reply))
    chosenBefore = settled.catch(() => {})
    await settled
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

  /** @param onlyWhole nothing, where something in it is not found */
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
    const body =
      partners.size === 1 && matched.lost === 0
        ? bodyOfAnswer(reply.bytes, reply.mediaType, answered.length)
        : undefined
    // A file that is not named goes where the answer goes as a whole, and to nobody where that is not sure.
    const named = new Set(matched.found.flatMap(({ entry }) => entry.attachments ?? []).map(attachedName))
    const whole = partners.size === 1 && matched.lost === 0
    const ofAll = whole ? (reply.attachments ?? []).filter(({ name }) => !named.has(name)) : []
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
    const awaited = answered.filter(([{ submissionId }]) => results.get(submissionId) !== 'late')
    const settlement: Settlement = {
      replyId: reply.replyId,
      ...(news ? { notice: news } : {}),
      ...(depends ? { chosenAmong: matched.chosenAmong } : {}),
      entries: awaited.map(([submission, entries]) => {
        const result = results.get(submission.submissionId)
        const given = typeof result === 'object' ? result.body : body
        const came = reply.attachments ?? []
        const receipt = toReceipt({ submission, entries, body: given, at: now(), came, ofAll })
        // What came as the answer to this one, or was matched by a person, cites numbers that are its own.
        const own = reply.submissionId !== undefined && entries.length === 1 ? ownKeys(entries[0]!) : []
        return {
          submissionId: submission.submissionId,
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
      orphan: !news && !held && (matched.lost > 0 || matched.found.length === 0),
      ...(held ? { held } : {}),
    }
    return { reply, settlement, unsure: matched.unsure, started }
  }

  /** Nobody is given it before it is known whether the agency has the one it may speak of. */
  function inDoubt({ replyId }: NewReply, { submissionIds, keys, types }: Doubt): Settlement {
    for (const submissionId of submissionIds) doubtful.add(submissionId)
    const held = { types: [...types], cited: [], doubtful: [...submissionIds], keys: [...keys.values()] }
    return { replyId, entries: [], orphan: false, held }
  }

  /**
   * What a disk has changed says nothing: nobody is given it. It stands among the orphans, and the agency is asked for
   * it again.
   */
  function setAside(reply: NewReply, started: number): Settling {
    const settlement: Settlement = { replyId: reply.replyId, entries: [], orphan: true }
    return { reply, settlement, unsure: [], started }
  }

  function awaiting(documentType: string, status: ReceiptStatus) {
    const next = awaited(expects(documentType), status, now())
    return next ? { awaited: next } : {}
  }

  async function correlate(reply: NewReply, entries: ReplyEntry[], among?: readonly string[]) {
    const found: { submission: FoundSubmission; entry: ReplyEntry }[] = []
    let lost = 0
    const cited = new Map<string, Key>()
    const { owner, unsure, chosenAmong, doubt } = createFinder(reply.agency, among)
    const turn = createTurn()
    const direct = reply.submissionId === undefined ? undefined : await ledger.submissionById(reply.submissionId)
    if (direct && entries.length === 0) found.push({ submission: direct, entry: unreadEntry(reply) })
    for (let i = 0; i < entries.length; i += askedTogether) {
      const some = entries.slice(i, i + askedTogether)
      const theirs = direct ? some.map(() => direct) : await Promise.all(some.map(owner))
      for (const [at, entry] of some.entries()) {
        const submission = theirs[at]
        if (submission) found.push({ submission, entry })
        else {
          lost++
          for (const key of entry.keys) if (cited.size < mostCited) cited.set(`${key.name} ${key.value}`, key)
        }
      }
      await turn()
    }
    return { found, lost, cited: [...cited.values()], unsure, chosenAmong: [...chosenAmong.values()], doubt: doubt() }
  }

  /** Whose the entries of one answer are. What many of them cite alike is asked for once. */
  function createFinder(agency: string, among: readonly string[] | undefined) {
    const known = new Map<string, Promise<FoundSubmission | undefined>>()
    const unsure: Owner[] = []
    const chosenAmong = new Map<string, Owner['chosenAmong'][number]>()
    const inDoubt: Doubt = { submissionIds: new Set(), keys: new Map(), types: new Set() }
    async function find(entry: ReplyEntry): Promise<FoundSubmission | undefined> {
      const found = await ownerOf(agency, entry, among)
      if (found && found.rivals.length > 0) unsure.push(found)
      for (const one of found?.chosenAmong ?? []) chosenAmong.set(one.submissionId, one)
      for (const { submissionId, documentType } of found?.doubtful ?? []) {
        inDoubt.submissionIds.add(submissionId)
        inDoubt.types.add(documentType)
        for (const key of entry.keys) inDoubt.keys.set(`${key.name} ${key.value}`, key)
      }
      return found?.submission
    }
    function owner(entry: ReplyEntry): Promise<FoundSubmission | undefined> {
      const { keys, senders, unanswered, status, code } = entry
      const cited = JSON.stringify([keys, senders, unanswered, status, code])
      const asked = known.get(cited) ?? find(entry)
      known.set(cited, asked)
      return asked
    }
    return { owner, unsure, chosenAmong, doubt: () => (inDoubt.submissionIds.size > 0 ? inDoubt : undefined) }
  }

  /**
   * It may be the receipt of one of ours that is in doubt, or has not been taught its number yet: until that is settled
   * it is nobody's.
   */
  async function heldFor(reply: NewReply, { receiptType, entries }: Reply): Promise<HeldFor | undefined> {
    if (reply.letGo) return undefined
    // Thousands of entries cite under the same few sets of names.
    const sets = new Map<string, string[]>()
    await mapInTurns(entries, ({ keys }) => {
      const set = [...new Set(keys.map(({ name }) => name))]
      sets.set(set.join('|'), set)
    })
    const cited = [...sets.values()]
    const names = new Set(cited.flat())
    const types = learnable
      .answeredBy(receiptType.id)
      .filter((type) => [...learnable.names(type)].some((name) => names.has(name)))
    const held = { types, cited: cited.filter((entry) => entry.length > 0) }
    return types.length > 0 && (await ledger.mayLearn(reply.agency, held, reply.receivedAt)) ? held : undefined
  }

  return {
    keep,
    settle,
    /** An answer waited for the end of this one's try. It is said once. */
    waitedFor: (submissionId: string): boolean => doubtful.delete(submissionId),
  }
}

/** Submissions that an answer may speak of, and of which nobody knows whether the agency has them. */
interface Doubt {
  submissionIds: Set<string>
  keys: Map<string, Key>
  types: Set<string>
}

const ownKeys = ({ keys, unanswered = [] }: ReplyEntry): Key[] => keys.filter(({ name }) => !unanswered.includes(name))

/** The news a person must hear first stands first. */
const gravity: ReceiptStatus[] = [
  'failed',
  'rejected',
  'refused',
  'processing',
  'submitted',
  'accepted',
  'approved',
  'released',
]
/** The first of the gravest. */
function gravest(entries: readonly ReplyEntry[]): ReplyEntry | undefined {
  let found: ReplyEntry | undefined
  for (const entry of entries)
    if (!found || gravity.indexOf(entry.status) < gravity.indexOf(found.status)) found = entry
  return found
}
const isBad = (entry: ReplyEntry) => gravity.indexOf(entry.status) <= 2

interface ReceiptFacts {
  submission: FoundSubmission
  entries: ReplyEntry[]
  body: Receipt['body']
  at: Date
  /** Files that came with the answer. */
  came: readonly AttachedFacts[]
  /** Those of them that no entry names, where they may be given out. */
  ofAll: readonly AttachedFacts[]
}

function toReceipt({ submission, entries, body, at, came, ofAll }: ReceiptFacts): Receipt {
  const worst = gravest(entries)!
  const receiptId = newId('rcp')
  const named = entries.flatMap(({ attachments = [] }) => attachments)
  const own = new Set(named.map(attachedName))
  const files = attachmentsOf(receiptId, named, [...came.filter(({ name }) => own.has(name)), ...ofAll])
  return {
    receiptId,
    messageId: submission.messageId,
    reference: submission.reference,
    operation: submission.operation,
    documentType: submission.documentType,
    stage: 'business',
    agency: submission.agency,
    status: worst.status,
    code: worst.code,
    text: worst.text,
    time: worst.time ?? at.toISOString(),
    // One message may hold a hundred documents: those the agency turned down are named one by one.
    faults: [...(entries.length > 1 ? turnedDown(entries) : []), ...files.faults],
    ...(worst.agencyReference === undefined ? {} : { agencyReference: worst.agencyReference }),
    ...(worst.agencyReferenceName === undefined ? {} : { agencyReferenceName: worst.agencyReferenceName }),
    ...(body ? { body } : {}),
    ...files.attachments,
  }
}

/** A receipt names so many of them; the others stand in the agency's own words, which come with it. */
function turnedDown(entries: readonly ReplyEntry[]): Fault[] {
  const bad = entries.filter(isBad)
  const named = bad.slice(0, mostNamed).map(toFault)
  return bad.length > mostNamed ? [...named, fault('HUB_FAULT_LIMIT', { limit: mostNamed })] : named
}

function toFault(entry: ReplyEntry): Fault {
  const key = entry.about ?? entry.keys[0]
  return { code: entry.code, ...(key ? { path: key.name, value: key.value.slice(0, 200) } : {}), text: entry.text }
}

function bySubmission(found: { submission: FoundSubmission; entry: ReplyEntry }[]): [FoundSubmission, ReplyEntry[]][] {
  const groups = new Map<string, [FoundSubmission, ReplyEntry[]]>()
  for (const { submission, entry } of found) {
    const group = groups.get(submission.submissionId)
    if (group) group[1].push(entry)
    else groups.set(submission.submissionId, [submission, [entry]])
  }
  return [...groups.values()]
}

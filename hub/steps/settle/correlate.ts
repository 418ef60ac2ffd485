// correlate — whose the entries of an answer are: each finds the submission it speaks of, or nobody's.
import type { Key } from '../../../messages/inspection.js'
import type { ReplyEntry } from '../../../messages/reply.js'
import { createTurn } from '../../../messages/turns.js'
import type { Ledger, NewReply } from '../../../store/ledger.js'
import { createOwnerOf, type AnswerOwner } from '../owner-of.js'
import { unreadEntry } from '../unreadable-answer.js'

/** A submission as the ledger has it, for who settles an answer to it. */
export type FoundSubmission = NonNullable<Awaited<ReturnType<Ledger['submissionById']>>>

/** Submissions that an answer may speak of, and of which nobody knows whether the agency has them. */
export interface Doubt {
  submissionIds: Set<string>
  keys: Map<string, Key>
  types: Set<string>
}

/** What correlating an answer came to. */
interface Correlated {
  found: { submission: FoundSubmission; entry: ReplyEntry }[]
  /** Entries of which nobody is found. */
  lost: number
  /** The numbers that these cite, `mostCited` of them. */
  cited: Key[]
  /** Where nothing in the answer tells whose it is. */
  unsure: AnswerOwner[]
  /** Submissions it was chosen among by what each has heard so far. */
  chosenAmong: AnswerOwner['chosenAmong']
  /** Undefined: it speaks of none that is in doubt. */
  doubt: Doubt | undefined
}

/** Entries of an answer whose owners are looked for at a time. */
const askedTogether = 32
/** What is kept of the numbers that an orphan cites. */
const mostCited = 5_000

/** @see [createSettle](../settle.ts) */
export function createCorrelate(ledger: Pick<Ledger, 'ownersOf' | 'answersTo' | 'submissionById'>) {
  const ownerOf = createOwnerOf(ledger)

  /** Whose the entries of one answer are. What many of them cite alike is asked for once. */
  function createFinder(agency: string, among: readonly string[] | undefined) {
    const known = new Map<string, Promise<FoundSubmission | undefined>>()
    const unsure: AnswerOwner[] = []
    const chosenAmong = new Map<string, AnswerOwner['chosenAmong'][number]>()
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

  /** @param among document types that the answer is for; undefined: any */
  return async function correlate(
    reply: NewReply,
    entries: readonly ReplyEntry[],
    among?: readonly string[],
  ): Promise<Correlated> {
    const found: Correlated['found'] = []
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
}

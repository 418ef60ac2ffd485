// owner-of — whose an answer is. First by what the agency itself has taught about a submission; then, where several
// partners have the same key, by the company the answer names, by its other keys. What even that leaves open goes to
// the first to whom it is news: nobody keeps another's receipts away by sending his number again.
// Of one partner's original and its changes, it is the oldest to which the answer is news; of a late one, the oldest
// that has not heard it.
import type { ReplyEntry } from '../../messages/reply.js'
import type { Ledger, OwnerFacts, OwnerView, Settlement } from '../../store/ledger.js'
import { doubtfulToHear, mayHear, oldestToHear, oldestUnaware, surely } from '../../store/rules/whose-answer.js'

/** The submission an entry of an answer speaks of, and what was unsure in finding it. */
export interface AnswerOwner {
  submission: OwnerFacts
  /** More than one partner has the key, and nothing in the answer told them apart: all of them. */
  rivals: OwnerView[]
  /** It was chosen by what each of these has heard: several wait for answers, or several partners have the key. */
  chosenAmong: NonNullable<Settlement['chosenAmong']>
  /** It says nothing new of any that the agency surely has: it may speak of these, which are still in doubt. */
  doubtful: OwnerView[]
}

/**
 * Makes the question; its answer is undefined where no submission has a key that the entry cites. It reads, and writes
 * nothing: `settle` writes only if `chosenAmong` still holds.
 */
export function createOwnerOf(ledger: Pick<Ledger, 'ownersOf' | 'answersTo'>) {
  /** @param found reads the candidates once more */
  async function chosen(
    candidates: OwnerFacts[],
    said: ReplyEntry,
    found: () => Promise<OwnerFacts[]>,
  ): Promise<Omit<AnswerOwner, 'rivals'>> {
    const [newest] = candidates
    const doubtful = newest!.state === 'submitted' ? doubtfulToHear(candidates, said) : []
    const there = surely(candidates)
    if (doubtful.length === 0 && there.length <= 1) return { submission: newest!, chosenAmong: [], doubtful }
    // Where it brings the newest further and no other is open, what the others have heard does not matter.
    const others = mayHear(there).some((one) => one !== newest)
    const ask = others || oldestToHear(there, said, () => [said.code]) !== newest ? there : [newest!]
    const answers = await ledger.answersTo(ask)
    const heard = new Map(ask.map(({ submissionId }, i) => [submissionId, answers[i]!]))
    // How far they have come is read behind what they have heard: who is told something in between has heard more when
    // this is written, and then it is chosen for once more.
    const fresh = await found()
    const now = fresh.filter(({ submissionId }) => heard.has(submissionId))
    const heardBy = ({ submissionId }: OwnerView) => heard.get(submissionId)!
    const owner = oldestToHear(now, said, heardBy)
    // The newest has heard as much meanwhile: what the others have heard matters after all.
    if (!owner && ask.length < there.length) {
      const among = new Set(candidates.map(({ submissionId }) => submissionId))
      const again = fresh.filter(({ submissionId }) => among.has(submissionId))
      return chosen(again, said, found)
    }
    return {
      submission: owner ?? oldestUnaware(now, said, heardBy) ?? newest!,
      chosenAmong: ask.map(({ messageId, submissionId }) => ({
        messageId,
        submissionId,
        answers: heard.get(submissionId)!.length,
      })),
      doubtful: owner ? [] : doubtful,
    }
  }

  /**
   * Of several partners that nothing in the answer tells apart, the first to whom it is news. Where it is news to none:
   * the first who is not at his end, else the first.
   */
  async function addressed(
    rivals: OwnerFacts[],
    said: ReplyEntry,
  ): Promise<{ partnerId: string; looked: AnswerOwner['chosenAmong'] }> {
    const there = surely(rivals)
    const answers = await ledger.answersTo(there)
    const heard = new Map(there.map(({ submissionId }, i) => [submissionId, answers[i]!]))
    const news = [...partnersOf(rivals)].flatMap((partner) => {
      const own = rivals.filter(({ partnerId }) => partnerId === partner)
      return oldestToHear(own, said, ({ submissionId }) => heard.get(submissionId)!) ? own : []
    })
    const open = rivals.filter(({ finished }) => !finished)
    const some = [news, open, rivals].find((found) => found.length > 0)!
    const first = some.reduce((a, b) => (b.order < a.order ? b : a))
    const looked = there.map(({ messageId, submissionId }, i) => ({
      messageId,
      submissionId,
      answers: answers[i]!.length,
    }))
    return { partnerId: first.partnerId, looked }
  }

  return async function ownerOf(
    agency: string,
    entry: ReplyEntry,
    among?: readonly string[],
  ): Promise<AnswerOwner | undefined> {
    const { keys, senders, unanswered } = entry
    for (const key of keys) {
      const all = await ledger.ownersOf(agency, key, among)
      // The company's own number says nothing of what was answered before.
      const found = unanswered?.includes(key.name)
        ? all.filter((one) => one.status === undefined && !one.finished)
        : all
      if (found.length === 0) continue
      const others = async () =>
        (await Promise.all(keys.filter((other) => other !== key).map((other) => ledger.ownersOf(agency, other, among))))
          .flat()
          .map(({ submissionId }) => submissionId)
      const told = partnersOf(found).size === 1 ? found : await narrow(found, senders, others)
      const rivals = partnersOf(told).size === 1 ? [] : told
      const { partnerId, looked } = rivals.length === 0 ? { ...told[0]!, looked: [] } : await addressed(rivals, entry)
      // All of his: which of them it speaks of is found as if nobody else had the number.
      const own = told.filter((one) => one.partnerId === partnerId)
      const owner = await chosen(own, entry, () => ledger.ownersOf(agency, key, among))
      return { ...owner, chosenAmong: [...owner.chosenAmong, ...looked], rivals }
    }
    return undefined
  }
}

/**
 * What the answer itself says of its addressee. It chooses among partners: of one who is left, everything is left that
 * he has under the number. A change whose answer never came was taught no number, and may be meant all the same.
 */
async function narrow(
  found: OwnerFacts[],
  senders: readonly string[],
  others: () => Promise<string[]>,
): Promise<OwnerFacts[]> {
  const shared = (one: OwnerView) => one.senders.filter((code) => senders.includes(code)).length
  // Where it names the company of one of them, it is not for those who are known to be others, whatever numbers the
  // agency has taught about them: two companies may count alike.
  const possible = found.some((one) => shared(one) > 0)
    ? found.filter((one) => shared(one) > 0 || one.senders.length === 0)
    : found
  const taught = ofPartnersWith(possible, ({ learnt }) => learnt)
  // The platform's code is the same for all its sellers: whoever shares most codes with the answer is meant.
  const most = Math.max(...taught.map(shared))
  const named = ofPartnersWith(taught, (one) => shared(one) === most)
  if (partnersOf(named).size === 1) return named
  const also = await others()
  return ofPartnersWith(named, ({ submissionId }) => also.includes(submissionId))
}

/** All of those partners of whom one is so; all where none is. */
function ofPartnersWith(found: OwnerFacts[], so: (one: OwnerFacts) => boolean): OwnerFacts[] {
  const partners = partnersOf(found.filter(so))
  return partners.size === 0 ? found : found.filter(({ partnerId }) => partners.has(partnerId))
}

const partnersOf = (found: readonly OwnerView[]) => new Set(found.map(({ partnerId }) => partnerId))

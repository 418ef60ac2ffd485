// held-for — an answer nobody is found for may be the receipt of one of ours that is in doubt, or has not been taught
// its number yet: until that is settled it is nobody's.
import type { Learnable } from '../../../messages/learnable.js'
import type { Reply } from '../../../messages/reply.js'
import { mapInTurns } from '../../../messages/turns.js'
import type { HeldFor, Ledger, NewReply } from '../../../store/ledger.js'

/** Makes the question; its answer is undefined where nothing of ours is waited for. */
export function createHeldFor(ledger: Pick<Ledger, 'mayLearn'>, learnable: Learnable) {
  return async function heldFor(reply: NewReply, { receiptType, entries }: Reply): Promise<HeldFor | undefined> {
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
}

// agencies-of — which agencies a thing is about: what somebody who is limited to agencies may see and touch.
import type { ThingKind } from '../../messages/ops-rights.js'
import type { Ledger } from '../../store/ledger.js'

type Parts = Pick<Ledger, 'submissionById' | 'getMessage' | 'getReceipt' | 'orphans' | 'heldAnswers' | 'sharedKeys'>

/** Answers and numbers a person works off are few. */
const mostLookedAt = 5_000

/** Finds the codes of the agencies that a thing is about; none where there is no such thing. */
export function createAgenciesOf(ledger: Parts) {
  const ofMessage = async (messageId: string) =>
    (await ledger.getMessage(messageId))?.submissions.map(({ agency }) => agency) ?? []

  /** None where there is no such thing. */
  return async function agenciesOf(kind: ThingKind, id: string): Promise<readonly string[]> {
    switch (kind) {
      case 'submission':
        return agencyOf(await ledger.submissionById(id))
      case 'message':
        return ofMessage(id)
      case 'receipt': {
        const receipt = (await ledger.getReceipt(id))?.receipt
        if (!receipt) return []
        return receipt.agency === undefined ? ofMessage(receipt.messageId) : [receipt.agency]
      }
      case 'reply': {
        const all = [await ledger.orphans(mostLookedAt), await ledger.heldAnswers(mostLookedAt)].flat()
        return agencyOf(all.find(({ replyId }) => replyId === id))
      }
      case 'shared-key':
        return agencyOf((await ledger.sharedKeys(mostLookedAt)).find((one) => String(one.id) === id))
      default:
        return kind satisfies never
    }
  }
}

const agencyOf = (thing: { agency: string } | undefined): string[] => (thing ? [thing.agency] : [])

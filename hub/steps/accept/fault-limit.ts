// fault-limit — how many faults the messages of one delivery list: a thousand messages with a thousand faults each
// would be an answer that nobody reads.
import type { EdifactFault } from '../../../messages/edifact/fault.js'
import { limited } from '../../../messages/fault-limit.js'
import type { MessageVerdict } from './judge.js'

/** Most faults that all messages of a delivery list together: a person mends the first ones, and sends again. */
const mostFaultsOfDelivery = 20_000
/** What a message lists when its delivery has reached that. */
const fewFaults = 3

/** One for each delivery: gives its verdicts back as they are until the limit is reached, then with few faults. */
export function createFaultLimit(): (verdict: MessageVerdict) => MessageVerdict {
  let left = mostFaultsOfDelivery
  return (verdict) => {
    const { faults, inspection } = verdict
    const count = Math.max(faults.length, inspection?.edi?.faults.length ?? 0)
    left -= count
    if (left >= 0 || count <= fewFaults) return verdict
    return {
      ...verdict,
      faults: limited(faults, fewFaults),
      ...(inspection?.edi
        ? { inspection: { ...inspection, edi: { ...inspection.edi, faults: firstErrors(inspection.edi.faults) } } }
        : {}),
    }
  }
}

const firstErrors = (faults: readonly EdifactFault[]) =>
  faults.filter(({ severity }) => severity === 'error').slice(0, fewFaults)

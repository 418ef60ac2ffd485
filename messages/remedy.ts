// remedy — what to do about a refusal, in the same place as the refusal: in the receipt and at each of its faults.
import { errorCodes, type ErrorCode } from './errors.js'
import type { Fault } from './fault.js'
import type { Receipt } from './receipt.js'
import type { Bilingual } from './text.js'

/** The remedy of a code of the hub's; undefined for an agency's own code. */
function remedyOf(code: string): Bilingual | undefined {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].remedy : undefined
}

/**
 * The receipt as it is shown: a refused or failed one with the remedies of its code and of its faults, a taken one with
 * those of its warnings. They are not stored with it: what to do may be told better tomorrow.
 */
export function withRemedies(receipt: Receipt): Receipt {
  if (receipt.status !== 'refused' && receipt.status !== 'failed')
    return receipt.faults.length === 0 ? receipt : { ...receipt, faults: receipt.faults.map(faultWithRemedy) }
  const remedy = remedyOf(receipt.code)
  return { ...receipt, ...(remedy ? { remedy } : {}), faults: receipt.faults.map(faultWithRemedy) }
}

function faultWithRemedy(fault: Fault): Fault {
  const remedy = remedyOf(fault.code)
  return remedy ? { ...fault, remedy } : fault
}

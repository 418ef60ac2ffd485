// fault-limit — a message may have a thousand faults: so many are told, then one says that there are more.
import { fault } from '../messages/errors.js'
import { isWarning, type Fault } from '../messages/fault.js'

/** The first `limit` of them. Where all are warnings, that there are more is a warning too. */
export function limited(faults: Fault[], limit: number): Fault[] {
  if (faults.length <= limit) return faults
  const more = fault('HUB_FAULT_LIMIT', { limit })
  return [...faults.slice(0, limit), faults.every(isWarning) ? { ...more, level: 'warn' } : more]
}

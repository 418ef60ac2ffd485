// fault-limit — a message may have a thousand faults: the first of them are listed, then one says that there are more.
import { fault } from './errors.js'
import { isWarning, type Fault } from './fault.js'

/** The first `limit` of them. Where all are warnings, that there are more is a warning too. */
export function limited(faults: Fault[], limit: number): Fault[] {
  if (faults.length <= limit) return faults
  const more = fault('HUB_FAULT_LIMIT', { limit })
  return [...faults.slice(0, limit), faults.every(isWarning) ? { ...more, level: 'warn' } : more]
}

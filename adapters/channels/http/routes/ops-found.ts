// ops-found — what an operator hears when there is nothing of that name, or nothing that stands where it could be done.
import { HubError } from '../../../../messages/errors.js'

/** @throws HubError HUB_OPS_NOT_FOUND */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new HubError('HUB_OPS_NOT_FOUND', { what })
  return value
}

/** @throws HubError HUB_OPS_NOT_FOUND unless it was done */
export function done(did: boolean, what: string): void {
  if (!did) throw new HubError('HUB_OPS_NOT_FOUND', { what })
}

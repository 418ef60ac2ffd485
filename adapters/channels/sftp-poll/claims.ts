// claims — the files of a partner's OutBox this hub has made its own, and how far each has come.
// A claimed file is called `.claimed-<run>-<random>~<name>` and stays in OutBox: every client skips it, a rename claims
// it atomically, and when the hub dies, the next one sees the name not move and takes it over. The ledger answers twice
// alike.
import { randomBytes } from 'node:crypto'
import type { OfferOutcome } from '../offer.js'
import type { RemoteFile } from './remote.js'

/** One file this run has claimed. */
export interface FileClaim {
  name: string
  claimedAs: string
  /** As it looked when it was whole; absent for a file taken over. */
  looked?: RemoteFile
  /** Set once the ledger has it: from then on it is never offered again by this run. */
  verdict?: OfferOutcome
  receiptName?: string
  told?: boolean
  failures: number
  /** In milliseconds of a clock that nobody sets (`performance.now`). */
  notBefore: number
}

/** A name for this run that no other run has; in the names of the files it claims. */
export const runId = (): string => randomBytes(6).toString('hex')

/**
 * @param run the id of this run of the hub
 * @param name the file’s own name
 */
export function claimName(run: string, name: string): string {
  return `.claimed-${run}-${randomBytes(4).toString('hex')}~${name}`
}

/** The run that claimed it and the file's own name; undefined for a name that is no claim. */
export function readClaimName(claimedAs: string): { run: string; name: string } | undefined {
  const [, run, name] = /^\.claimed-([0-9a-f]{12})-[0-9a-f]{8}~(.+)$/s.exec(claimedAs) ?? []
  return run === undefined || name === undefined ? undefined : { run, name }
}

/** Exponential, from `firstMs`, at most ten minutes. */
export function backoff(failures: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 20), 600_000)
}

// attack — what an attack is, and what it is given. A file in attacks/ holds one or several; the suite finds it there.
import { expect } from 'vitest'
import type { Answered, RunningHub } from '../../support/hub.js'

/** The bounded size, as .ci/run does: two minutes in all on two cores. */
export const bounded = process.env.HOSTILE_BOUNDED === '1'
/** A count, or what it is in the bounded size; as it stands in a name. */
export const sized = (full: number, small: number) => {
  const count = bounded ? small : full
  return { count, said: count.toLocaleString('en') }
}

/** Where an attack takes place: a hub that also serves another partner all the while. */
export interface Ground {
  hub: RunningHub
  /** The attacker: a partner with all rights, with its key for HTTP. SFTP: `hub.sftp`. */
  key: string
  /** Posts bytes to the callback door as customs (gacc) does. */
  callBack(bytes: Buffer, mediaType?: string): Promise<number>
  /** A folder that is removed afterwards. */
  dir: string
  /** Run in its bounded size, as .ci/run does. */
  bounded: boolean
}

export interface Attack {
  /** The first column of the table. */
  name: string
  /** Left out of the bounded run. */
  big?: boolean
  /** Makes what is thrown, before anything is measured. */
  prepare?: (ground: Ground) => Promise<void> | void
  /** Throws it, and expects the right answers. Returns what was tried and what came of it, in a few words each. */
  run(ground: Ground): Promise<{ tried: string; survived: string }>
  /**
   * The other partner's p99 stays within one and a half times what it is when all is quiet, and 100 ms; asked for in
   * the full size, on a machine that has nothing else to do.
   */
  fair?: boolean
  /** The most memory the hub may take, in megabytes. */
  mostMb?: number
  /**
   * The longest pause of the event loop and the other partner's p99 that a slow machine may show, in milliseconds.
   * Defaults 2000, 5000.
   */
  longestPauseMs?: number
  longestP99Ms?: number
}

/** The answer is a refusal as a whole by this code, with one receipt. */
export function expectRefused(answered: Answered, status: number, code: string): void {
  expect([answered.status, answered.receipts.map((one) => one.code)]).toEqual([status, [code]])
}

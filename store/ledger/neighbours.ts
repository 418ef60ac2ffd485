// neighbours — what hubs that share a ledger know of each other: which of them live, who alone does what (leases with
// tokens), and what one has changed that others remember. Where one hub has the ledger for itself there are none.

/** A hub process, as it says itself. */
export interface HubProcess {
  /** Of this run alone: host, number and a part by chance. */
  process: string
  version: string
  roles: readonly string[]
  /** What it understands of what others do, and hubs of before do not. */
  knows: readonly HubAbility[]
}

/**
 * `tries`: names that a try alone has at its agency (`attemptId` of a connector's message). `turns`: the order in which
 * partners take turns at an agency.
 */
export type HubAbility = 'tries' | 'turns'

/** A process that has said lately that it lives; times by the ledger's clock. */
export interface HubLiving extends HubProcess {
  startedAt: Date
  seenAt: Date
}

/** `token` grows whenever the lease passes to another: what was begun under an older one is refused. */
export interface LeaseToken {
  name: string
  token: number
}

/** A lease as anybody sees it, by the ledger's clock. */
export interface LeaseState extends LeaseToken {
  /** The process that has it. */
  holder: string
  takenAt: Date
  until: Date
  /** Whether it is over: nobody has it now. */
  over: boolean
}

/** How all stands, after a process has told that it lives. */
export interface HubsAndLeases {
  /** Those of the asker. */
  held: LeaseToken[]
  hubs: HubLiving[]
  leases: LeaseState[]
}

/** What hubs remember of the ledger, and others may change. */
export type Remembered = 'partners' | 'agencies'

/** @see [startLeases](../../hub/base/leases.ts) */
export interface Neighbours {
  /**
   * Tells that `me` lives, prolongs the leases it has, takes those it wants that are free, and gives back those it does
   * not want any more. By the clock of the ledger, `ms` from now.
   */
  beat(me: HubProcess, wants: readonly string[], ms: number): Promise<HubsAndLeases>
  /** It ends: its leases are free at once. */
  leave(process: string): Promise<void>
  /**
   * What is written in `work` is written only while the token is the newest and its time is not over.
   * @throws LeaseLostError from the first write that is refused
   */
  underLease<T>(lease: LeaseToken, work: () => Promise<T>): Promise<T>
  /** Told when another hub has changed something, and when this one was cut off and may have missed it. */
  changes(listener: (what: Remembered) => void): () => void
}

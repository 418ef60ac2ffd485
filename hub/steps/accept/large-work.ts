// large-work — large deliveries are worked on few at a time, and one of each partner: what they cost is theirs to wait
// for, whichever way they came.
import { createFairQueue } from '../../../messages/fair-queue.js'

interface LargeWorkLimits {
  /** Works under way at once. Default 2. */
  most?: number
  /** Of one owner. Default 1. */
  mostOfOwner?: number
}

/** Lets a few large pieces of work run at a time, owners in turn. */
export interface LargeWork {
  /**
   * Resolves when it is this owner's turn, by what each owner's have cost so far.
   *
   * @param bytes what it costs
   * @returns to be called when the work is done; twice is fine
   */
  turn(owner: string, bytes: number): Promise<() => void>
}

/** The turns of this process; other hubs have their own. */
export function createLargeWork({ most = 2, mostOfOwner = 1 }: LargeWorkLimits = {}): LargeWork {
  const waiting = createFairQueue<() => void>()
  const byOwner = new Map<string, number>()
  let underWay = 0

  const may = (_: unknown, owner: string) => (byOwner.get(owner) ?? 0) < mostOfOwner

  function pump(): void {
    while (underWay < most) {
      const next = waiting.next(may)
      if (!next) return
      underWay++
      byOwner.set(next.owner, (byOwner.get(next.owner) ?? 0) + 1)
      next.item()
    }
  }

  function done(owner: string): void {
    underWay--
    const left = byOwner.get(owner)! - 1
    if (left > 0) byOwner.set(owner, left)
    else byOwner.delete(owner)
    pump()
  }

  return {
    turn: (owner, bytes) =>
      new Promise((resolve) => {
        let over = false
        waiting.push(
          owner,
          () =>
            resolve(() => {
              if (over) return
              over = true
              done(owner)
            }),
          bytes,
        )
        pump()
      }),
  }
}

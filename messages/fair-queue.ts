// fair-queue — work that waits, shared out by owner: each owner has a lane of its own, and the lane that has had the
// least so far goes next. Start-time fair queuing (Goyal, Vin, Cheng 1996): an owner who comes back after a rest gets
// no credit for it, and no debt is forgotten while others wait.

/** @see [createFairQueue](./fair-queue.ts) */
export interface FairQueue<T> {
  /** @param cost in any unit, the same for all: bytes, milliseconds */
  push(owner: string, item: T, cost: number): void
  /**
   * The next item in turn, taken out. Lanes whose first item `may` not go now are passed over; they keep their turn.
   */
  next(may?: (item: T, owner: string) => boolean): { item: T; owner: string } | undefined
  /** What an item has cost beyond what was thought; below zero: less. */
  charge(owner: string, cost: number): void
  readonly size: number
  /** Owners who wait. */
  readonly owners: number
}

interface Lane<T> {
  items: { item: T; cost: number }[]
  /** Where its next item starts on the common scale. */
  start: number
}

/** Owners who are remembered although nothing of theirs waits. */
const mostRemembered = 1_000

/** An empty queue. Costs are numbers of any one unit (bytes, milliseconds); only their ratios count. */
export function createFairQueue<T>(): FairQueue<T> {
  const lanes = new Map<string, Lane<T>>()
  /** The start of what went last: who begins now begins here. */
  let clock = 0
  let size = 0
  let owners = 0

  function laneOf(owner: string): Lane<T> {
    const known = lanes.get(owner)
    if (known) return known
    if (lanes.size > mostRemembered)
      for (const [name, { items, start }] of lanes) if (items.length === 0 && start <= clock) lanes.delete(name)
    const lane: Lane<T> = { items: [], start: clock }
    lanes.set(owner, lane)
    return lane
  }

  return {
    get size() {
      return size
    },
    get owners() {
      return owners
    },
    push(owner, item, cost) {
      const lane = laneOf(owner)
      if (lane.items.length === 0) {
        lane.start = Math.max(lane.start, clock)
        owners++
      }
      lane.items.push({ item, cost })
      size++
    },
    next(may = () => true) {
      let chosen: { owner: string; lane: Lane<T> } | undefined
      for (const [owner, lane] of lanes) {
        const first = lane.items[0]
        if (first && (!chosen || lane.start < chosen.lane.start) && may(first.item, owner)) chosen = { owner, lane }
      }
      if (!chosen) return undefined
      const { owner, lane } = chosen
      const { item, cost } = lane.items.shift()!
      clock = Math.max(clock, lane.start)
      lane.start += cost
      size--
      if (lane.items.length === 0) owners--
      return { item, owner }
    },
    charge(owner, cost) {
      const lane = lanes.get(owner)
      if (lane) lane.start = Math.max(clock, lane.start + cost)
    },
  }
}

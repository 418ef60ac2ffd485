// world — who goes on next. Everything that waits is in one list; the seed picks from it, or lets time pass. There is
// no other clock and no other order, so the same seed is the same history to the last step.
//
// One world serves all histories of a process, one after another: what is made anew for each runs cold, and a history
// is over before V8 has learnt how to run it fast.
import { Random } from '../support/seeded.js'
import { giveTimeTo, real } from './fake-time.js'

/** Somebody whose memory can be lost: nothing that waits for a dead one ever happens. */
export interface Owner {
  readonly name: string
  dead: boolean
}

interface Waiting {
  owner: Owner | undefined
  label: string
  work: () => void
}
interface Timer extends Waiting {
  at: number
}

export type World = ReturnType<typeof createWorld>

/** How often time passes although somebody could go on. */
const passesBy = 0.04

export function createWorld() {
  let seed = 0
  let random = new Random(0)
  /** Ids are no part of what is decided: they are drawn elsewhere, so that one more id moves nothing. */
  let ids = new Random(0)
  /** What the hub itself leaves to chance: how long it waits before it tries again. */
  let chances = new Random(0)
  const begun = Date.UTC(2026, 10, 2, 1, 0, 0)
  let now = begun
  let steps = 0
  const ready: Waiting[] = []
  /** The soonest last. */
  const timers: Timer[] = []
  let trace: string[] = []
  let traced = false
  let calm = false

  function note(text: () => string): void {
    if (traced) trace.push(`${((now - begun) / 1000).toFixed(3).padStart(10)} s  ${text()}`)
  }

  function post(owner: Owner | undefined, label: string, work: () => void): void {
    ready.push({ owner, label, work })
  }

  function after(ms: number, owner: Owner | undefined, label: string, work: () => void): () => void {
    const timer: Timer = { at: now + Math.max(0, ms), owner, label, work }
    let i = timers.length
    while (i > 0 && timers[i - 1]!.at <= timer.at) i--
    timers.splice(i, 0, timer)
    return () => {
      const at = timers.indexOf(timer)
      if (at >= 0) timers.splice(at, 1)
    }
  }

  /** Moves the clock to the next timer; false when there is none. */
  function pass(): boolean {
    const next = timers.at(-1)
    if (!next) return false
    now = Math.max(now, next.at)
    while (timers.length > 0 && timers.at(-1)!.at <= now) ready.push(timers.pop()!)
    return true
  }

  giveTimeTo({
    now: () => now,
    random: () => chances.next(),
    randomOfId: () => ids.next(),
    soon: (work) => post(undefined, 'turn', work),
    after: (ms, work) => after(ms, undefined, 'timer', work),
  })

  /** What follows is in the microtasks; behind them comes the next round of the event loop. */
  const round = () => new Promise<void>((resolve) => void real.soon(resolve))

  return {
    begin(next: number, withTrace: boolean): void {
      seed = next
      random = new Random(Math.imul(seed, 2_654_435_761) ^ 0x5eed)
      ids = new Random(seed)
      chances = new Random(Math.imul(seed, 40_503) ^ 0xc4a)
      now = begun
      steps = 0
      trace = []
      traced = withTrace
      calm = false
    },
    /** Everybody is dead by now. What a turn of theirs holds is let go, so that it is free for the next history. */
    async end(): Promise<void> {
      for (;;) {
        const turns = ready.filter(({ label }) => label === 'turn')
        ready.length = 0
        if (turns.length === 0) break
        for (const { work } of turns) work()
        await round()
      }
      timers.length = 0
    },
    get seed() {
      return seed
    },
    get random() {
      return random
    },
    get trace() {
      return trace
    },
    note,
    post,
    after,
    now: () => now,
    date: () => new Date(now),
    /** Seconds since it began. */
    elapsed: () => (now - begun) / 1000,
    steps: () => steps,
    /** From now on time passes only when nobody can go on. */
    calm: () => void (calm = true),
    /** Resolves when its turn comes; never for one who is dead by then. */
    gate: (owner: Owner | undefined, label: string) => new Promise<void>((resolve) => post(owner, label, resolve)),
    /** Resolves some time later. */
    wait: (ms: number, owner: Owner | undefined, label: string) =>
      new Promise<void>((resolve) => void after(ms, owner, label, resolve)),
    /** One of them goes on until all it can do is done. False: nobody waits for anything. */
    async step(): Promise<boolean> {
      if (ready.length === 0 || (!calm && timers.length > 0 && random.chance(passesBy))) {
        if (!pass() && ready.length === 0) return false
      }
      if (ready.length === 0) return true
      const [one] = ready.splice(random.int(0, ready.length - 1), 1)
      if (one!.owner?.dead) return true
      steps++
      one!.work()
      await round()
      return true
    },
  }
}

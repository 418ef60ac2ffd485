// turns — long work in slices: whoever works on the main thread for longer than a slice gives everybody else a turn
// first. One slice a round of the event loop, whatever number of works are under way: they wait in line.

/** How long a work may go on before others have their turn. */
const sliceMs = 8

const inLine: (() => void)[] = []
let called = false
let first: (() => void)[] = []

function callNext(): void {
  callFirst()
  const next = inLine.shift()
  called = inLine.length > 0
  if (called) setImmediate(callNext)
  next?.()
}

function callFirst(): void {
  const all = first
  first = []
  for (const one of all) one()
}

/**
 * Calls it at the end of this round of the event loop, before the next work in line has its turn: what is handed to
 * another thread must not lie here for the length of a slice.
 */
export function beforeTurns(short: () => void): void {
  if (first.push(short) === 1) setImmediate(callFirst)
}

/**
 * Resolves when it is this work's turn again: after the event loop has gone round once, and after those who have waited
 * longer.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    inLine.push(resolve)
    if (!called) setImmediate(callNext)
    called = true
  })
}

/** Call between two steps of a work, and await what it gives: undefined while the slice lasts. */
export type Turn = () => Promise<void> | undefined

/**
 * The turns of one work, which begins now.
 * @param ms it may go on before others have theirs
 */
export function createTurn(ms = sliceMs): Turn {
  let until = performance.now() + ms
  return () => {
    if (performance.now() < until) return undefined
    return nextTurn().then(() => void (until = performance.now() + ms))
  }
}

/** Runs a work that yields where it can be interrupted. */
export async function inTurns<T>(work: Generator<unknown, T, void>, turn: Turn = createTurn()): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    const waits = turn()
    if (waits) await waits
  }
}

/** What `make` makes of each item, in their order. */
export async function mapInTurns<T, R>(
  items: readonly T[],
  make: (item: T, index: number) => R,
  turn: Turn = createTurn(),
): Promise<R[]> {
  const made: R[] = []
  for (const [i, item] of items.entries()) {
    made.push(make(item, i))
    const waits = turn()
    if (waits) await waits
  }
  return made
}

/** The same work at once, for where nobody else waits. */
export function atOnce<T>(work: Generator<unknown, T, void>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

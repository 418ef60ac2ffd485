// turnstile — a few at a time, the others in their order, and no endless line: who would wait too far back hears so at
// once. What it holds back leaves the process free for what goes first.
/** A line of limited length in front of work of limited breadth. */
interface Turnstile {
  /** Runs `work` in its turn. Undefined: the line is full, nothing was done. */
  through<T>(work: () => Promise<T>): Promise<T> | undefined
}

/** @param atOnce asked whenever somebody comes or goes; at least 1 */
export function createTurnstile({ atOnce, longestLine }: { atOnce: () => number; longestLine: number }): Turnstile {
  const line: (() => void)[] = []
  let inside = 0

  async function enter<T>(work: () => Promise<T>): Promise<T> {
    if (isFull()) await new Promise<void>((next) => line.push(next))
    else inside++
    try {
      return await work()
    } finally {
      inside--
      while (line.length > 0 && inside < atOnce()) {
        // The place is taken here: nobody else can come between.
        inside++
        line.shift()!()
      }
    }
  }
  // Who comes while others wait waits behind them.
  const isFull = () => line.length > 0 || inside >= atOnce()

  return {
    through: (work) => (isFull() && line.length >= longestLine ? undefined : enter(work)),
  }
}

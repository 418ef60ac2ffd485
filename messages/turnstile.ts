// turnstile — a few at a time, the others in their order, and no endless line: who would wait too far back hears so at
// once. What it holds back leaves the process free for what goes first.
/** A line of limited length in front of work of limited breadth. */
export interface Turnstile {
  /** Runs `work` in its turn. Undefined: the line is full, nothing was done. */
  through<T>(work: () => Promise<T>): Promise<T> | undefined
}

/** How many may be inside, how many may wait, and when that is looked at again. */
export interface TurnstileRules {
  /**
   * How many may be inside now, asked whenever somebody comes or goes, something changes, or the first in line has
   * waited `patienceMs`: at least 1 for one who has waited so long.
   * @param waitedMs how long the first in line has waited
   */
  atOnce: (waitedMs: number) => number
  longestLine: number
  /** Absent: `atOnce` is never 0. */
  patienceMs?: number
  /** Calls what it is given whenever `atOnce` may have risen. */
  onChange?: (look: () => void) => void
}

/** @see [queriesRoutes](../adapters/channels/http/routes/queries-routes.ts) */
export function createTurnstile({ atOnce, longestLine, patienceMs = 0, onChange }: TurnstileRules): Turnstile {
  const line: { since: number; enter: () => void }[] = []
  let inside = 0
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    for (let first = line[0]; first; first = line[0]) {
      const waitedMs = performance.now() - first.since
      if (inside >= atOnce(waitedMs)) {
        // Whoever is inside looks when he leaves.
        if (inside === 0) timer ??= setTimeout(lookAgain, Math.max(1, patienceMs - waitedMs))
        return
      }
      // The place is taken here: nobody else can come between.
      inside++
      line.shift()
      first.enter()
    }
  }
  function lookAgain(): void {
    timer = undefined
    look()
  }
  onChange?.(look)

  async function enter<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      line.push({ since: performance.now(), enter: resolve })
      look()
    })
    try {
      return await work()
    } finally {
      inside--
      look()
    }
  }

  return {
    // Who comes while others wait waits behind them.
    through: (work) => (line.length >= longestLine ? undefined : enter(work)),
  }
}

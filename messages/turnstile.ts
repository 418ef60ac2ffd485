// turnstile — a few at a time, the others in their order, and no endless line: who would wait too far back hears so at
// once. What it holds back leaves the process free for what goes first.
export interface Turnstile {
  /** Runs `work` in its turn. Undefined: the line is full, nothing was done. */
  through<T>(work: () => Promise<T>): Promise<T> | undefined
}

export function createTurnstile({ atOnce, longestLine }: { atOnce: number; longestLine: number }): Turnstile {
  const line: (() => void)[] = []
  let inside = 0

  async function enter<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= atOnce) await new Promise<void>((next) => line.push(next))
    else inside++
    try {
      return await work()
    } finally {
      // Whoever is next takes the place; nobody else can come between.
      const next = line.shift()
      if (next) next()
      else inside--
    }
  }

  return {
    through: (work) => (inside >= atOnce && line.length >= longestLine ? undefined : enter(work)),
  }
}

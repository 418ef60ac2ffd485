// in-time — what must be used before it ends, and what must come sooner than it would by itself. A busy machine may be
// too late once: it is done again, and only what is late every time is a fault.

const mostTries = 5

/**
 * `use` makes something that ends at the time it is given, and uses it. If that time was over before it was done,
 * whatever came of it says nothing: it is done again with twice the time.
 */
export async function usedBeforeItEnds<T>(use: (end: Date) => Promise<T>, ms = 1_500): Promise<{ used: T; end: Date }> {
  for (let tries = 1; ; tries++, ms *= 2) {
    const end = new Date(Date.now() + ms)
    try {
      const used = await use(end)
      if (Date.now() < end.getTime() || tries === mostTries) return { used, end }
    } catch (error) {
      if (Date.now() < end.getTime() || tries === mostTries) throw error
    }
  }
}

/**
 * The shortest time, in milliseconds, that `took` says of several tries; the first one below `ms` is enough.
 * @param took does it once and says how long that took
 */
export async function shortestOf(ms: number, took: () => Promise<number>): Promise<number> {
  let shortest = Infinity
  for (let tries = 0; tries < mostTries && shortest >= ms; tries++) shortest = Math.min(shortest, await took())
  return shortest
}

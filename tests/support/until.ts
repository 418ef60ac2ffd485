// until — waits for a condition, never for a time.

/**
 * How long a test waits for what must come: no promise about speed, for a busy machine may take ten times as long as a
 * quiet one.
 */
export const patienceMs = 240_000

/**
 * Resolves with the first truthy value `look` gives; rejects with `what` when none came in `ms`, and never before
 * `patienceMs`. An error of `look` counts as "not yet".
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  ms = patienceMs,
): Promise<T> {
  const most = Math.max(ms, patienceMs)
  const deadline = Date.now() + most
  let last: unknown
  // To look costs the hub and the test a request each time: soon at first, then less often.
  for (let waitMs = 25; ; waitMs = Math.min(waitMs * 1.25, 250)) {
    try {
      const value = await look()
      if (value) return value
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${most} ms for ${what}`, { cause: last })
    await new Promise((wake) => setTimeout(wake, waitMs))
  }
}

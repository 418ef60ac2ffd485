// until — waits for a condition, never for a time.

/** Resolves with the first truthy value `look` gives; rejects with `what` when none came in `ms`. An error of `look` counts as "not yet". */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 15_000,
): Promise<T> {
  const deadline = Date.now() + ms
  let last: unknown
  for (;;) {
    try {
      const value = await look()
      if (value) return value
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`, { cause: last })
    await new Promise((wake) => setTimeout(wake, 25))
  }
}

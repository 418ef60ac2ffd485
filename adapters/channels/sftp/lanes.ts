// lanes — requests that touch the same file run one after another, in the order they came; others side by side.

/** Runs the requests of a session: those that share a key (a path) one after another, all others side by side. */
export interface Lanes {
  /** Runs `work` after everything earlier in any of these lanes. `work` must not reject. */
  run(keys: readonly string[], work: () => Promise<void>): void
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>
}

/** Makes the lanes of one session. A key that nothing waits for is forgotten. */
export function createLanes(): Lanes {
  const last = new Map<string, Promise<void>>()
  return {
    run(keys, work) {
      const done = Promise.all(keys.map((key) => last.get(key) ?? Promise.resolve())).then(work)
      for (const key of keys) last.set(key, done)
      void done.finally(() => {
        for (const key of keys) if (last.get(key) === done) last.delete(key)
      })
    },
    async idle() {
      while (last.size > 0) await Promise.all(last.values())
    },
  }
}

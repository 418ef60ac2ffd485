// deadline — a promise with a deadline. What comes too late is dropped, also when it is a rejection.

/** Rejects with `what` when the promise has not settled after `ms`. The work itself goes on. */
export function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: no answer in ${ms} ms`)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

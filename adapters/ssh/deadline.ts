// deadline — every word with the other side has an end: a peer that dies in silence costs a timeout, never a hung
// round.

/** The other side did not answer in time: nothing is known of what it did. */
export class DeadlineError extends Error {
  override name = 'DeadlineError'
  constructor(what: string, ms: number) {
    super(`${what}: no answer within ${ms} ms`)
  }
}

/** The promise's own outcome, or a DeadlineError; `onTimeout` then ends what the promise was waiting for. */
export async function beforeDeadline<T>(
  what: string,
  ms: number,
  promise: Promise<T>,
  onTimeout: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(what, ms))
      onTimeout()
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

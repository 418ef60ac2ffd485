// together — questions of one kind that are asked in one turn go to the server as one: each by itself would cost both
// sides a round trip, and a connection for as long.

/** So many at a time: a list of parameters stays short. */
const most = 256

interface Waiting<Asked, Answer> {
  asked: Asked
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * @param ask answers all of them, in their order
 * @returns asks for one; rejects with what `ask` rejected for those that went with it
 */
export function together<Asked, Answer>(
  ask: (all: readonly Asked[]) => Promise<readonly Answer[]>,
): (asked: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = []

  async function askAll(): Promise<void> {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += most) {
      const some = all.slice(from, from + most)
      try {
        const answers = await ask(some.map(({ asked }) => asked))
        for (const [i, { resolve }] of some.entries()) resolve(answers[i]!)
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ asked, resolve, reject }) === 1) setImmediate(() => void askAll())
    })
}

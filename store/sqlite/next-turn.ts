// next-turn — long readings stop for a moment here and there: the ledger answers in the thread that takes messages, and
// while it reads pages the machine has to fetch from the disk first, nobody else is served.

/** Rows read at one go. Off a disk that has them nowhere in memory each is some five pages, up to a millisecond. */
export const atOneGo = 25

/** Resolves when those who wait have had their turn. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

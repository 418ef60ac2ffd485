// counter-checks — when libxml2 is asked about a message that is certain already: the first by each schema in a thread,
// then one of a thousand, so that a verdict it would not share does not stay unseen.

const first = 8
const then = 1000

/** Counts the messages by each schema. */
export function createCounterChecks() {
  const counts = new Map<string, number>()
  return {
    isDue(file: string): boolean {
      const count = (counts.get(file) ?? 0) + 1
      counts.set(file, count)
      return count <= first || count % then === 0
    },
  }
}

// page-ends — where the last pages of a list ended, by the one they ended with: it may have moved on since, its place
// in the order has not.

/** Of so many pages; whoever walks on from an older one is looked up. */
const remembered = 16

/**
 * For one list of one process. The last 16 are remembered; behind an older one the list goes on where that one stands
 * now.
 */
export function createPageEnds<Place>() {
  const ends = new Map<string, Place>()
  return {
    of: (id: string): Place | undefined => ends.get(id),
    note(id: string, place: Place): void {
      ends.set(id, place)
      for (const oldest of ends.keys()) {
        if (ends.size <= remembered) break
        ends.delete(oldest)
      }
    },
  }
}

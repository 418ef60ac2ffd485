// written-ranges — which bytes of a file have been written, whatever the order of the writes: a file with a hole is no
// file.

/** Most separate pieces at one time. Honest clients have at most their window (64 or so) of writes under way. */
const maxPieces = 4096

/** What has been written of one file. Ranges are in bytes, from the start, the end left out. */
export interface WrittenRanges {
  /** Marks [from, to). False when the pieces are too scattered to be an upload. */
  add(from: number, to: number): boolean
  /** Forgets what lies at or behind `size`. */
  cut(size: number): void
  /** True when [0, size) is written without a hole. */
  whole(size: number): boolean
  /** How many bytes from the start on are written without a hole. */
  prefix(): number
}

/** Makes the record for one file. It refuses more separate pieces than an honest client has. */
export function createWrittenRanges(): WrittenRanges {
  /** Sorted, apart from each other. */
  let pieces: { from: number; to: number }[] = []
  return {
    add(from, to) {
      if (to <= from) return true
      const last = pieces.at(-1)
      // The common case: the next bytes of a file written in order.
      if (last && from >= last.from && from <= last.to) {
        last.to = Math.max(last.to, to)
        return true
      }
      const apart = pieces.filter((piece) => piece.to < from || piece.from > to)
      const joined = pieces.filter((piece) => !(piece.to < from || piece.from > to))
      apart.push({
        from: Math.min(from, ...joined.map((piece) => piece.from)),
        to: Math.max(to, ...joined.map((piece) => piece.to)),
      })
      pieces = apart.sort((a, b) => a.from - b.from)
      return pieces.length <= maxPieces
    },
    cut(size) {
      pieces = pieces
        .filter((piece) => piece.from < size)
        .map((piece) => ({ from: piece.from, to: Math.min(piece.to, size) }))
    },
    prefix: () => (pieces[0]?.from === 0 ? pieces[0].to : 0),
    whole(size) {
      const [first] = pieces
      return size === 0 || (pieces.length === 1 && first !== undefined && first.from === 0 && first.to >= size)
    },
  }
}

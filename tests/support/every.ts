// every — how much of what all documents have in common `npm test` looks at. All of them take minutes of processor, and
// `npm run test:documents` looks at all; each document is in one part or the other, always the same.

/** One in `share`, or all where EVERY_DOCUMENT is set. The first is always among them. */
export const some = <T>(all: readonly T[], share = 4): readonly T[] =>
  process.env.EVERY_DOCUMENT === undefined ? all.filter((_, index) => index % share === 0) : all

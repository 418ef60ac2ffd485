// compiled-path — a path made ready (messages/document-type.ts says what paths are): how to get through a scan to what
// it names.
import type { Mark, ScanShape } from './scan.js'

/** A path of a document type, asked of one entry after another. Nothing that does not exist is made. */
export interface CompiledPath {
  path: string
  /** Of repeated elements the first. */
  first(entry: Mark): Mark | undefined
  each(entry: Mark): Mark[]
  /** Where it should stand and does not, or is blank: of each repeated element on the way, those that lack it. */
  gaps(entry: Mark): (Mark | Gap)[]
}

/** A place where something is missing: the path for people, and the nearest element there is. */
export interface Gap {
  path: string
  near: Mark
}

const stepsOf = (path: string) => path.replace(/^\//, '').split(/\/|(?=@)/)
/** The shape a path leads to, made where it is not there yet. */
export const descend = (from: ScanShape, path: string) => stepsOf(path).reduce((shape, step) => shape.child(step), from)

/**
 * With a leading `/` the path starts below the root, wherever the entry stands; with leading `../` that many levels
 * above it.
 * @param from the shape the path goes down from
 */
export function compilePath(path: string, from: ScanShape): CompiledPath {
  const ups = /^(\.\.\/)*/.exec(path)![0].length / 3
  const steps = stepsOf(path.slice(ups * 3))
  const slots: number[] = []
  steps.reduce((shape, step) => {
    const next = shape.child(step)
    slots.push(next.slot)
    return next
  }, from)
  function gapsIn(mark: Mark, step: number): (Mark | Gap)[] {
    const kid = mark.kids[slots[step]!]
    if (!kid) return [{ path: [mark.path, ...steps.slice(step)].join('/'), near: mark }]
    if (step === slots.length - 1) return kid.blank ? [kid] : []
    const gaps: (Mark | Gap)[] = []
    for (let one: Mark | undefined = kid; one; one = one.next) gaps.push(...gapsIn(one, step + 1))
    return gaps
  }
  const start = path.startsWith('/') ? rootOf : ups === 0 ? (entry: Mark) => entry : (entry: Mark) => climb(entry, ups)
  return {
    path,
    first(entry) {
      let mark: Mark | undefined = start(entry)
      for (const slot of slots) mark = mark?.kids[slot]
      return mark
    },
    each(entry) {
      let marks = [start(entry)]
      for (const slot of slots) {
        const next: Mark[] = []
        for (const mark of marks) for (let kid = mark.kids[slot]; kid; kid = kid.next) next.push(kid)
        marks = next
      }
      return marks
    },
    gaps: (entry) => gapsIn(start(entry), 0),
  }
}

function climb(mark: Mark, levels: number): Mark {
  let at = mark
  for (let i = 0; i < levels && at.parent; i++) at = at.parent
  return at
}

function rootOf(mark: Mark): Mark {
  let root = mark
  while (root.parent) root = root.parent
  return root
}

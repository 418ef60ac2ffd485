// leaves — the values of a document by the end of their path, in any case: `DecHead/EntryId` and `entryid` both find
// /DecMessage/DecHead/EntryId. A document is an outline of numbers over what it was read from; a value becomes a string
// when it is asked for.
import type { Paths } from './paths.js'

/** A value of a document; beside it stands its currency or unit, where it has one. */
export interface LeafValue {
  text: string
  /** Currency or unit. */
  beside?: string
}

/** A document, made ready for questions. */
export interface Leaves {
  /**
   * Those of the shortest paths that end so: a field of the head before one of a line. With a `/` before it, the path
   * from the root's children on.
   */
  at(path: string): LeafValue[]
  /** Does any field hold just this, in any case? */
  hold(text: string): boolean
  /**
   * The business documents in it, each with what stands around all of them: the first group that repeats and has an
   * element of this name in every one. Undefined where there is none.
   * @param most of them that are made
   */
  entries(name: string, most: number): Leaves[] | undefined
}

/**
 * Elements in the order in which they begin, six numbers each: the path; from where to where its text stands; where
 * its attributes begin; whether it has text; and the first element that is not in it any more.
 */
type Outline = readonly number[]
/** What each number of an element in an outline is, and how many numbers an element has (`stride`): see Outline. */
export const [pathId, from, to, attributes, text, after, stride] = [0, 1, 2, 3, 4, 5, 6]
/** What `text` says. */
export const [noText, plainText, mixedText] = [0, 1, 2]

/** Values around the business documents of one message, and in each of them: these are looked at for each anew. */
const mostAround = 5_000

/** @param value of the element whose numbers begin there; undefined where its text is blank */
export function createLeaves(
  paths: Paths,
  outline: Outline,
  value: (at: number) => LeafValue | undefined,
  some?: readonly number[],
): Leaves {
  const length = some ? some.length : outline.length / stride
  const nth = (n: number) => (some ? some[n]! : n * stride)

  return {
    at(path) {
      const ending = paths.ending(path)
      let [nearest, found] = [Infinity, [] as LeafValue[]]
      if (ending.size === 0) return found
      for (let n = 0; n < length; n++) {
        const at = nth(n)
        if (outline[at + text] === noText) continue
        const depth = ending.get(outline[at + pathId]!)
        if (depth === undefined || depth > nearest) continue
        const one = value(at)
        if (!one) continue
        if (depth < nearest) [nearest, found] = [depth, []]
        found.push(one)
      }
      return found
    },

    hold(wanted) {
      const upper = wanted.toUpperCase()
      for (let n = 0; n < length; n++) {
        const at = nth(n)
        if (outline[at + text] !== noText && value(at)?.text.trim().toUpperCase() === upper) return true
      }
      return false
    },

    entries(name, most) {
      const group = some ? undefined : groupOf(paths, outline, 0, name.toLowerCase())
      if (!group) return undefined
      const around: number[] = []
      let next = 0
      for (let at = 0; at < outline.length && around.length < mostAround; at += stride)
        if (at === group[next]) at = outline[group[next++]! + after]! - stride
        else if (outline[at + text] !== noText) around.push(at)
      return group.slice(0, most).map((start) => {
        const end = outline[start + after]!
        const own: number[] = []
        for (let at = start; at < end && own.length < mostAround; at += stride)
          if (outline[at + text] !== noText) own.push(at)
        const [before, behind] = [around.filter((at) => at < start), around.filter((at) => at >= end)]
        return createLeaves(paths, outline, value, [...before, ...own, ...behind])
      })
    },
  }
}

/** Where each of a group begins that repeats below the element that begins `at`, however far below. */
function groupOf(paths: Paths, outline: Outline, at: number, name: string): number[] | undefined {
  const children = new Map<number, number[]>()
  for (let child = at + stride; child < outline[at + after]!; child = outline[child + after]!) {
    const alike = children.get(outline[child + pathId]!)
    if (alike) alike.push(child)
    else children.set(outline[child + pathId]!, [child])
  }
  for (const alike of children.values()) {
    if (alike.length > 1) {
      if (alike.every((one) => holds(paths, outline, one, name))) return alike
      continue
    }
    const found = groupOf(paths, outline, alike[0]!, name)
    if (found) return found
  }
  return undefined
}

function holds(paths: Paths, outline: Outline, at: number, name: string): boolean {
  for (let below = at + stride; below < outline[at + after]!; below += stride)
    if (paths.at(outline[below + pathId]!).name === name) return true
  return false
}

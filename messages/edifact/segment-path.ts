// segment-path — where a value stands, in the sender's terms and the same for every release: `BGM/2:1` is the first
// component of the second element of the first BGM; `DTM[137]/1:2` that of the first DTM whose first component is 137;
// `A|B` the first of both that has a value.
import { significant, value, type Segment } from './segment.js'

interface Step {
  tag: string
  qualifier: string | undefined
  element: number
  component: number
}

const one = '[A-Z][A-Z0-9]{2}(?:\\[[A-Za-z0-9]+\\])?/\\d+:\\d+'
/** The form of such a path. */
const segmentPath = new RegExp(`^${one}(?:\\|${one})*$`)

const parsed = new Map<string, Step[]>()

function stepsOf(path: string): Step[] {
  let steps = parsed.get(path)
  if (!steps) {
    if (!segmentPath.test(path))
      throw new TypeError(
        `'${path}' is no place in a segment: TAG/element:component or TAG[qualifier]/element:component`,
      )
    steps = path.split('|').map((alternative) => {
      const [, tag = '', qualifier, element, component] = /^(\w{3})(?:\[(\w+)\])?\/(\d+):(\d+)$/.exec(alternative) ?? []
      return { tag, qualifier, element: Number(element), component: Number(component) }
    })
    parsed.set(path, steps)
  }
  return steps
}

/** Every value there, blanks left out. @throws TypeError for what is no path */
export function valuesIn(segments: readonly Segment[], path: string): string[] {
  for (const { tag, qualifier, element, component } of stepsOf(path)) {
    const found: string[] = []
    for (const s of segments) {
      if (s.tag !== tag || (qualifier !== undefined && significant(value(s, 1)) !== qualifier)) continue
      const text = significant(value(s, element, component)).trim()
      if (text !== '') found.push(text)
    }
    if (found.length > 0) return found
  }
  return []
}

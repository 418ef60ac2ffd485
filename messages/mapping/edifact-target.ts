// edifact-target — what a mapping made for an EDIFACT receiver as segments, each value with what it was made of. Order
// and names are the mapping's; whether the release has them so is for the check of the finished message to say.
import { segment, type Segment } from '../edifact/segment.js'
import type { SegmentSpec } from '../edifact/directory/spec.js'
import type { OutNode } from './apply.js'
import type { SourceNode } from './source-tree.js'

/** A segment that a mapping made. */
export interface MadeSegment {
  segment: Segment
  /** What the value at `element:component` was made of; '' the segment as a whole. */
  from: ReadonlyMap<string, SourceNode>
}

/** Segments without UNH and UNT. `specOf`: of the release they are written by, for the lengths a text is cut to. */
export function segmentsOf(root: OutNode, specOf: (tag: string) => SegmentSpec | undefined): MadeSegment[] {
  return root.children.flatMap((node) => made(node, specOf))
}

function made(node: OutNode, specOf: (tag: string) => SegmentSpec | undefined): MadeSegment[] {
  const [, tag = node.name, qualifier] = /^([A-Z][A-Z0-9]{2})(?:\[(.+)\])?$/.exec(node.name) ?? []
  const elements: string[][] = qualifier === undefined ? [] : [[qualifier]]
  const from = new Map<string, SourceNode>()
  if (node.from) from.set('', node.from)
  const put = (e: number, c: number, text: string, source: SourceNode | undefined) => {
    while (elements.length < e) elements.push([])
    const components = elements[e - 1]!
    while (components.length < c) components.push('')
    components[c - 1] = text
    if (source) from.set(`${e}:${c}`, source)
  }
  const below: OutNode[] = []
  for (const one of node.children) {
    const [, e, c] = /^(\d+):(\d+|\*)$/.exec(one.name) ?? []
    if (e === undefined || c === undefined) below.push(one)
    else if (c !== '*') put(Number(e), Number(c), one.text ?? '', one.from)
    else
      cut(one.text ?? '', widthsOf(specOf(tag), Number(e)), one.between ?? '').forEach((piece, i) =>
        put(Number(e), i + 1, piece, one.from),
      )
  }
  return [{ segment: segment(tag, ...elements), from }, ...below.flatMap((one) => made(one, specOf))]
}

/** Lengths of the components that repeat the first: C080 has five lines of a name and then a code. */
function widthsOf(spec: SegmentSpec | undefined, element: number): number[] {
  const components = spec?.items[element - 1]?.components ?? []
  const end = components.findIndex(({ id }) => id !== components[0]?.id)
  return (end < 0 ? components : components.slice(0, end)).map(({ max }) => max)
}

/**
 * A text in pieces of these lengths that read together, with `between` between them, are the text again. A blank at the
 * end of a piece would be lost (ISO 9735), so no piece has one. What cannot be cut stays too long, for the check to
 * tell. EDIFACT has no line breaks: lines are components where there is one for each, else a break is a blank.
 */
export function cut(text: string, widths: readonly number[], between: string): string[] {
  const lines = linesOf(text)
  if (
    between !== '' &&
    lines.length > 1 &&
    lines.length <= widths.length &&
    lines.every((line, i) => line.length <= widths[i]!)
  )
    return lines
  const pieces: string[] = []
  let rest = lines.join(' ')
  for (const [i, width] of widths.entries()) {
    if (rest.length <= width || i === widths.length - 1) break
    const at = between === '' ? solid(rest, width) : gap(rest, width)
    if (at === 0) break
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at + between.length)
  }
  return [...pieces, rest]
}

/** Without the blanks before and behind each break, in one pass however many there are, and without empty ones. */
function linesOf(text: string): string[] {
  const lines = text.split(/[\r\n]/)
  return lines
    .map((line, i) => {
      const begun = i === 0 ? line : line.trimStart()
      return i === lines.length - 1 ? begun : begun.trimEnd()
    })
    .filter((line) => line !== '')
}

/** The last place to cut behind something that is no blank, and not within a character. */
function solid(text: string, width: number): number {
  let at = width
  while (at > 0 && (text[at - 1] === ' ' || /[\ud800-\udbff]/.test(text[at - 1]!))) at--
  return at
}

/** The last single blank. */
function gap(text: string, width: number): number {
  for (let at = width; at > 0; at--) if (text[at] === ' ' && text[at - 1] !== ' ' && text[at + 1] !== ' ') return at
  return 0
}

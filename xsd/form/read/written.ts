// written — what a form's YAML says, before anything is made of it: maps, scalars, and the line a fault is told at.
import type { Document, LineCounter } from 'yaml'

/** A table of the YAML, before its keys are looked at. */
export type RawMap = Record<string, unknown>

/** Where a fault is told: the path of keys in the YAML. */
export type Tell = (at: (string | number)[], sentence: string) => void

/** A scalar of the YAML as text; '' for what is none. */
export const written = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

/** Whether a value of the YAML is a table, and no list. */
export const isMap = (value: unknown): value is RawMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The line, from 1, of what stands at this path; of what is nearest above it where nothing does. */
export function lineOf(doc: Document, counter: LineCounter, at: (string | number)[]): number {
  for (let depth = at.length; depth >= 0; depth--) {
    const node = depth === 0 ? doc.contents : doc.getIn(at.slice(0, depth), true)
    const range = (node as { range?: [number, number, number] } | undefined)?.range
    if (range) return counter.linePos(range[0]).line
  }
  return 1
}

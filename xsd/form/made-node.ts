// made-node — the fields that the house itself gives to documents: heads, answers, questions and their results.
import type { Leaf, Node } from './node.js'

/** Text of one character to `maxLength`. */
export const textLeaf = (maxLength: number): Leaf => ({
  type: `text(${maxLength})`,
  base: 'string',
  minLength: 1,
  maxLength,
})

/** A field that stands at most once. `min`: 0 where it may be absent. */
export const leafNode = (
  name: string,
  [zh, en]: [zh: string, en: string],
  leaf: Leaf,
  { eg, min = 1 }: { eg?: string; min?: 0 | 1 } = {},
): Node => ({ name, zh, en, min, max: 1, leaf, ...(eg === undefined ? {} : { eg }) })

/** Fields that stand together: once, unless it is said how often. */
export const groupNode = (
  name: string,
  [zh, en]: [zh: string, en: string],
  fields: Node[],
  { min = 1, max = 1 }: { min?: number; max?: number } = {},
): Node => ({ name, zh, en, min, max, fields })

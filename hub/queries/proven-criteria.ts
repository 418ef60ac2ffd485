// proven-criteria — is a value of a criterion surely valid by the schema of its query, without asking the schema? What
// is not proven here is judged by the schema itself, which also words its faults.
import { wrongWith } from '../../xsd/form/leaf-types.js'
import type { Leaf } from '../../xsd/form/node.js'

/** Criterion → what it may hold, as the form of the query has it. */
export type CriterionLeaves = ReadonlyMap<string, Leaf>

/** Does what a query names prove that the asker knows the filing? False proves nothing either way. */
export function provesCriteria(
  leaves: CriterionLeaves,
  criteria: Readonly<Record<string, readonly string[]>>,
): boolean {
  return Object.entries(criteria).every(([name, values]) => {
    const leaf = leaves.get(name)
    return leaf !== undefined && values.length === 1 && proves(leaf, values[0]!)
  })
}

/** Numbers are read alike up to this many characters. */
const longestNumber = 15

function proves(leaf: Leaf, value: string): boolean {
  if (!isPlain(value)) return false
  // A list may hold a code that is valid on some days alone.
  if (leaf.codes?.some(({ from, to }) => from !== undefined || to !== undefined)) return false
  if (leaf.pattern !== undefined && !isReadAlike(leaf.pattern)) return false
  switch (leaf.base) {
    case 'string':
      if (!leaf.codes && leaf.pattern === undefined && leaf.maxLength === undefined) return false
      break
    case 'date':
      if (!/^[12]\d{3}-\d\d-\d\d$/.test(value)) return false
      break
    case 'dateTime':
      if (!/^[12]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(value)) return false
      break
    case 'time':
      break
    case 'integer':
    case 'decimal':
      if (value.length > longestNumber) return false
      break
    default:
      return leaf.base satisfies never
  }
  return wrongWith(value, leaf) === undefined
}

/** Text that XML carries as it is: no control character, no half of a pair, no space at its ends. */
const isPlain = (value: string): boolean => !/[\p{Cc}\p{Cs}\p{Cn}\u2028\u2029]/u.test(value) && value.trim() === value

/** Expressions that mean the same in XSD: `\d` is narrower here; other classes by letter differ. */
const isReadAlike = (pattern: string): boolean => !/\\[^d.\-\\/+*?()[\]{}|]|[\^$]/.test(pattern)

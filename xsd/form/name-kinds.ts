// name-kinds — what kind of value a name stands for: a file, a yes or no, a number, a day, a code of one system, words.
// One name is of one kind in all forms and queries.
import type { Leaf } from './node.js'

/** Types that are a system of codes or numbers of its own. */
export const codeSystems = (
  'customsOffice port customsReg uscc country currency container bankAccount gps plate passport idCard vin imo ' +
  'unit declarationNo billNo voyageNo flightNumber'
).split(' ')

/**
 * A party is a name in one form and a group in another; what one authority codes, another takes in words.
 * @param type as a form writes it; undefined: of a group
 */
export function kindOf(type = 'words'): string {
  if (type === 'attachment' || type === 'yesNo' || codeSystems.includes(type)) return type
  if (/^(integer|decimal|money|percent|quantity)\b/.test(type)) return 'number'
  return ['date', 'dateTime', 'time', 'month', 'year'].includes(type) ? 'day' : 'words'
}

/** Its type with its length and its unit, but without what is each form's own affair: the codes, how many. */
export function shapeOf({ type, codes }: Leaf): string {
  if (type === 'yesNo' || codeSystems.includes(type)) return type
  if (codes || /^(code|pattern)\(/.test(type)) return 'code'
  return /^integer\(/.test(type) ? 'integer' : type
}

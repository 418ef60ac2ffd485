// wanted — what a rule wants a value to be: as a test, and in words.
import { isExpression, matches } from '../../messages/condition.js'
import type { Bilingual } from '../../messages/text.js'
import { patternWords } from '../explain/pattern-words.js'
import { relation } from './expression.js'
import type { Comparison, Wanted } from './rule.js'

const listed = (wanted: string | string[]) => (Array.isArray(wanted) ? wanted : [wanted])

/** What is wanted, made ready once: literals are looked up, only expressions are run. */
export function fits(wanted: Wanted): (value: string) => boolean {
  if (typeof wanted === 'object' && 'number' in wanted) {
    const [operator, limit] = wanted.number.split(' ') as [Comparison, string]
    return (value) => value !== '' && relation(Number(value), operator, Number(limit))
  }
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    const inner = fits(wanted.not)
    return (value) => !inner(value)
  }
  const literals = new Set(listed(wanted).filter((one) => !isExpression(one) && one !== 'present' && one !== 'absent'))
  if (listed(wanted).includes('absent')) literals.add('')
  const present = listed(wanted).includes('present')
  const expressions = listed(wanted).filter(isExpression)
  return (value) =>
    literals.has(value) ||
    (present && value !== '') ||
    (expressions.length > 0 && expressions.some((one) => matches(one, value)))
}

/** What is wanted, for people: never an expression as it stands. */
export function said(wanted: Wanted): Bilingual {
  if (typeof wanted === 'object' && 'number' in wanted) return { zh: wanted.number, en: wanted.number }
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    const inner = said(wanted.not)
    return { zh: `≠ ${inner.zh}`, en: `≠ ${inner.en}` }
  }
  const each = listed(wanted).map(valueWords)
  return { zh: each.map(({ zh }) => zh).join(' | '), en: each.map(({ en }) => en).join(' | ') }
}

function valueWords(value: string): Bilingual {
  if (value === 'present') return { zh: '有值', en: 'some value' }
  if (value === 'absent') return { zh: '不填', en: 'no value' }
  return isExpression(value) ? patternWords(value.slice(1, -1), unnamed) : { zh: value, en: value }
}

/** Of a form that has no words: the rule's own sentence says it. */
const unnamed: Bilingual = { zh: '该规则规定的格式', en: 'the form this rule gives' }

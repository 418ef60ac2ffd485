// matching — does a value meet a criterion? Days and months are compared by their digits, so that 20260601 and
// 2026-06-01T09:00:00 are of one day.
import type { LeafValue } from './leaves.js'
import type { Criterion } from './shape.js'

/** @param found none: not known, and so not met */
export function fits(how: Criterion['how'], wanted: readonly string[], found: readonly LeafValue[]): boolean {
  return found.some(({ text }) => wanted.some((one) => fitsOne(how, one, text)))
}

function fitsOne(how: Criterion['how'], wanted: string, text: string): boolean {
  // Eight digits may be a number; beside a day they are one.
  const asDay = isDay(wanted) || (/^\d{8}$/.test(wanted) && /^\d{4}-\d\d-\d\d/.test(text))
  if (how === 'is') return text === wanted || (asDay && digits(text).startsWith(digits(wanted)) && /^\d{4}/.test(text))
  if (asDay) {
    const limit = digits(wanted)
    const value = digits(text).slice(0, limit.length)
    if (value.length < limit.length) return false
    return how === 'from' ? value >= limit : value <= limit
  }
  const [value, limit] = [Number(text), Number(wanted)]
  if (!Number.isNaN(value) && !Number.isNaN(limit)) return how === 'from' ? value >= limit : value <= limit
  return how === 'from' ? text >= wanted : text <= wanted
}

const isDay = (text: string) => /^\d{4}-\d\d(-\d\d)?$/.test(text)
const digits = (text: string) => text.replace(/\D/g, '')

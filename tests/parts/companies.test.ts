// A document that names more companies than are looked at is refused: none slips in behind the others.
import { expect, test } from 'vitest'
import { companiesIn, strangersAmong } from '../../messages/companies.js'

const code = (n: number) => `91310000${String(n).padStart(10, '0')}`
const codes = [code(0)]
const principals = Array.from({ length: 10_000 }, (_, n) => code(n))
const strangersOf = (names: readonly string[]) =>
  strangersAmong(
    companiesIn({ principal: ['Principal'] }, () => names),
    { codes, principals },
  )

test('the last of ten thousand companies is looked at as the first', () => {
  expect(strangersOf(principals)).toEqual([])
  expect(strangersOf([...principals, code(99_999)])).toMatchObject([{ value: code(99_999) }])
})

test('beyond what is looked at nothing is allowed', () => {
  const many = Array.from({ length: 30_000 }, (_, n) => code(n))
  const allowed = { codes, principals: many }
  const named = companiesIn({ principal: ['Principal'] }, () => many)
  expect(strangersAmong(named, allowed)).toMatchObject([{ as: 'principal', path: 'Principal', value: '> 12000' }])
})

import { expect, test } from 'vitest'
import { fits } from '../../messages/queries/matching.js'

const met = (how: 'is' | 'from' | 'to', wanted: string, text: string) => fits(how, [wanted], [{ text }])

test('a day is the same day however it is written, in the criterion and in what was filed', () => {
  for (const wanted of ['2026-07-01', '20260701'])
    for (const filed of ['2026-07-01', '2026-07-01T09:30:00']) {
      expect([wanted, filed, met('is', wanted, filed)]).toEqual([wanted, filed, true])
      expect([wanted, filed, met('from', wanted, filed), met('to', wanted, filed)]).toEqual([wanted, filed, true, true])
    }
  expect(met('is', '2026-07-01', '20260701')).toBe(true)
  expect(met('is', '20260701', '2026-07-02')).toBe(false)
  expect(met('from', '20260702', '2026-07-01')).toBe(false)
  expect(met('to', '20260630', '2026-07-01')).toBe(false)
})

test('a number of eight digits is found as a number, and not as the beginning of a longer one', () => {
  expect(met('is', '20260701', '20260701')).toBe(true)
  expect(met('is', '20260701', '2026070155')).toBe(false)
})

// Which answer is awaited next of an agency, by what its document's family says and by what has come.
import { expect, test } from 'vitest'
import { awaited } from '../../messages/expectation.js'
import type { Expectation } from '../../messages/document-type.js'
import type { ReceiptStatus } from '../../messages/states.js'

const at = new Date('2026-03-01T08:00:00Z')
const step = (withinMinutes: number, ...status: ReceiptStatus[]): Expectation => ({
  status,
  withinMinutes,
  title: { zh: '回执', en: 'answer' },
})
const after = (expects: Expectation[] | undefined, status?: ReceiptStatus) => awaited(expects, status, at)?.step

test('a declaration just handed over waits for the first answer, so many minutes from now', () => {
  expect(awaited([step(10, 'processing'), step(600, 'released')], undefined, at)).toEqual({
    step: 0,
    by: new Date('2026-03-01T08:10:00Z'),
  })
  expect(after(undefined)).toBeUndefined()
  expect(after([])).toBeUndefined()
})

test('an answer that jumps ahead ends the wait for those before it', () => {
  const stored = step(10, 'processing', 'approved', 'released', 'rejected')
  expect(after([stored, step(600, 'released', 'rejected')], 'processing')).toBe(1)
  expect(after([stored, step(600, 'released', 'rejected')], 'released')).toBeUndefined()
})

test('nobody waits for an approved declaration to be stored, though the family names only `processing`', () => {
  expect(after([step(10, 'processing')], 'approved')).toBeUndefined()
  expect(after([step(10, 'processing', 'released', 'rejected')], 'approved')).toBeUndefined()
  expect(after([step(10, 'processing'), step(600, 'released')], 'approved')).toBe(1)
  expect(after([step(10, 'processing'), step(600, 'released')], 'rejected')).toBeUndefined()
})

test('what says less than is awaited ends no wait', () => {
  expect(after([step(600, 'released', 'rejected')], 'processing')).toBe(0)
  expect(after([step(10, 'processing'), step(600, 'released')], 'submitted')).toBe(0)
})

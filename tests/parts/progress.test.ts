// progress — what a long check says of itself: no guess before its pace is known.
import { expect, test } from 'vitest'
import { createProgress } from '../../hub/cli/doctor.js'

test('what came before the first record is no part of the pace, and no end is guessed before there is one', () => {
  let now = 60_000
  const lines: string[] = []
  const told = createProgress(
    () => now,
    (line) => lines.push(line.trim()),
  )
  told(1, 61)
  now += 1000
  told(21, 61)
  now += 1000
  told(41, 61)
  now += 1000
  told(61, 61)
  expect(lines).toEqual([
    '1 of 61 records (1 %)',
    '21 of 61 records (34 %)',
    '41 of 61 records (67 %), about 1 s left',
    '61 of 61 records (100 %)',
  ])
})

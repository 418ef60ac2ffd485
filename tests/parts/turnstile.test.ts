// A few questions at a time, and fewer while filings are being taken: these go first.
import { expect, test } from 'vitest'
import { mostQuestionsAtOnce, questionPatienceMs, questionsAtOnce } from '../../hub/queries/answer-here.js'
import { createTurnstile } from '../../messages/turnstile.js'
import { until } from '../support/until.js'

/** Works that end when they are told to; which of them have begun. */
function works(turnstile: ReturnType<typeof createTurnstile>) {
  const begun: number[] = []
  const ends: (() => void)[] = []
  const work = (n: number) => () =>
    new Promise<void>((end) => {
      begun.push(n)
      ends[n] = end
    })
  const come = (n: number) => turnstile.through(work(n))!
  return { begun, come, end: (n: number) => ends[n]!() }
}
const round = () => new Promise((resolve) => setImmediate(resolve))

test('so many are inside, others wait in their order, and who would wait too far back hears so at once', async () => {
  const { begun, come, end } = works(createTurnstile({ atOnce: () => 2, longestLine: 2 }))
  const all = [0, 1, 2, 3].map(come)
  await round()
  expect(begun).toEqual([0, 1])
  expect(come(4)).toBeUndefined()
  end(1)
  await round()
  expect(begun).toEqual([0, 1, 2])
  end(0)
  end(2)
  await round()
  expect(begun).toEqual([0, 1, 2, 3])
  end(3)
  await Promise.all(all)
})

test('while a filing is being taken no question begins, and four do when it has been taken', async () => {
  let filings = 0
  let taken = () => {}
  const { begun, come, end } = works(
    createTurnstile({
      atOnce: () => questionsAtOnce(filings, 0, mostQuestionsAtOnce.postgres),
      longestLine: 60,
      patienceMs: 60_000,
      onChange: (look) => (taken = look),
    }),
  )
  const all = Array.from({ length: 10 }, (_, n) => come(n))
  await round()
  expect(begun).toHaveLength(4)
  filings = 1
  for (const n of [0, 1, 2, 3]) end(n)
  await round()
  expect(begun).toHaveLength(4)
  filings = 0
  taken()
  await round()
  expect(begun).toHaveLength(8)
  for (const n of [4, 5, 6, 7]) end(n)
  await round()
  for (const n of [8, 9]) end(n)
  await Promise.all(all)
})

test('filings without end hold no question up for good: who has waited his time goes, one at a time', async () => {
  const { begun, come, end } = works(
    createTurnstile({
      atOnce: (waitedMs) => questionsAtOnce(1, waitedMs, mostQuestionsAtOnce.postgres),
      longestLine: 60,
      patienceMs: questionPatienceMs,
    }),
  )
  const all = [come(0), come(1)]
  await round()
  expect(begun).toEqual([])
  await until('the first to go', () => begun.length === 1)
  expect(begun).toEqual([0])
  end(0)
  await until('the next to go', () => begun.length === 2)
  end(1)
  await Promise.all(all)
})

test('nobody who comes later goes before those in line', async () => {
  let most = 1
  const { begun, come, end } = works(createTurnstile({ atOnce: () => most, longestLine: 60 }))
  const all = [come(0), come(1)]
  await round()
  expect(begun).toEqual([0])
  most = 3
  all.push(come(2), come(3))
  await round()
  expect(begun).toEqual([0, 1, 2])
  end(0)
  await round()
  expect(begun).toEqual([0, 1, 2, 3])
  for (const n of [1, 2, 3]) end(n)
  await Promise.all(all)
})

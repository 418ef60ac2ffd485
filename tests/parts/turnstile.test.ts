// A few questions at a time, and fewer while filings are being taken: these go first.
import { expect, test } from 'vitest'
import { questionsAtOnce } from '../../hub/queries/answer-here.js'
import { createTurnstile } from '../../messages/turnstile.js'

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

test('while a filing is being taken one question is answered at a time, and four again after it', async () => {
  let filings = 0
  const { begun, come, end } = works(createTurnstile({ atOnce: () => questionsAtOnce(filings), longestLine: 60 }))
  const all = Array.from({ length: 10 }, (_, n) => come(n))
  expect(begun).toHaveLength(4)
  filings = 1
  for (const n of [0, 1, 2]) end(n)
  await round()
  expect(begun).toHaveLength(4)
  end(3)
  await round()
  expect(begun).toHaveLength(5)
  filings = 0
  end(4)
  await round()
  expect(begun).toHaveLength(9)
  for (const n of [5, 6, 7, 8]) end(n)
  await round()
  end(9)
  await Promise.all(all)
})

test('nobody who comes later goes before those in line', async () => {
  let most = 1
  const { begun, come, end } = works(createTurnstile({ atOnce: () => most, longestLine: 60 }))
  const all = [come(0), come(1)]
  most = 4
  all.push(come(2))
  expect(begun).toEqual([0])
  end(0)
  await round()
  expect(begun).toEqual([0, 1, 2])
  end(1)
  end(2)
  await Promise.all(all)
})

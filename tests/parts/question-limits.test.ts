// Questions to an agency have few places: whoever has thousands of them neither keeps the places from others nor the
// hub busy.
import { expect, test } from 'vitest'
import { createQuestionLimits } from '../../hub/queries/question-limits.js'

/** Places of one agency, by a clock of our own; each question looks when it was told to. */
function agencyWith(rules: ReturnType<Parameters<typeof createQuestionLimits>[0]>) {
  let time = 0
  const limits = createQuestionLimits(
    () => rules,
    () => time,
  )
  const looks: { at: number; partnerId: string; submissionId: string }[] = []
  const ends: { at: number; end: () => void }[] = []
  const given: { at: number; partnerId: string }[] = []
  let looked = 0
  return {
    given,
    looked: () => looked,
    asks(partnerId: string, count: number, at = time) {
      for (let i = 0; i < count; i++) looks.push({ at, partnerId, submissionId: `qry_${partnerId}${i}` })
    },
    /** A look without a next one: another hub has answered it. */
    look: (partnerId: string) => limits.take({ agency: 'gacc', partnerId, submissionId: `qry_${partnerId}` }),
    /** Each answer takes the agency so long. */
    run(untilMs: number, answerMs: number) {
      for (; time < untilMs; time++) {
        for (const one of ends.filter(({ at }) => at === time)) one.end()
        const due = looks.filter(({ at }) => at === time)
        for (const one of due) {
          looks.splice(looks.indexOf(one), 1)
          looked++
          const place = limits.take({ agency: 'gacc', ...one })
          if ('waitMs' in place) looks.push({ ...one, at: time + place.waitMs })
          else {
            given.push({ at: time, partnerId: one.partnerId })
            ends.push({ at: time + answerMs, end: place.end })
          }
        }
      }
    },
  }
}

test.each([1, 4])(
  'of %i places one is soon another’s, though a partner waits with a thousand questions',
  (concurrency) => {
    const agency = agencyWith({ concurrency })
    agency.asks('crowd', 1000)
    agency.run(3000, 1000)
    agency.asks('quiet', 1)
    agency.run(6000, 1000)
    const ofQuiet = agency.given.filter(({ partnerId }) => partnerId === 'quiet')
    expect(ofQuiet).toHaveLength(1)
    // One answer is waited for, or two.
    expect(ofQuiet[0]!.at).toBeLessThan(3000 + 2 * 1000 + 250)
  },
)

test('two partners with thousands of questions have as many places each', () => {
  const agency = agencyWith({ concurrency: 4 })
  agency.asks('a', 500)
  agency.run(1000, 100)
  agency.asks('b', 500)
  const before = agency.given.length
  agency.run(4000, 100)
  const [a, b] = ['a', 'b'].map((one) => agency.given.slice(before).filter(({ partnerId }) => partnerId === one).length)
  expect(Math.abs(a! - b!)).toBeLessThanOrEqual(2)
  expect(a! + b!, 'of the 120 that four places can give').toBeGreaterThan(90)
})

test('many partners with one question each do not wait for each other where a place is free', () => {
  const agency = agencyWith({ concurrency: 4 })
  for (let i = 0; i < 50; i++) agency.asks(`p${i}`, 1)
  agency.run(3000, 50)
  expect(agency.given).toHaveLength(50)
})

test('thousands of questions of one partner look for a place a hundred times a second at most', () => {
  const agency = agencyWith({ concurrency: 1 })
  agency.asks('crowd', 5000)
  agency.run(1, 60_000)
  const before = agency.looked()
  agency.run(2001, 60_000)
  expect(agency.looked() - before).toBeLessThanOrEqual(200)
})

test('a question that does not come again, since another hub has answered it, keeps nobody waiting for long', () => {
  const agency = agencyWith({ concurrency: 1 })
  agency.asks('crowd', 100)
  agency.run(500, 300)
  expect(agency.look('elsewhere')).toHaveProperty('waitMs')
  agency.run(3000, 300)
  expect(agency.given.filter(({ at }) => at > 500).length).toBeGreaterThan(4)
})

test('the rate of questions holds for all partners together', () => {
  const agency = agencyWith({ concurrency: 100, rate: { max: 5, seconds: 1 } })
  agency.asks('a', 50)
  agency.asks('b', 50)
  agency.run(3000, 10)
  expect(agency.given).toHaveLength(15)
})

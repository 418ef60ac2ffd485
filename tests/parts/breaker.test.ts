// The circuit breaker: when it opens, what it lets through to find out, when it closes. Time is the test's.
import { expect, test } from 'vitest'
import { createBreaker, type BreakerRules, type BreakerView, type Permit } from '../../queues/breaker.js'

const rules: BreakerRules = { failureRatio: 0.5, minimum: 4, windowSeconds: 60, openSeconds: [10, 30, 60], probes: 2 }

function breaker(over: Partial<BreakerRules> = {}) {
  let now = Date.parse('2026-03-10T00:00:00Z')
  const seen: BreakerView[] = []
  const one = createBreaker(
    { ...rules, ...over },
    () => new Date(now),
    (view) => seen.push(view),
  )
  const pass = (seconds: number) => void (now += seconds * 1000)
  const permit = () => {
    const given = one.admit()
    if ('until' in given) throw new Error(`turned away until ${given.until.toISOString()}`)
    return given
  }
  const tries = (...outcomes: boolean[]) => outcomes.forEach((ok) => permit().end(ok))
  const turnedAway = () => {
    const given = one.admit()
    return 'until' in given ? (given.until.getTime() - now) / 1000 : undefined
  }
  return { one, pass, permit, tries, turnedAway, seen, state: () => one.view().state }
}

test('opened by a clock that was days ahead, it lets a probe through once the clock is set back', () => {
  const { tries, pass, permit, turnedAway, state } = breaker()
  pass(3 * 86_400)
  tries(false, false, false, false)
  expect(turnedAway()).toBe(10)
  pass(-3 * 86_400)
  const probes = [permit(), permit()]
  probes.forEach((probe) => probe.end(true))
  expect(state()).toBe('closed')
})

test('tries of a clock that was days ahead count for nothing once it is set back', () => {
  const { tries, pass, state } = breaker()
  pass(3 * 86_400)
  tries(false, false, false)
  pass(-3 * 86_400)
  tries(true, true, true, false)
  expect(state()).toBe('closed')
})

test('who asks why it is open hears what the last failure was, of a probe too', () => {
  const { one, permit, pass } = breaker()
  for (let n = 1; n <= 4; n++) permit().end(false, `connect ECONNREFUSED, ${n}`)
  expect(one.view().why).toBe('4 of 4 tries failed within 60 s: connect ECONNREFUSED, 4')
  pass(10)
  permit().end(false, 'HTTP 503')
  expect(one.view().why).toBe('a probe failed: HTTP 503')
  pass(30)
  permit().end(false)
  expect(one.view().why).toBe('a probe failed')
})

test('a few failures are no reason: it takes so many tries, and so large a share of them', () => {
  const { tries, state } = breaker()
  tries(false, false, false)
  expect(state()).toBe('closed')
  const other = breaker()
  other.tries(true, true, true, false, false)
  expect(other.state()).toBe('closed')
})

test('it opens at the share, lets nothing through for its wait, then so many probes and no more', () => {
  const { tries, state, turnedAway, pass, permit } = breaker()
  tries(true, true, false, false)
  expect(state()).toBe('open')
  expect(turnedAway()).toBe(10)
  pass(9)
  expect(turnedAway()).toBe(1)
  pass(1)
  const probes = [permit(), permit()]
  expect(state()).toBe('half-open')
  expect(probes.every(({ probe }) => probe)).toBe(true)
  expect(turnedAway()).toBe(1)
  probes.forEach((probe) => probe.end(true))
  expect(state()).toBe('closed')
  expect(turnedAway()).toBeUndefined()
})

test('a probe that fails opens it again, for longer each time; closing begins anew', () => {
  const { tries, pass, permit, turnedAway, state } = breaker()
  tries(false, false, false, false)
  const waits = []
  for (let n = 0; n < 4; n++) {
    waits.push(turnedAway())
    pass(waits.at(-1)!)
    permit().end(false)
    expect(state()).toBe('open')
  }
  expect(waits).toEqual([10, 30, 60, 60])
  pass(60)
  tries(true, true)
  expect(state()).toBe('closed')
  tries(false, false, false, false)
  expect(turnedAway()).toBe(10)
})

test('one probe that goes well is not enough while another is out, and a bad one outweighs it', () => {
  const { tries, pass, permit, state } = breaker()
  tries(false, false, false, false)
  pass(10)
  const [first, second] = [permit(), permit()]
  first.end(true)
  expect(state()).toBe('half-open')
  second.end(false)
  expect(state()).toBe('open')
})

test('what is older than the window is forgotten', () => {
  const { tries, pass, state, one } = breaker()
  tries(false, false, false)
  pass(61)
  tries(false, true, true, true)
  expect(state()).toBe('closed')
  expect(one.view()).toMatchObject({ tries: 4, failures: 1 })
})

test('what was begun before it opened counts for nothing afterwards, neither as a probe nor as a failure', () => {
  const { tries, pass, permit, state } = breaker()
  const before: Permit[] = [permit(), permit(), permit(), permit(), permit()]
  tries(false, false, false, false)
  expect(state()).toBe('open')
  before[0]!.end(true)
  before[1]!.end(false)
  expect(state()).toBe('open')
  pass(10)
  const probe = permit()
  before[2]!.end(true)
  before[3]!.end(true)
  expect(state()).toBe('half-open')
  before[4]!.end(false)
  expect(state()).toBe('half-open')
  probe.end(true)
  permit().end(true)
  expect(state()).toBe('closed')
})

test('a try that sent nothing gives its place back and is not counted; ending twice is ending once', () => {
  const { tries, pass, permit, state, one } = breaker()
  permit().end(undefined)
  expect(one.view().tries).toBe(0)
  tries(false, false, false, false)
  pass(10)
  for (let n = 0; n < 5; n++) permit().end(undefined)
  const probe = permit()
  probe.end(true)
  probe.end(true)
  expect(state()).toBe('half-open')
})

test('every change of state is told once, with when the next probe may go', () => {
  const { tries, pass, seen } = breaker()
  tries(false, false, false, false)
  pass(10)
  tries(true, true)
  expect(seen.map(({ state, until }) => [state, until?.toISOString()])).toEqual([
    ['open', '2026-03-10T00:00:10.000Z'],
    ['half-open', undefined],
    ['closed', undefined],
  ])
})

test('other rules take effect at once and leave the state as it is', () => {
  const { one, tries, state, turnedAway } = breaker()
  one.change({ ...rules, minimum: 2 })
  tries(false, false)
  expect(state()).toBe('open')
  one.change({ ...rules, probes: 1 })
  expect(state()).toBe('open')
  expect(turnedAway()).toBe(10)
})

test('while it is open it shows the tries that opened it, and counts anew once it is closed', () => {
  const { tries, one, pass, permit, state } = breaker()
  tries(true, false, false, false)
  expect(one.view()).toMatchObject({ state: 'open', tries: 4, failures: 3 })
  pass(60)
  permit().end(false)
  expect(one.view(), 'after a failed probe').toMatchObject({ state: 'open', tries: 4, failures: 3 })
  pass(600)
  while (state() !== 'closed') permit().end(true)
  expect(one.view()).toMatchObject({ tries: 0, failures: 0 })
})

test('few messages after an outage: probes that went well, and no failure for a window since, close it', () => {
  const { one, tries, pass, permit, state } = breaker()
  tries(false, false, false, false)
  pass(10)
  permit().end(true)
  expect(state()).toBe('half-open')
  pass(59)
  one.tick()
  expect(state()).toBe('half-open')
  pass(1)
  one.tick()
  expect(state()).toBe('closed')
  expect(one.view().openings).toBe(0)
})

test('a probe that is still out keeps it half-open, however long; a bad one opens it again', () => {
  const { one, tries, pass, permit, state } = breaker()
  tries(false, false, false, false)
  pass(10)
  permit().end(true)
  const slow = permit()
  pass(600)
  one.tick()
  expect(state()).toBe('half-open')
  slow.end(false)
  expect(state()).toBe('open')
})

test('open, and nothing was tried for longer than anything waits: it closes, and not a moment before', () => {
  const { one, tries, pass, state } = breaker()
  tries(false, false, false, false)
  pass(10 + 20 * 60 - 1)
  one.tick()
  expect(state()).toBe('open')
  pass(1)
  one.tick()
  expect(state()).toBe('closed')
})

// The gate of an agency: what holds its queue, until when, and what its worker is told. Time is the test's.
import { expect, test } from 'vitest'
import { createGate, type Admitted, type GateRules, type WorkerOrder } from '../../queues/gate.js'

const breaker = { enabled: true, failureRatio: 0.5, minimum: 4, windowSeconds: 60, openSeconds: [10, 30], probes: 2 }

function gate(over: Partial<GateRules> = {}) {
  let now = Date.parse('2026-03-10T12:00:00+08:00')
  const rules: GateRules = { windows: [], breaker, concurrency: 8, ...over }
  const orders: WorkerOrder[] = []
  const changes: string[] = []
  const one = createGate({
    agencies: ['gacc'],
    rulesOf: () => rules,
    apply: (_, order) => orders.push(order),
    changed: (_agency, _view, what) => changes.push(what),
    now: () => new Date(now),
  })
  one.tick()
  const admit = () => one.admit('gacc')
  return {
    one,
    rules,
    orders,
    changes,
    admit,
    pass(seconds: number) {
      now += seconds * 1000
      one.tick()
    },
    permit(): Admitted {
      const given = admit()
      if ('until' in given) throw new Error(`held until ${given.until.toISOString()}`)
      return given
    },
    /** Seconds until it should be asked again; undefined when let through. */
    wait() {
      const given = admit()
      if (!('until' in given)) return void given.end('none')
      return (given.until.getTime() - now) / 1000
    },
    reasons: () => one.view('gacc').holds.map(({ reason }) => reason),
    order: () => orders.at(-1)!,
  }
}

test('an agency nobody holds is open, at its full concurrency', () => {
  const { order, wait, one } = gate({ rate: { max: 10, seconds: 1 } })
  expect(order()).toEqual({ held: false, concurrency: 8, rate: { max: 10, seconds: 1 } })
  expect(wait()).toBeUndefined()
  expect(one.view('gacc')).toMatchObject({ open: true, holds: [], breaker: { state: 'closed' } })
})

test('a rest and an open breaker of a clock that was days ahead hold nothing once the clock is set back', () => {
  const { permit, pass, reasons, order, wait } = gate()
  pass(3 * 86_400)
  const tries = [permit(), permit(), permit(), permit()]
  tries.forEach((one) => one.end('failed', 600))
  expect(reasons()).toEqual(['breaker', 'busy'])
  pass(-3 * 86_400)
  expect(reasons()).toEqual([])
  expect(order().held).toBe(false)
  expect(wait()).toBeUndefined()
  // The agency asks again: from now on.
  permit().end('none', 60)
  expect(wait()).toBe(5)
  pass(60)
  expect(reasons()).toEqual([])
})

test('a window pauses the queue and opens it by itself; a job that slips through asks in seconds', () => {
  const { pass, order, wait, reasons, changes, one } = gate({ windows: [{ from: '13:00', to: '15:00', why: '维护' }] })
  expect(one.view('gacc').nextClosing).toMatchObject({ why: '维护' })
  pass(3600)
  expect(order().held).toBe(true)
  expect(reasons()).toEqual(['window'])
  expect(wait()).toBe(5)
  pass(2 * 3600)
  expect(order().held).toBe(false)
  expect(wait()).toBeUndefined()
  expect(changes).toEqual(['held: window', 'open again after window'])
})

test('a person’s pause lasts until it is taken back, and an announced night counts beside the usual ones', () => {
  const { one, order, reasons, pass } = gate()
  const paused = { since: '2026-03-10T04:00:00.000Z', who: 'ops', why: '主管部门来电' }
  one.holdsChanged(new Map([['gacc', { paused, windows: [] }]]))
  expect(one.view('gacc').holds).toEqual([{ reason: 'paused', since: new Date(paused.since), why: '主管部门来电' }])
  pass(86_400)
  expect(order().held).toBe(true)
  one.holdsChanged(new Map([['gacc', { windows: [{ start: '2026-03-11T13:00', end: '2026-03-11T14:00' }] }]]))
  expect(order().held).toBe(false)
  pass(3600)
  expect(reasons()).toEqual(['window'])
  one.holdsChanged(new Map())
  expect(reasons()).toEqual([])
})

test('failures hold the queue; probes go one by one; success opens it wholly', () => {
  const { permit, order, wait, pass, reasons, changes } = gate()
  for (let n = 0; n < 4; n++) permit().end('failed')
  expect(reasons()).toEqual(['breaker'])
  expect(order()).toEqual({ held: true, concurrency: 2, rate: undefined })
  pass(10)
  expect(order()).toEqual({ held: false, concurrency: 2, rate: undefined })
  const probes = [permit(), permit()]
  expect(wait()).toBe(1)
  probes.forEach((probe) => probe.end('ok'))
  expect(order()).toEqual({ held: false, concurrency: 8, rate: undefined })
  expect(changes).toEqual([
    'held: breaker',
    'breaker open',
    'open again after breaker',
    'breaker half-open',
    'breaker closed',
  ])
})

test('an agency that asks to wait is left in peace by every message, but not forever', () => {
  const { permit, order, pass, reasons } = gate()
  permit().end('failed', 30)
  expect(reasons()).toEqual(['busy'])
  pass(29)
  expect(order().held).toBe(true)
  pass(1)
  expect(order().held).toBe(false)
  permit().end('failed', 86_400)
  pass(15 * 60)
  expect(reasons()).toEqual([])
})

test('what sent nothing counts for nothing, and an end is counted once', () => {
  const { permit, one } = gate()
  for (let n = 0; n < 10; n++) permit().end('none')
  const given = permit()
  given.end('ok')
  given.end('failed')
  expect(one.view('gacc').breaker).toMatchObject({ state: 'closed', tries: 1, failures: 0 })
})

test('other rules take effect at once', () => {
  const { one, rules, order, reasons, permit } = gate()
  Object.assign(rules, { concurrency: 3, windows: [{ from: '11:00', to: '14:00' }] })
  one.rulesChanged()
  expect(order()).toEqual({ held: true, concurrency: 3, rate: undefined })
  Object.assign(rules, { windows: [], breaker: { ...breaker, enabled: false } })
  one.rulesChanged()
  for (let n = 0; n < 50; n++) permit().end('failed')
  expect(reasons()).toEqual([])
})

test('one agency’s trouble is not another’s', () => {
  const one = createGate({
    agencies: ['gacc', 'mot'],
    rulesOf: () => ({ windows: [], breaker, concurrency: 8 }),
    apply: () => {},
  })
  for (let n = 0; n < 4; n++) (one.admit('gacc') as Admitted).end('failed')
  expect(one.views().map(({ agency, open }) => [agency, open])).toEqual([
    ['gacc', false],
    ['mot', true],
  ])
  expect(() => one.admit('nobody')).toThrow('nobody')
})

test('tries that fail in a row are told, also when too few for the breaker, until one is good', () => {
  const { one, permit, pass } = gate()
  const since = () => one.view('gacc').failing?.since.toISOString()
  expect(one.view('gacc').failing).toBeUndefined()
  permit().end('failed', 0, 'HTTP 500')
  const first = since()
  pass(90)
  permit().end('failed', 0, 'HTTP 502')
  permit().end('none')
  expect(one.view('gacc')).toMatchObject({ breaker: { state: 'closed' }, failing: { tries: 2, why: 'HTTP 502' } })
  expect(since()).toBe(first)
  permit().end('ok')
  expect(one.view('gacc').failing).toBeUndefined()
})

test('a breaker that one good probe has half closed closes in time, and gives the full pace back', () => {
  const { one, permit, pass, order } = gate()
  for (let n = 0; n < 4; n++) permit().end('failed')
  pass(10)
  permit().end('ok')
  expect(order()).toMatchObject({ concurrency: 2 })
  pass(60)
  expect(one.view('gacc').breaker.state).toBe('closed')
  expect(order()).toMatchObject({ held: false, concurrency: 8 })
})

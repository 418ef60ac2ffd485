// When an agency is closed: every night, over the weekend, for an announced night, also where the clocks are changed.
import { describe, expect, test } from 'vitest'
import type { ClosedWindow } from '../../messages/agency-hold.js'
import { closedAt, neverOpen, nextClosing, windowFault } from '../../queues/windows.js'

const china = (wall: string) => new Date(`${wall}:00+08:00`)
const opens = (windows: ClosedWindow[], at: Date) => closedAt(windows, at)?.opensAt.toISOString()

describe('a closing every night', () => {
  const nightly: ClosedWindow[] = [{ from: '23:00', to: '02:30', why: 'nightly maintenance' }]
  test('begins and ends to the minute, also after midnight', () => {
    expect(closedAt(nightly, china('2026-03-10T22:59'))).toBeUndefined()
    expect(closedAt(nightly, china('2026-03-10T23:00'))).toEqual({
      since: china('2026-03-10T23:00'),
      opensAt: china('2026-03-11T02:30'),
      why: 'nightly maintenance',
    })
    expect(closedAt(nightly, china('2026-03-11T02:29'))?.opensAt).toEqual(china('2026-03-11T02:30'))
    expect(closedAt(nightly, china('2026-03-11T02:30'))).toBeUndefined()
  })
  test('is announced before it begins', () => {
    expect(nextClosing(nightly, china('2026-03-10T12:00'))).toMatchObject({
      since: china('2026-03-10T23:00'),
      opensAt: china('2026-03-11T02:30'),
    })
    expect(nextClosing(nightly, china('2026-03-10T23:30'))).toBeUndefined()
    expect(nextClosing([], china('2026-03-10T23:30'))).toBeUndefined()
  })
})

test('a closing on some days belongs to the day it begins on', () => {
  const saturday: ClosedWindow[] = [{ days: ['sat'], from: '22:00', to: '06:00' }]
  // 2026-03-14 is a Saturday.
  expect(closedAt(saturday, china('2026-03-13T23:00'))).toBeUndefined()
  expect(opens(saturday, china('2026-03-14T23:00'))).toBe(china('2026-03-15T06:00').toISOString())
  expect(opens(saturday, china('2026-03-15T05:00'))).toBe(china('2026-03-15T06:00').toISOString())
  expect(closedAt(saturday, china('2026-03-15T23:00'))).toBeUndefined()
  expect(nextClosing(saturday, china('2026-03-09T00:00'))?.since).toEqual(china('2026-03-14T22:00'))
})

test('a whole day, and days that follow each other, are one closing', () => {
  const weekend: ClosedWindow[] = [{ days: ['sat', 'sun'], from: '00:00', to: '00:00' }]
  expect(opens(weekend, china('2026-03-14T08:00'))).toBe(china('2026-03-16T00:00').toISOString())
  const early: ClosedWindow[] = [...weekend, { days: ['mon'], from: '00:00', to: '08:00' }]
  expect(opens(early, china('2026-03-14T08:00'))).toBe(china('2026-03-16T08:00').toISOString())
})

test('an announced night is closed once', () => {
  const once: ClosedWindow[] = [{ start: '2026-10-01T20:00', end: '2026-10-02T04:00', why: '系统升级' }]
  expect(closedAt(once, china('2026-10-01T19:59'))).toBeUndefined()
  expect(closedAt(once, china('2026-10-02T03:59'))).toMatchObject({
    opensAt: china('2026-10-02T04:00'),
    why: '系统升级',
  })
  expect(closedAt(once, china('2026-10-08T22:00'))).toBeUndefined()
  expect(nextClosing(once, china('2026-09-30T00:00'))?.since).toEqual(china('2026-10-01T20:00'))
})

test('the clock is that of the agency’s own time zone, whatever this machine is set to', () => {
  const window: ClosedWindow = { from: '01:00', to: '03:00' }
  expect(
    closedAt([{ ...window, timeZone: 'Asia/Shanghai' }], new Date('2026-01-01T18:00:00Z'))?.opensAt.toISOString(),
  ).toBe('2026-01-01T19:00:00.000Z')
  expect(closedAt([{ ...window, timeZone: 'UTC' }], new Date('2026-01-01T18:00:00Z'))).toBeUndefined()
  expect(
    closedAt([{ ...window, timeZone: 'Asia/Urumqi' }], new Date('2026-01-01T20:30:00Z'))?.opensAt.toISOString(),
  ).toBe('2026-01-01T21:00:00.000Z')
})

test('where clocks are changed, a window is rather closed too long than open too early', () => {
  // Berlin: on 29 March 2026 02:00 becomes 03:00; on 25 October 03:00 becomes 02:00.
  const night: ClosedWindow[] = [{ from: '02:30', to: '04:00', timeZone: 'Europe/Berlin' }]
  expect(closedAt(night, new Date('2026-03-29T00:59:00Z'))).toBeUndefined()
  expect(closedAt(night, new Date('2026-03-29T01:30:00Z'))?.opensAt.toISOString()).toBe('2026-03-29T02:00:00.000Z')
  const twice: ClosedWindow[] = [{ from: '02:15', to: '02:45', timeZone: 'Europe/Berlin' }]
  expect(closedAt(twice, new Date('2026-10-25T00:20:00Z'))?.opensAt.toISOString()).toBe('2026-10-25T01:45:00.000Z')
})

test('two months agree with a plain reading of the wall clock', () => {
  const windows: ClosedWindow[] = [
    { days: ['mon', 'wed'], from: '23:30', to: '01:15' },
    { from: '12:00', to: '12:10' },
  ]
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Shanghai',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const closed = (at: Date) => {
    const part = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, value]))
    const time = `${part.hour}:${part.minute}`
    const day = part.weekday!
    return (
      (time >= '12:00' && time < '12:10') ||
      (['Mon', 'Wed'].includes(day) && time >= '23:30') ||
      (['Tue', 'Thu'].includes(day) && time < '01:15')
    )
  }
  // Every 37th minute: all times of day and all weekdays come by.
  for (let at = Date.parse('2025-01-01T00:00Z'); at < Date.parse('2025-03-01T00:00Z'); at += 37 * 60_000)
    expect(closedAt(windows, new Date(at)) !== undefined, new Date(at).toISOString()).toBe(closed(new Date(at)))
})

test('a window that is none is named', () => {
  expect(windowFault({ from: '01:00', to: '02:00' })).toBeUndefined()
  expect(windowFault({ from: '01:00', to: '02:00', timeZone: 'Asia/Peking' })).toContain('Asia/Peking')
  expect(windowFault({ start: '2026-02-30T00:00', end: '2026-03-01T00:00' })).toContain('2026-02-30')
  expect(windowFault({ start: '2026-03-02T00:00', end: '2026-03-01T00:00' })).toContain('not before')
  expect(
    neverOpen(
      [
        { from: '00:00', to: '12:00' },
        { from: '12:00', to: '00:00' },
      ],
      china('2026-03-10T12:00'),
    ),
  ).toBe(true)
  expect(neverOpen([{ from: '00:00', to: '23:59' }], china('2026-03-10T12:00'))).toBe(false)
})

// windows — when an agency takes nothing: nightly maintenance, a holiday, an announced night. Pure: the time comes in,
// nothing else.
//
//   every week   { days: [sat, sun], from: '22:00', to: '06:00' }     a window that passes midnight belongs to the day it begins on
//   once         { start: '2026-10-01T20:00', end: '2026-10-02T04:00' }
//
// Times are those of a clock on the wall in the window's time zone (IANA name). A time that summer time skips is the
// moment after the gap; a time that comes twice is the first for a beginning and the second for an end: rather closed
// an hour too long.

import { isDay } from '../messages/calendar-day.js'
import { days, type ClosedWindow } from '../messages/agency-hold.js'

/** Of windows that name none: China's, UTC+8 without summer time. */
export const defaultTimeZone = 'Asia/Shanghai'

/** A time in which an agency takes nothing, of one window or of several that touch. */
export interface Closing {
  /** Since when, as far as one window tells. */
  since: Date
  opensAt: Date
  why: string
}

/** Longer than any maintenance: who is closed for so long is closed for good. */
const HORIZON_MS = 400 * 86_400_000

/** Undefined while open. Windows that touch or overlap are one closing. */
export function closedAt(windows: readonly ClosedWindow[], at: Date): Closing | undefined {
  let opensAt = at.getTime()
  let found: Closing | undefined
  while (opensAt - at.getTime() < HORIZON_MS) {
    const covering = windows
      .map((window) => ({ window, span: spanAt(window, opensAt) }))
      .find(({ span }) => span !== undefined)
    if (!covering?.span) break
    opensAt = covering.span.end
    found ??= { since: new Date(covering.span.start), opensAt: new Date(opensAt), why: covering.window.why ?? 'closed' }
  }
  return found && { ...found, opensAt: new Date(opensAt) }
}

/** The next time it closes, looking at most `withinMs` ahead; undefined when it does not, or is closed. */
export function nextClosing(
  windows: readonly ClosedWindow[],
  at: Date,
  withinMs = 8 * 86_400_000,
): Closing | undefined {
  if (closedAt(windows, at)) return undefined
  const starts = windows
    .flatMap((window) => spansFrom(window, at.getTime(), withinMs).map(({ start }) => start))
    .filter((start) => start > at.getTime())
  return starts.length === 0 ? undefined : closedAt(windows, new Date(Math.min(...starts)))
}

/** What is wrong with a window, in words; undefined when nothing is. */
export function windowFault(window: ClosedWindow): string | undefined {
  const timeZone = window.timeZone ?? defaultTimeZone
  if (!isTimeZone(timeZone)) return `there is no time zone ${timeZone}`
  if ('from' in window) return undefined
  for (const moment of [window.start, window.end])
    if (!isDay(moment.slice(0, 10))) return `there is no day ${moment.slice(0, 10)}`
  return instant(window.start, timeZone, 'first') < instant(window.end, timeZone, 'last')
    ? undefined
    : `${window.start} is not before ${window.end}`
}

/** True for one that comes once and has been. */
export function isOver(window: ClosedWindow, at: Date): boolean {
  return 'end' in window && instant(window.end, window.timeZone ?? defaultTimeZone, 'last') <= at.getTime()
}

/** True when these windows never let anything through. */
export function neverOpen(windows: readonly ClosedWindow[], at: Date): boolean {
  const closing = closedAt(windows, at)
  return closing !== undefined && closing.opensAt.getTime() - at.getTime() >= HORIZON_MS
}

interface Span {
  start: number
  end: number
}

function spanAt(window: ClosedWindow, at: number): Span | undefined {
  // A window that began yesterday may last until today.
  return spansFrom(window, at - 2 * 86_400_000, 3 * 86_400_000).find(({ start, end }) => start <= at && at < end)
}

/** Those that begin on a day between `from` and so much later. */
function spansFrom(window: ClosedWindow, from: number, withinMs: number): Span[] {
  const timeZone = window.timeZone ?? defaultTimeZone
  if ('start' in window)
    return [{ start: instant(window.start, timeZone, 'first'), end: instant(window.end, timeZone, 'last') }]
  const spans: Span[] = []
  for (
    let day = dayAt(from, timeZone);
    instant(`${day}T00:00`, timeZone, 'first') <= from + withinMs;
    day = nextDay(day)
  ) {
    if (window.days && !window.days.includes(days[new Date(`${day}T00:00Z`).getUTCDay()]!)) continue
    const until = window.to > window.from ? day : nextDay(day)
    spans.push({
      start: instant(`${day}T${window.from}`, timeZone, 'first'),
      end: instant(`${until}T${window.to}`, timeZone, 'last'),
    })
  }
  return spans
}

const nextDay = (day: string) => new Date(Date.parse(`${day}T00:00Z`) + 86_400_000).toISOString().slice(0, 10)
const dayAt = (at: number, timeZone: string) => wallAt(at, timeZone).slice(0, 10)

/** The moment a clock on the wall there shows this. */
function instant(wall: string, timeZone: string, twice: 'first' | 'last'): number {
  const naive = Date.parse(`${wall}:00Z`)
  // The offsets of the days around hold every offset there can be at that moment.
  const offsets = [...new Set([offsetAt(naive - 86_400_000, timeZone), offsetAt(naive + 86_400_000, timeZone)])]
  const shown = offsets
    .map((offset) => naive - offset)
    .filter((at) => wallAt(at, timeZone) === wall)
    .sort((a, b) => a - b)
  if (shown.length > 0) return shown[twice === 'first' ? 0 : shown.length - 1]!
  // Skipped: by the clock as it went before, which is after the gap by the new one.
  return naive - offsets[0]!
}

const offsetAt = (at: number, timeZone: string) =>
  Date.parse(`${wallAt(at, timeZone)}:00Z`) - Math.floor(at / 60_000) * 60_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** YYYY-MM-DDTHH:MM */
function wallAt(at: number, timeZone: string): string {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(timeZone, format)
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

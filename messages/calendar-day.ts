// calendar-day — days as they are written everywhere: 2026-06-01.

/** A day of the calendar, `2026-06-01`: 2026-02-30 is none. */
export function isDay(written: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(written)) return false
  const day = new Date(`${written}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(written)
}

// china-time — moments as documents of the Single Window write them: China standard time, without a zone.
const chinaMs = 8 * 3_600_000

/** `2026-06-01T09:00:00` */
export const chinaTime = (at: Date): string => new Date(at.getTime() + chinaMs).toISOString().slice(0, 19)

/** `2026-06-01` */
export const chinaDate = (at: Date): string => chinaTime(at).slice(0, 10)

/** The number of the day in China, counted from 1970: what is counted by the day begins anew at midnight there. */
export const chinaDay = (at: number): number => Math.floor((at + chinaMs) / 86_400_000)

/** The moment a day of China begins; undefined for what is no day. */
export function startOfDay(day: string): Date | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00+08:00`) : NaN
  return Number.isNaN(at) ? undefined : new Date(at)
}

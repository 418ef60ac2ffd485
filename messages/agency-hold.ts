// agency-hold — what people say about an agency while the hub runs: paused, or closed for an announced time. Kept in
// the ledger, the same for every hub process; the rules of every day stand in hub.yaml.

/** Days of the week as windows name them, Sunday first. */
export const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
/** A day of the week as hub.yaml writes it, `mon` to `sun`. */
export type WeekDay = (typeof days)[number]

interface Every {
  /** On these days; absent: every day. */
  days?: WeekDay[]
  /** HH:MM. Equal to `to`: the whole day. */
  from: string
  to: string
}
interface Once {
  /** YYYY-MM-DDTHH:MM */
  start: string
  end: string
}
/** When an agency takes nothing, by a clock on the wall of its time zone (IANA name; absent: China's). */
export type ClosedWindow = (Every | Once) & { timeZone?: string; why?: string }

/** What people have said of an agency, beside what its rules say. */
export interface AgencyHold {
  /** Until somebody resumes it. `since` is ISO 8601. */
  paused?: { since: string; who: string; why: string }
  /** Besides those of hub.yaml. */
  windows: ClosedWindow[]
}

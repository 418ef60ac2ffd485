// bounded-notes — what is kept of things that anybody can make happen as often as they like: for each source one log
// line a second and one entry of the audit in ten minutes, each with how many there were.
import type { AuditEntry } from '../../store/ledger.js'

/**
 * Where notes go: the audit and the log.
 * @see [createSignIns](./sign-ins.ts)
 */
export interface BoundedNotesParts {
  audit: (entry: AuditEntry) => Promise<void>
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

/** Something that happened, by its source. */
export interface Note {
  /** Names the source: what comes again from it is counted. */
  source: string
  /** The log line. */
  event: string
  ids: Record<string, string>
  /** The entry, without its time and its count. */
  entry: Pick<AuditEntry, 'who' | 'action' | 'target'>
}

const lineEveryMs = 1_000
const entryEveryMs = 600_000
/** Entries of all sources together: addresses can be had by the million. */
const mostEntriesInThatTime = 100
const mostSources = 10_000

/** Counts in memory; the number of sources it remembers is bounded. */
export function createBoundedNotes({ audit, log, now = () => new Date() }: BoundedNotesParts) {
  const sources = new Map<string, { lineAt: number; entryAt: number; sinceLine: number; sinceEntry: number }>()
  let entries = { since: 0, count: 0 }

  return function note({ source: key, event, ids, entry }: Note): void {
    const at = now().getTime()
    const source = sources.get(key) ?? { lineAt: -Infinity, entryAt: -Infinity, sinceLine: 0, sinceEntry: 0 }
    if (sources.size >= mostSources && !sources.has(key)) sources.clear()
    sources.set(key, source)
    source.sinceLine += 1
    source.sinceEntry += 1
    if (at - source.lineAt >= lineEveryMs) {
      log.warn({ ...ids, count: source.sinceLine }, event)
      source.lineAt = at
      source.sinceLine = 0
    }
    if (at - source.entryAt < entryEveryMs) return
    if (at - entries.since >= entryEveryMs) entries = { since: at, count: 0 }
    if (entries.count >= mostEntriesInThatTime) return
    entries.count += 1
    const detail = { ...ids, count: source.sinceEntry }
    source.entryAt = at
    source.sinceEntry = 0
    // It is on no one's way: a ledger that cannot be written leaves the log line.
    audit({ at: new Date(at), why: '', ...entry, detail }).catch(() => {})
  }
}

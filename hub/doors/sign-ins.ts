// sign-ins — what is kept of those that failed, on every door: a log line, a count, and an entry of the audit. A flood
// of them costs one line a second and one entry in ten minutes for each source, which say how many there were.
import type { AuditEntry } from '../../store/ledger.js'

export interface FailedSignIn {
  /** partner: a key at /v1; operator: at /ops and /monitor; agency: at /agency; sftp: the SFTP door. */
  door: 'partner' | 'operator' | 'agency' | 'signer' | 'sftp'
  address: string
  /** The name given, where the door asks for one: an SFTP user, an agency's code. */
  name?: string | undefined
}

/** @see [startOperating](../boot/operating.ts) */
export interface SignInsParts {
  audit: (entry: AuditEntry) => Promise<void>
  /** @see [createMetrics](../../monitoring/metrics.ts) */
  counted: (door: FailedSignIn['door']) => void
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

const lineEveryMs = 1_000
const entryEveryMs = 600_000
/** Entries of all sources together: addresses can be had by the million. */
const mostEntriesInThatTime = 100
const mostSources = 10_000

export function createSignIns({ audit, counted, log, now = () => new Date() }: SignInsParts) {
  const sources = new Map<string, { lineAt: number; entryAt: number; sinceLine: number; sinceEntry: number }>()
  let entries = { since: 0, count: 0 }

  return {
    failed({ door, address, name }: FailedSignIn): void {
      counted(door)
      const at = now().getTime()
      const key = `${door} ${address} ${name?.slice(0, 64) ?? ''}`
      const source = sources.get(key) ?? { lineAt: -Infinity, entryAt: -Infinity, sinceLine: 0, sinceEntry: 0 }
      if (sources.size >= mostSources && !sources.has(key)) sources.clear()
      sources.set(key, source)
      source.sinceLine += 1
      source.sinceEntry += 1
      const who = { door, address, ...(name === undefined ? {} : { name: name.slice(0, 64) }) }
      if (at - source.lineAt >= lineEveryMs) {
        log.warn({ ...who, count: source.sinceLine }, 'sign-in failed')
        source.lineAt = at
        source.sinceLine = 0
      }
      if (at - source.entryAt < entryEveryMs) return
      if (at - entries.since >= entryEveryMs) entries = { since: at, count: 0 }
      if (entries.count >= mostEntriesInThatTime) return
      entries.count += 1
      const detail = { ...who, count: source.sinceEntry }
      source.entryAt = at
      source.sinceEntry = 0
      // It is on no one's way: a ledger that cannot be written leaves the log line.
      audit({
        at: new Date(at),
        who: address,
        action: 'sign-in.failed',
        target: name?.slice(0, 64) ?? door,
        why: '',
        detail,
      }).catch(() => {})
    },
  }
}

// group-commit — all writes that wait are made in ONE transaction with one fsync, in the order they were asked for, each in a
// savepoint of its own so that one that fails takes no other with it. A caller hears back only after the commit (promise 1).
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'

/** Runs `write` inside the next shared transaction. Rejects with what it threw, or HUB_LEDGER_UNAVAILABLE when the commit failed. */
export interface GroupCommit {
  <T>(write: () => T): Promise<T>
  /** Resolves when nothing waits. */
  drained(): Promise<void>
}

interface Waiting {
  write: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Bounds how long one transaction keeps the event loop busy. */
const most = 256
/** The longest a write waits for company, in milliseconds. */
const longestWait = 4

export function createGroupCommit(db: Database.Database): GroupCommit {
  let waiting: Waiting[] = []
  let scheduled = false
  let idle: (() => void)[] = []
  const [begin, save, release, undo, commit, rollback] = ['begin immediate', 'savepoint one', 'release one', 'rollback to one', 'commit', 'rollback'].map((sql) => db.prepare(sql)) as [
    Database.Statement, Database.Statement, Database.Statement, Database.Statement, Database.Statement, Database.Statement,
  ]

  /**
   * A commit costs about the same for one write as for fifty. So a write waits for company as long as the last commit took: at worst
   * that doubles its latency, and under load it divides the commits. After a commit that cost nothing, nothing is waited for.
   */
  let lastCommitMs = 0

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    const wait = Math.min(longestWait, Math.round(lastCommitMs))
    if (wait === 0 || waiting.length >= most) setImmediate(flush)
    else setTimeout(flush, wait)
  }

  function flush(): void {
    scheduled = false
    const batch = waiting.slice(0, most)
    waiting = waiting.slice(most)
    if (waiting.length > 0) schedule()
    let settle: (() => void)[]
    try {
      begin.run()
      settle = batch.map(one)
      const begun = performance.now()
      commit.run()
      lastCommitMs = performance.now() - begun
    } catch (cause) {
      if (db.inTransaction) rollback.run()
      // Disk full, read-only, gone: nothing of this batch is there, and everybody is told so.
      settle = batch.map(({ reject }) => () => reject(new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause, retryAfterSeconds: 5 })))
    }
    for (const tell of settle) tell()
    if (waiting.length === 0) {
      idle.forEach((resolve) => resolve())
      idle = []
    }
  }

  function one({ write, resolve, reject }: Waiting): () => void {
    save.run()
    try {
      const value = write()
      release.run()
      return () => resolve(value)
    } catch (error) {
      // A full disk ends the whole transaction: then there is no savepoint to go back to, and the commit tells everybody.
      if (!db.inTransaction) throw error
      undo.run()
      release.run()
      return () => reject(isStorageError(error) ? new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause: error, retryAfterSeconds: 5 }) : error)
    }
  }

  return Object.assign(
    <T>(write: () => T) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ write, resolve: resolve as (value: unknown) => void, reject })
        schedule()
      }),
    { drained: () => (waiting.length === 0 ? Promise.resolve() : new Promise<void>((resolve) => idle.push(resolve))) },
  )
}

function isStorageError(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|CORRUPT|NOMEM)/.test((error as { code?: string }).code ?? '')
}

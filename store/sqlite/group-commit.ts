// group-commit — all writes that wait are made in ONE transaction with one fsync, in the order they were asked for,
// each in a savepoint of its own so that one that fails takes no other with it. A caller hears back only after the
// commit (promise 1).
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import { beforeTurns } from '../../messages/turns.js'

/**
 * Runs `write` inside the next shared transaction. `bytes` is about what it writes, when that is much.
 * Rejects with what it threw, or HUB_LEDGER_UNAVAILABLE when the disk did not take it; then nothing of it is there.
 */
export interface GroupCommit {
  <T>(write: () => T, bytes?: number): Promise<T>
  /** Resolves when nothing waits. */
  drained(): Promise<void>
}

interface Waiting {
  write: () => unknown
  bytes: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Both bound how long one transaction keeps the event loop busy. A single write larger than that goes alone. */
const most = 256
const mostBytes = 16 * 1024 * 1024
/** The longest a write waits for company, in milliseconds. */
const longestWait = 4

/** Told of every write and every commit, so that what a commit holds can be sealed in the commit itself (proof.ts). */
export interface CommitSealing {
  /** Before a write: what `undo` goes back to. */
  mark(): number
  undo(mark: number): void
  /** After all writes, before the commit. */
  seal(): void
  sealed(): void
  /** The commit failed: nothing of it is there. */
  lost(): void
}

/** `failed` is told why a whole commit was not made (a full disk); each of its callers is told too. */
export function createGroupCommit(
  db: Database.Database,
  { failed, sealing }: { failed: (cause: unknown) => void; sealing?: CommitSealing },
): GroupCommit {
  const waiting: Waiting[] = []
  let scheduled = false
  let idle: (() => void)[] = []
  const [begin, save, release, undo, commit, rollback] = [
    'begin immediate',
    'savepoint one',
    'release one',
    'rollback to one',
    'commit',
    'rollback',
  ].map((sql) => db.prepare(sql)) as [
    Database.Statement,
    Database.Statement,
    Database.Statement,
    Database.Statement,
    Database.Statement,
    Database.Statement,
  ]

  /**
   * A commit costs about the same for one write as for fifty. So a write waits for company as long as a commit takes,
   * the shorter of the last two: at worst that doubles its latency, and under load it divides the commits. One that
   * took long by itself (megabytes, the log written back to the file) makes nobody wait. After a commit that cost
   * nothing, nothing is waited for, nor by those that did not fit into the last one: they have waited already.
   */
  let lastCommitsMs: [number, number] = [0, 0]

  function schedule(leftOver = false): void {
    if (scheduled) return
    scheduled = true
    const wait = Math.min(longestWait, Math.round(Math.min(...lastCommitsMs)))
    if (leftOver || wait === 0 || waiting.length >= most) beforeTurns(flush)
    else setTimeout(flush, wait)
  }

  /** The first in line, and those behind it that fit. */
  function nextBatch(): Waiting[] {
    let bytes = 0
    const beyond = waiting.findIndex((one, i) => i === most || ((bytes += one.bytes) > mostBytes && i > 0))
    return waiting.splice(0, beyond < 0 ? waiting.length : beyond)
  }

  function flush(): void {
    scheduled = false
    const batch = nextBatch()
    if (waiting.length > 0) schedule(true)
    let settle: (() => void)[]
    try {
      begin.run()
      settle = batch.map(one)
      sealing?.seal()
      const begun = performance.now()
      commit.run()
      sealing?.sealed()
      lastCommitsMs = [lastCommitsMs[1], performance.now() - begun]
    } catch (cause) {
      sealing?.lost()
      giveBack()
      failed(cause)
      // Disk full, read-only, gone: nothing of this batch is there, and everybody is told so.
      settle = batch.map(
        ({ reject }) =>
          () =>
            reject(unavailable(cause)),
      )
    }
    for (const tell of settle) tell()
    if (waiting.length === 0) {
      idle.forEach((resolve) => resolve())
      idle = []
    }
  }

  /** On a failing disk the way back can fail too; the next `begin` then fails as well, and its callers hear that. */
  function giveBack(): void {
    try {
      if (db.inTransaction) rollback.run()
    } catch (cause) {
      failed(cause)
    }
  }

  function one({ write, resolve, reject }: Waiting): () => void {
    save.run()
    const mark = sealing?.mark() ?? 0
    try {
      const value = write()
      release.run()
      return () => resolve(value)
    } catch (error) {
      // A full disk ends the whole transaction: then there is no savepoint to go back to, and the commit tells
      // everybody.
      if (!db.inTransaction) throw error
      undo.run()
      sealing?.undo(mark)
      release.run()
      if (!isStorageError(error)) return () => reject(error)
      failed(error)
      return () => reject(unavailable(error))
    }
  }

  return Object.assign(
    <T>(write: () => T, bytes = 0) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ write, bytes, resolve: resolve as (value: unknown) => void, reject })
        schedule()
      }),
    { drained: () => (waiting.length === 0 ? Promise.resolve() : new Promise<void>((resolve) => idle.push(resolve))) },
  )
}

const unavailable = (cause: unknown) => new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause, retryAfterSeconds: 5 })

function isStorageError(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|CORRUPT|NOMEM)/.test(
    (error as { code?: string }).code ?? '',
  )
}

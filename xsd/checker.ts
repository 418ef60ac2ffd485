// checker — the engine in worker threads, as a function: `inspect(bytes)`. A message that takes too long costs its own thread and
// no other; when too many wait, new ones are turned away instead of filling the memory.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { DocumentFamily } from '../messages/document-type.js'
import { HubError } from '../messages/errors.js'
import type { Inspect, Inspection } from '../messages/inspection.js'

export interface CheckerOptions {
  documents: DocumentFamily[]
  schemasDir: string
  /** Default: one a core, less one for the main thread. */
  threads?: number
  faultLimit?: number
  deadlineMs?: number
  /** Bytes of messages that may wait or be under way at once. */
  mostBytes?: number
}

export interface Checker {
  inspect: Inspect
  threads: number
  stats(): { waiting: number; bytes: number }
  close(): Promise<void>
}

export function createChecker({ documents, schemasDir, threads = Math.max(1, availableParallelism() - 1), faultLimit = 100, deadlineMs = 30_000, mostBytes = 512 * 1024 * 1024 }: CheckerOptions): Checker {
  const pool = new Piscina<Uint8Array, Inspection>({
    filename: workerFile(),
    workerData: { documents, schemasDir, faultLimit },
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    maxQueue: 20_000,
    idleTimeout: Infinity,
  })
  // A thread that dies is replaced; the task that killed it hears of it below.
  pool.on('error', () => {})
  let bytesUnderWay = 0

  async function inspect(bytes: Uint8Array): Promise<Inspection> {
    if (bytesUnderWay + bytes.length > mostBytes) throw new HubError('HUB_CHECK_UNAVAILABLE', {}, { retryAfterSeconds: 2 })
    bytesUnderWay += bytes.length
    // A copy of its own is handed over, not cloned: a small Buffer is a view of a shared pool, and the caller keeps his for the ledger.
    const own = new Uint8Array(bytes)
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), deadlineMs)
    try {
      return await pool.run(own, { transferList: [own.buffer], signal: deadline.signal })
    } catch (cause) {
      throw new HubError('HUB_CHECK_UNAVAILABLE', {}, { cause, retryAfterSeconds: 2 })
    } finally {
      clearTimeout(timer)
      bytesUnderWay -= bytes.length
    }
  }

  return { inspect, threads, stats: () => ({ waiting: pool.queueSize, bytes: bytesUnderWay }), close: () => pool.close({ force: false }) }
}

/** The built worker, also when this file itself runs from its source, as under the tests: a thread cannot load TypeScript. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/xsd/worker.js', import.meta.url))
}

// checker — the engine in worker threads, as a function: `inspect(bytes)`. Messages that wait are handed over several at a time, since
// handing over costs as much as checking a small one. A message that takes too long costs its own thread and no other message; when
// too many wait, new ones are turned away instead of filling the memory.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { DocumentFamily } from '../messages/document-type.js'
import { HubError } from '../messages/errors.js'
import type { Inspect, Inspection, Reading } from '../messages/inspection.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { RuleFamily } from './ruling/rule.js'

export interface CheckerOptions {
  documents: DocumentFamily[]
  mappings?: Mapping[]
  schemasDir: string
  rules: RuleFamily[]
  /** Folder of the record tables of flat files. Default: the one in the repository. */
  flatTables?: string
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

interface Waiting {
  bytes: Uint8Array
  reading: Reading | undefined
  resolve: (inspection: Inspection) => void
  reject: (error: HubError) => void
}

/** Most messages, and about most bytes, handed over at a time. */
const batchMost = 16
const batchBytes = 512 * 1024

export function createChecker({
  documents,
  mappings = [],
  schemasDir,
  rules,
  flatTables,
  threads = Math.max(1, availableParallelism() - 1),
  faultLimit = 100,
  deadlineMs = 30_000,
  mostBytes = 512 * 1024 * 1024,
}: CheckerOptions): Checker {
  // Two batches a thread: the next one lies ready while the main thread is busy elsewhere.
  const most = threads * 2
  const pool = new Piscina<Omit<Waiting, 'resolve' | 'reject'>[], Inspection[]>({
    filename: workerFile(),
    workerData: {
      documents,
      mappings,
      schemasDir,
      rules,
      faultLimit,
      ...(flatTables === undefined ? {} : { flatTables }),
    },
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 2,
    idleTimeout: Infinity,
    resourceLimits: { maxYoungGenerationSizeMb: 48 },
  })
  // A thread that dies is replaced; whose message it was hears of it below.
  pool.on('error', () => {})
  const waiting: Waiting[] = []
  let underWay = 0
  let bytesHeld = 0

  function pump(): void {
    while (underWay < most && waiting.length > 0) {
      const batch: Waiting[] = []
      for (
        let size = 0;
        waiting.length > 0 &&
        batch.length < batchMost &&
        (batch.length === 0 || size + waiting[0]!.bytes.length <= batchBytes);
      ) {
        const next = waiting.shift()!
        size += next.bytes.length
        batch.push(next)
      }
      underWay++
      void check(batch).finally(() => {
        underWay--
        pump()
      })
    }
  }

  async function check(batch: Waiting[]): Promise<void> {
    // Copies of their own are handed over, not cloned: a small Buffer is a view of a shared pool, and the caller keeps his for the ledger.
    const own = batch.map(({ bytes, reading }) => ({ bytes: new Uint8Array(bytes), reading }))
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), deadlineMs)
    try {
      const inspections = await pool.run(own, {
        transferList: own.map(({ bytes }) => bytes.buffer),
        signal: deadline.signal,
      })
      batch.forEach(({ resolve }, i) => resolve(inspections[i]!))
    } catch (cause) {
      // The guilty one is found by asking for each alone; the others are not to suffer for it.
      if (batch.length > 1) for (const one of batch) await check([one])
      else batch[0]!.reject(new HubError('HUB_CHECK_UNAVAILABLE', {}, { cause, retryAfterSeconds: 2 }))
    } finally {
      clearTimeout(timer)
    }
  }

  async function inspect(bytes: Uint8Array, reading?: Reading): Promise<Inspection> {
    if (bytesHeld + bytes.length > mostBytes) throw new HubError('HUB_CHECK_UNAVAILABLE', {}, { retryAfterSeconds: 2 })
    bytesHeld += bytes.length
    try {
      return await new Promise<Inspection>((resolve, reject) => {
        waiting.push({ bytes, reading, resolve, reject })
        // After everything else of this turn, so that what came in together goes out together.
        if (waiting.length === 1) setImmediate(pump)
      })
    } finally {
      bytesHeld -= bytes.length
    }
  }

  return {
    inspect,
    threads,
    stats: () => ({ waiting: waiting.length, bytes: bytesHeld }),
    close: () => pool.close({ force: false }),
  }
}

/** The built worker, also when this file itself runs from its source, as under the tests: a thread cannot load TypeScript. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/xsd/worker.js', import.meta.url))
}

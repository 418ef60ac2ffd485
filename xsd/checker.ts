// checker — the engine in worker threads, as a function: `inspect(bytes)`. Messages that wait are handed over several
// at a time, since handing over costs as much as checking a small one. They are taken in turn by owner, by what each
// owner's have cost so far; large ones have threads of their own, so that a small one never waits behind them. A
// message that takes too long costs its own thread and no other message; when too many wait, new ones are turned away
// instead of filling the memory.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { DocumentFamily } from '../messages/document-type.js'
import { HubError } from '../messages/errors.js'
import { createFairQueue, type FairQueue } from '../messages/fair-queue.js'
import type { Inspect, Inspection, ReadingOptions } from '../messages/inspection.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import { isShared } from '../messages/shared-bytes.js'
import { beforeTurns } from '../messages/turns.js'
import type { RuleFamily } from './rules/rule.js'
import type { Disputed } from './worker.js'

/** Defaults: `faultLimit` 100 faults a message, `deadlineMs` 30 s a message, `mostBytes` 512 MB. */
interface CheckerOptions {
  documents: DocumentFamily[]
  mappings?: Mapping[]
  schemasDir: string
  rules: RuleFamily[]
  /** Folder of the record tables of flat files. Default: the one in the repository. */
  flatTables?: string
  /** Default: one a core, less one for the main thread. */
  threads?: number
  /**
   * Threads for large messages, started when one comes: each may take twenty times the size of its message. Default 1.
   */
  largeThreads?: number
  faultLimit?: number
  deadlineMs?: number
  /** Bytes of messages that may wait or be under way at once. */
  mostBytes?: number
  /** Told of a schema by which a message was held to be certainly valid, and libxml2 refused it. Default: nobody. */
  disputed?: (schema: string) => void
}

/**
 * `inspect` rejects with a HubError when a message took longer than its deadline, when its thread died, or when too
 * many wait.
 */
export interface Checker {
  inspect: Inspect
  threads: number
  stats(): { waiting: number; bytes: number }
  close(): Promise<void>
}

interface Waiting {
  bytes: Uint8Array
  reading: ReadingOptions | undefined
  owner: string
  resolve: (inspection: Inspection) => void
  reject: (error: HubError) => void
}

type Pool = Piscina<Pick<Waiting, 'bytes' | 'reading'>[], Inspection[]>

/**
 * Most messages, and most bytes, handed over at a time. What is larger is large: it goes alone, to a thread for large
 * ones.
 */
const batchMost = 16
const batchBytes = 256 * 1024
/** What is thought to be checked in a millisecond, until it is known what it took. */
const bytesPerMs = 20_000
/** A thread for large messages ends when it has had none for this long, and gives back what memory it took. */
const largeIdleMs = 30_000

/** Starts the threads; each reads its schemas when it first needs them. To be closed with the hub. */
export function createChecker({
  documents,
  mappings = [],
  schemasDir,
  rules,
  flatTables,
  threads = Math.max(1, availableParallelism() - 1),
  largeThreads = 1,
  faultLimit = 100,
  deadlineMs = 30_000,
  mostBytes = 512 * 1024 * 1024,
  disputed = () => {},
}: CheckerOptions): Checker {
  const makePool = (options: ConstructorParameters<typeof Piscina>[0], stepsBack = false): Pool => {
    const pool: Pool = new Piscina({
      filename: workerFile(),
      workerData: {
        documents,
        mappings,
        schemasDir,
        rules,
        faultLimit,
        stepsBack,
        ...(flatTables === undefined ? {} : { flatTables }),
      },
      resourceLimits: { maxYoungGenerationSizeMb: 48 },
      ...options,
    })
    // A thread that dies is replaced; whose message it was hears of it below.
    pool.on('error', () => {})
    pool.on('message', (said: Disputed) => disputed(said.disputed))
    return pool
  }
  const pools: Pool[] = []
  const kept = (pool: Pool): Pool => (pools.push(pool), pool)
  const usual = kept(
    makePool({ minThreads: threads, maxThreads: threads, concurrentTasksPerWorker: 2, idleTimeout: Infinity }),
  )
  let large: Pool | undefined
  const largePool = () =>
    (large ??= kept(makePool({ minThreads: 0, maxThreads: largeThreads, idleTimeout: largeIdleMs }, true)))
  const lines = [
    // Two batches a thread: the next one lies ready while the main thread is busy elsewhere.
    createLine({ pool: () => usual, most: threads * 2, mostOfOne: threads * batchBytes }),
    createLine({ pool: largePool, most: largeThreads, mostOfOne: Infinity }),
  ] as const
  let bytesHeld = 0

  /** @param mostOfOne bytes of one owner under way at once, where that is more than one message */
  function createLine({ pool, most, mostOfOne }: { pool: () => Pool; most: number; mostOfOne: number }) {
    const waiting: FairQueue<Waiting> = createFairQueue()
    const bytesOf = new Map<string, number>()
    let underWay = 0
    let called = false

    const may = ({ bytes }: Waiting, owner: string): boolean => {
      const already = bytesOf.get(owner) ?? 0
      return already === 0 || already + bytes.length <= mostOfOne
    }
    const count = ({ owner, bytes }: Waiting, sign: 1 | -1): void => {
      const now = (bytesOf.get(owner) ?? 0) + sign * bytes.length
      if (now > 0) bytesOf.set(owner, now)
      else bytesOf.delete(owner)
    }

    function nextBatch(): Waiting[] {
      const batch: Waiting[] = []
      let size = 0
      const fits = (one: Waiting, owner: string) =>
        may(one, owner) && (batch.length === 0 || size + one.bytes.length <= batchBytes)
      for (let next = waiting.next(fits); next; next = batch.length < batchMost ? waiting.next(fits) : undefined) {
        batch.push(next.item)
        size += next.item.bytes.length
        count(next.item, 1)
      }
      return batch
    }

    function pump(): void {
      called = false
      while (underWay < most && waiting.size > 0) {
        const batch = nextBatch()
        if (batch.length === 0) return
        underWay++
        const begun = performance.now()
        void check(pool(), batch).finally(() => {
          underWay--
          for (const one of batch) count(one, -1)
          charge(batch, performance.now() - begun)
          pump()
        })
      }
    }

    /** What was thought to take a while and took longer is counted as what it took; of a batch, each by its size. */
    function charge(batch: readonly Waiting[], tookMs: number): void {
      const size = batch.reduce((sum, { bytes }) => sum + bytes.length, 0)
      for (const { owner, bytes } of batch)
        waiting.charge(owner, (tookMs * (bytes.length + 1)) / (size + batch.length) - costOf(bytes))
    }

    return {
      get size() {
        return waiting.size
      },
      add(one: Waiting): void {
        waiting.push(one.owner, one, costOf(one.bytes))
        // After everything else of this turn, so that what came in together goes out together.
        if (!called) beforeTurns(pump)
        called = true
      },
    }
  }

  async function check(pool: Pool, batch: Waiting[]): Promise<void> {
    // Copies of their own are handed over, not cloned: a small Buffer is a view of a shared pool, and the caller keeps
    // his for the ledger.
    const copied = batch.filter(({ bytes }) => !isShared(bytes)).map((one) => [one, new Uint8Array(one.bytes)] as const)
    const copyOf = new Map(copied)
    const own = batch.map((one) => ({ bytes: copyOf.get(one) ?? one.bytes, reading: one.reading }))
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), deadlineMs)
    try {
      const inspections = await pool.run(own, {
        transferList: copied.map(([, { buffer }]) => buffer),
        signal: deadline.signal,
      })
      batch.forEach(({ resolve }, i) => resolve(inspections[i]!))
    } catch (cause) {
      // The guilty one is found by asking for each alone; the others are not to suffer for it.
      if (batch.length > 1) for (const one of batch) await check(pool, [one])
      else batch[0]!.reject(new HubError('HUB_CHECK_UNAVAILABLE', {}, { cause, retryAfterSeconds: 2 }))
    } finally {
      clearTimeout(timer)
    }
  }

  async function inspect(bytes: Uint8Array, reading?: ReadingOptions): Promise<Inspection> {
    if (bytesHeld + bytes.length > mostBytes) throw new HubError('HUB_CHECK_UNAVAILABLE', {}, { retryAfterSeconds: 2 })
    bytesHeld += bytes.length
    try {
      return await new Promise<Inspection>((resolve, reject) =>
        lines[bytes.length <= batchBytes ? 0 : 1].add({
          bytes,
          reading,
          owner: reading?.owner ?? '',
          resolve,
          reject,
        }),
      )
    } finally {
      bytesHeld -= bytes.length
    }
  }

  return {
    inspect,
    threads,
    stats: () => ({ waiting: lines.reduce((sum, { size }) => sum + size, 0), bytes: bytesHeld }),
    close: async () => void (await Promise.all(pools.map((pool) => pool.close({ force: false })))),
  }
}

/** In milliseconds. Handing over costs a little, too. */
const costOf = ({ length }: Uint8Array): number => 0.1 + length / bytesPerMs

/**
 * The built worker, also when this file itself runs from its source, as under the tests: a thread cannot load
 * TypeScript.
 */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/bundle/check-thread.js', import.meta.url))
}

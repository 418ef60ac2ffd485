// one-thread — a thread that is asked one thing after another, started when it is needed. What takes too long or too
// much memory ends it, and the next question starts another.
import { Worker } from 'node:worker_threads'

interface OneThreadParts {
  /** The built file of the thread. */
  file: URL
  data?: unknown
  /** Memory of the thread, in megabytes. */
  memoryMb: number
  /** The longest it may take to answer. */
  deadlineMs: number
}

interface OneThread<Input, Output> {
  /**
   * Asks, and resolves with what it says. Ask again only then. @throws Error when it fails, takes too long, or the hub
   * stops
   */
  ask(input: Input, transfer?: ArrayBuffer[]): Promise<Output>
  /** Runs `work` after what was put in line before it. */
  inLine<T>(work: () => Promise<T>): Promise<T>
  /** Ends it, and its memory is free; the next question starts another. */
  end(): Promise<void>
  /** Ends it for good. */
  close(): Promise<void>
  readonly closed: boolean
}

/** Makes the thread's queue. The thread itself is started by the first question. */
export function createOneThread<Input, Output>(parts: OneThreadParts): OneThread<Input, Output> {
  const { file, data, memoryMb, deadlineMs } = parts
  let thread: Worker | undefined
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  function started(): Worker {
    if (closed) throw new Error('the hub stops')
    thread ??= new Worker(file, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: memoryMb } })
    // It keeps no process alive that has nothing else to do.
    thread.unref()
    return thread
  }

  async function end(): Promise<void> {
    const ended = thread
    thread = undefined
    await ended?.terminate()
  }

  async function ask(input: Input, transfer: ArrayBuffer[] = []): Promise<Output> {
    const worker = started()
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(timer)
        worker.off('message', done).off('error', failed).off('exit', gone)
      }
      const done = (said: Output) => {
        over()
        resolve(said)
      }
      const failed = (error: Error) => {
        over()
        reject(error)
      }
      const gone = () => failed(new Error('the thread ended'))
      const timer = setTimeout(() => failed(new Error(`it took more than ${deadlineMs} ms`)), deadlineMs)
      worker.on('message', done).on('error', failed).on('exit', gone)
      worker.postMessage(input, transfer)
    })
  }

  return {
    ask,
    inLine(work) {
      const done = last.then(work)
      last = done.catch(() => {})
      return done
    },
    end,
    async close() {
      closed = true
      await end()
    },
    get closed() {
      return closed
    },
  }
}

// reply-reader — agencies' answers, read: small ones at once, large ones in a thread of their own, one after another, so that an answer of 30 MB
// holds up nobody but the large ones behind it.
import { Worker } from 'node:worker_threads'
import type { CharsetName } from '../messages/edifact/charset.js'
import { readReply, type Reply } from '../messages/reply.js'
import type { Log } from './log.js'
import type { ReplyThreadData, ReplyThreadInput, ReplyThreadOutput } from './reply-thread.js'

/** Reading takes some 5 ms up to here. */
const readAtOnceBytes = 64 * 1024

/** After a larger answer the thread is ended, and its memory is free. */
const keptThreadBytes = 4 * 1024 * 1024

export interface ReplyReaderParts extends ReplyThreadData {
  log: Pick<Log, 'warn'>
  /** The longest an answer may take to be read. Default two minutes. */
  deadlineMs?: number
  /** Memory of the thread, in megabytes. An answer of 32 MB takes some 300. Default 1024. */
  memoryMb?: number
}

export interface ReplyReader {
  /** As readReply of messages/reply.ts. Undefined also for an answer that takes too long or too much memory: it is kept, and a person looks at it. */
  read(bytes: Uint8Array, charset?: CharsetName): Promise<Reply | undefined>
  close(): Promise<void>
}

export function createReplyReader({
  receiptTypes,
  envelopes,
  log,
  deadlineMs = 120_000,
  memoryMb = 1024,
}: ReplyReaderParts): ReplyReader {
  let thread: Worker | undefined
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  function started(): Worker {
    if (closed) throw new Error('the hub stops')
    thread ??= new Worker(new URL('./reply-thread.js', import.meta.url), {
      workerData: { receiptTypes, envelopes } satisfies ReplyThreadData,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    // It keeps no process alive that has nothing else to do.
    thread.unref()
    return thread
  }

  async function end(): Promise<void> {
    const ended = thread
    thread = undefined
    await ended?.terminate()
  }

  async function readAside(bytes: Uint8Array, charset: CharsetName | undefined): Promise<Reply | undefined> {
    const own = new Uint8Array(bytes)
    try {
      let said = await ask({ bytes: own, ...(charset === undefined ? {} : { charset }) }, [own.buffer])
      const receiptType = said.type === undefined ? undefined : receiptTypes[said.type]
      const entries = said.entries
      while (said.left) {
        said = await ask({ more: true })
        entries.push(...said.entries)
      }
      if (bytes.length > keptThreadBytes) await end()
      return receiptType && { receiptType, entries }
    } catch (error) {
      // What was cut short by a stop is read after it.
      if (closed) throw error
      log.warn({ err: error, bytes: bytes.length }, 'an answer could not be read')
      await end()
      return undefined
    }
  }

  function ask(input: ReplyThreadInput, transfer: ArrayBuffer[] = []): Promise<ReplyThreadOutput> {
    const worker = started()
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(timer)
        worker.off('message', done).off('error', failed).off('exit', gone)
      }
      const done = (said: ReplyThreadOutput) => {
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
    async read(bytes, charset) {
      if (bytes.length <= readAtOnceBytes) return readReply(bytes, receiptTypes, envelopes, charset)
      const reading = last.then(() => readAside(bytes, charset))
      last = reading.catch(() => {})
      return reading
    },
    async close() {
      closed = true
      await end()
    },
  }
}

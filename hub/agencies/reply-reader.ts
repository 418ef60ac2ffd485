// reply-reader — agencies' answers, read: small ones at once, large ones in a thread of their own, one after another,
// so that an answer of 30 MB holds up nobody but the large ones behind it.
import type { CharsetName } from '../../messages/edifact/charset.js'
import { isShared } from '../../messages/shared-bytes.js'
import { readReply, type Reply } from '../../messages/reply.js'
import type { Log } from '../base/log.js'
import { createOneThread } from '../base/one-thread.js'
import type { ReplyThreadData, ReplyThreadInput, ReplyThreadOutput } from './reply-thread.js'

/** Reading takes some 5 ms up to here. */
const readAtOnceBytes = 64 * 1024

/** After a larger answer the thread is ended, and its memory is free. */
const keptThreadBytes = 4 * 1024 * 1024

interface ReplyReaderParts extends ReplyThreadData {
  log: Pick<Log, 'warn'>
  /** The longest an answer may take to be read. Default two minutes. */
  deadlineMs?: number
  /** Memory of the thread, in megabytes: hub/boot/memory.ts. */
  memoryMb: number
}

/** Reads agencies' answers one after another, in the order in which it is asked. */
export interface ReplyReader {
  /**
   * As readReply of messages/reply.ts. Undefined also for an answer that takes too long or too much memory: it is kept,
   * and a person looks at it.
   */
  read(bytes: Uint8Array, charset?: CharsetName): Promise<Reply | undefined>
  close(): Promise<void>
}

/** Makes the reader; its thread starts with the first large answer. */
export function createReplyReader({
  receiptTypes,
  envelopes,
  log,
  deadlineMs = 120_000,
  memoryMb,
}: ReplyReaderParts): ReplyReader {
  const thread = createOneThread<ReplyThreadInput, ReplyThreadOutput>({
    file: new URL('./reply-thread.js', import.meta.url),
    data: { receiptTypes, envelopes } satisfies ReplyThreadData,
    memoryMb,
    deadlineMs,
  })

  async function readAside(bytes: Uint8Array, charset: CharsetName | undefined): Promise<Reply | undefined> {
    const shared = isShared(bytes)
    const own = shared ? bytes : new Uint8Array(bytes)
    const transfer = shared ? [] : [own.buffer as ArrayBuffer]
    try {
      let said = await thread.ask({ bytes: own, ...(charset === undefined ? {} : { charset }) }, transfer)
      const receiptType = said.type === undefined ? undefined : receiptTypes[said.type]
      const entries = said.entries
      while (said.left) {
        said = await thread.ask({ more: true })
        entries.push(...said.entries)
      }
      if (bytes.length > keptThreadBytes) await thread.end()
      return receiptType && { receiptType, entries }
    } catch (error) {
      // What was cut short by a stop is read after it.
      if (thread.closed) throw error
      log.warn({ err: error, bytes: bytes.length }, 'an answer could not be read')
      await thread.end()
      return undefined
    }
  }

  return {
    async read(bytes, charset) {
      if (bytes.length <= readAtOnceBytes) return readReply(bytes, receiptTypes, envelopes, charset)
      return thread.inLine(() => readAside(bytes, charset))
    },
    close: thread.close,
  }
}

// reply-thread — the thread that reads large answers of agencies: told which receipts there are, given the bytes of one
// answer at a time, it gives the entries back in portions, so that taking them over holds nobody up.
import { parentPort, workerData } from 'node:worker_threads'
import type { ReceiptType } from '../../messages/document-type.js'
import type { CharsetName } from '../../messages/edifact/charset.js'
import type { Envelope } from '../../messages/envelope.js'
import { readReply, type ReplyEntry } from '../../messages/reply.js'
import { arrived } from '../../messages/shared-bytes.js'
import { stepBack } from '../../messages/step-back.js'

stepBack()

/** What the thread is started with. */
export interface ReplyThreadData {
  receiptTypes: ReceiptType[]
  envelopes: Envelope[]
}
/** An answer to be read; `more`: the next portion of the one read last. */
export type ReplyThreadInput = { bytes: Uint8Array; charset?: CharsetName } | { more: true }
/** `type`: the place of its receipt type, undefined when it fits none. */
export interface ReplyThreadOutput {
  type?: number
  entries: ReplyEntry[]
  left: boolean
}

const portion = 200
const { receiptTypes, envelopes } = workerData as ReplyThreadData
let rest: ReplyEntry[] = []

parentPort!.on('message', (input: ReplyThreadInput) => {
  let type: number | undefined
  if ('bytes' in input) {
    arrived(input.bytes)
    const reply = readReply(input.bytes, receiptTypes, envelopes, input.charset)
    rest = reply?.entries ?? []
    type = reply && receiptTypes.indexOf(reply.receiptType)
  }
  const entries = rest.slice(0, portion)
  rest = rest.slice(portion)
  parentPort!.postMessage({
    ...(type === undefined ? {} : { type }),
    entries,
    left: rest.length > 0,
  } satisfies ReplyThreadOutput)
})

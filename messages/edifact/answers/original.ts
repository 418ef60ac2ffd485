// original — what an answer has to know of the message it answers: who sent it, under which numbers, in which release.
import { type CharsetName } from '../charset.js'
import { type Interchange, type MessageId, readUnh } from '../envelope.js'
import { InterchangeReader } from '../reader.js'
import { significant, value } from '../segment.js'

/** What an answer cites of the message it is to. */
export interface Original {
  interchange: Interchange
  /** 0062 */
  reference: string
  id: MessageId
  /** BGM: 1001 and 1004, '' where there is none. */
  document: { code: string; number: string }
}

/** Beyond this many segments no BGM is looked for: it stands at the beginning, or nowhere. */
const farthest = 20

/**
 * Of the first message of these bytes, which may be broken behind its beginning. Reads no further than its BGM.
 * @param charset what the bytes are, where that is not what UNB says
 * @returns undefined when there is no UNB with a sender, or no message
 */
export function originalOf(bytes: Uint8Array, charset?: CharsetName): Original | undefined {
  const reader = new InterchangeReader({ stream: true, ...(charset === undefined ? {} : { charset }) })
  let interchange: Interchange | undefined
  let header: ReturnType<typeof readUnh> | undefined
  let document = { code: '', number: '' }
  for (const event of reader.push(bytes)) {
    if (event.kind === 'interchange') interchange = event.interchange
    else if (event.kind === 'segment' && event.segment.tag === 'UNH') header = readUnh(event.segment)
    else if (event.kind === 'segment' && event.segment.tag === 'BGM')
      document = { code: significant(value(event.segment, 1)), number: significant(value(event.segment, 2)).trim() }
    if (
      event.kind === 'message' ||
      event.kind === 'end' ||
      (event.kind === 'segment' && (event.segment.tag === 'BGM' || event.position >= farthest))
    )
      break
  }
  return interchange && header && interchange.sender.id !== '' ? { interchange, ...header, document } : undefined
}

// unreadable-answer — an answer to a known submission in a form no receipt description fits: its partner gets it as it is, with what is known about it.
import { errorText } from '../../messages/errors.js'
import type { ReplyEntry } from '../../messages/reply.js'

const mark = '; import=failed'

/** The media type of an answer whose file name says that the import failed: it lasts as long as the kept bytes. */
export const failedImport = (mediaType: string): string => mediaType + mark

/** The media type as the other side gave it. */
export const plainType = (mediaType: string): string => mediaType.replace(mark, '')

/** What can be said without reading it. */
export function unreadEntry(mediaType: string, agency: string): ReplyEntry {
  const failed = mediaType.endsWith(mark)
  const code = failed ? 'HUB_IMPORT_FAILED' : 'HUB_ANSWER_UNREAD'
  return {
    keys: [],
    senders: [],
    learn: [],
    code,
    text: errorText(code, { agency }),
    status: failed ? 'rejected' : 'submitted',
  }
}

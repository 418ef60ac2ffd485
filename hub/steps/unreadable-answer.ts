// unreadable-answer — an answer to a known submission in a form no receipt description fits: its partner gets it as it
// is, with what is known about it.
import { errorText } from '../../messages/errors.js'
import type { ReplyEntry } from '../../messages/reply.js'

/** What can be said without reading it. `importFailed`: the name of its file says so. */
export function unreadEntry({ agency, importFailed }: { agency: string; importFailed?: true }): ReplyEntry {
  const code = importFailed ? 'HUB_IMPORT_FAILED' : 'HUB_ANSWER_UNREAD'
  return {
    keys: [],
    senders: [],
    learn: [],
    code,
    text: errorText(code, { agency }),
    status: importFailed ? 'rejected' : 'submitted',
  }
}

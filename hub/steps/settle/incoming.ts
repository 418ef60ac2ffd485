// incoming — what an agency said, before it is kept, and what becomes of it where it answers a question.
import type { AgencyFile } from '../../../messages/attached.js'
import type { NewReply } from '../../../store/ledger.js'

/** What an agency said, before it is kept. */
export type IncomingReply = Omit<NewReply, 'replyId' | 'receivedAt' | 'attachments'> & {
  /** What came with it. */
  files?: readonly AgencyFile[] | undefined
}

/** What becomes of an answer to a question. `instead`: the answer of the hub that is given in its place. */
export type Answered = 'late' | 'as it came' | { instead: IncomingReply }

// incoming — what an agency said, before it is kept.
import type { AgencyFile } from '../../../messages/attached.js'
import type { NewReply } from '../../../store/ledger.js'

/** What an agency said, before it is kept. */
export type IncomingReply = Omit<NewReply, 'replyId' | 'receivedAt' | 'attachments'> & {
  /** What came with it. */
  files?: readonly AgencyFile[] | undefined
}

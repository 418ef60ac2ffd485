// agency-answer — what an agency says, before anybody has read it.
import type { AgencyFile } from './attached.js'

/** What an agency said, as it came. */
export interface AgencyAnswer {
  mediaType: string
  bytes: Buffer
  /** What came with it: certificates, prints. */
  files?: AgencyFile[]
}

/** An answer as it came over HTTP, whole. Header names in lower case. */
export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

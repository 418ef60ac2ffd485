// overview — how the hub stands, and what was done and asked in it.
import type { AuditFilter, QuestionFilter } from '../../../../messages/filters.js'
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface OverviewParts {
  status: () => Promise<view.Status>
  /** Jobs by queue, as Redis has them; undefined while it is away. */
  queues: () => Promise<view.QueueCounts[] | undefined>
  audits: (limit: number, target?: string, which?: AuditFilter) => Promise<view.AuditView[]>
  /** Questions that were answered in their call, the newest first. */
  questionsAsked: (which: QuestionFilter) => Promise<view.QuestionView[]>
}

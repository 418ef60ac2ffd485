// overview — how the hub stands, and what was done and asked in it.
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface OverviewParts {
  status: () => Promise<view.Status>
  /** Jobs by queue, as Redis has them; undefined while it is away. */
  queues: () => Promise<view.QueueCounts[] | undefined>
  audits: (
    limit: number,
    target?: string,
    which?: { who?: string | undefined; action?: string | undefined; before?: number | undefined },
  ) => Promise<view.AuditView[]>
  /** Questions that were answered in their call, the newest first. */
  questionsAsked: (which: {
    partnerId?: string
    operation?: string
    before?: string
    limit: number
  }) => Promise<view.QuestionView[]>
}

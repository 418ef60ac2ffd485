// unfinished — what is owed to partners, and what waits for a person or an agency.
import type { Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface UnfinishedSources {
  /** Business receipts not yet returned or acknowledged. */
  receiptsOwed: () => Promise<number>
  orphans: () => Promise<number>
  heldAnswers: () => Promise<number>
  /** 0 when there is none. */
  oldestHeldAnswerSeconds: () => Promise<number>
  sharedKeys: () => Promise<number>
  /** Submissions whose awaited answer is late now. */
  overdue: () => Promise<number>
  /** Receipts given up or tried in vain so far. */
  undelivered: () => Promise<number>
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchUnfinished(sources: UnfinishedSources, { gauge }: Scrape): void {
  gauge('hub_receipts_owed', 'Receipts not yet returned or acknowledged', sources.receiptsOwed)
  gauge('hub_replies_orphaned', 'Agency answers that speak of no submission', sources.orphans)
  gauge('hub_answers_held', 'Agency answers that wait until it is known whether they are of ours', sources.heldAnswers)
  gauge('hub_answers_held_oldest_seconds', 'Age of the oldest of them', sources.oldestHeldAnswerSeconds)
  gauge('hub_shared_keys', 'Numbers two partners have under way at one agency, not looked into yet', sources.sharedKeys)
  gauge('hub_answers_overdue', 'Submissions whose awaited answer is late', sources.overdue)
  gauge('hub_receipts_undelivered', 'Receipts given up, or tried in vain so far', sources.undelivered)
}

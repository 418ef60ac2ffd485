// queries — the questions a partner can ask, and their answers.
import type { Partner } from '../../../../messages/partner.js'
import type { TurnstileRules } from '../../../../messages/turnstile.js'
import type * as view from '../../../../messages/views/index.js'

/** A question as it came: whose it is, of which operation, with which criteria. */
export interface AskedQuery {
  partner: Partner
  operation: string
  /** As they stand in the address. */
  parameters: Record<string, unknown>
  page?: number
  size?: number
  /** What an answer named as the beginning of its next page. */
  after?: string
  /** The caller waits for the answer. */
  waits?: boolean
}

/** Whose answer is awaited, and for how long. */
export interface AwaitedAnswer {
  partnerId: string
  operation: string
  messageId: string
  waitMs: number
  signal: AbortSignal
}

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface QueriesParts {
  /** Queries that can be asked. */
  queries: () => view.QuerySummary[]
  /** One of them, with its criteria and columns. @throws HubError HUB_QUERY_NONE */
  query: (operation: string) => view.QueryDetails
  /**
   * @returns the id of the message the question is; or the answer itself, where the hub alone gives it and the caller
   *   waits
   * @throws HubError with every criterion that is wrong
   */
  ask: (question: AskedQuery) => Promise<string | view.QueryAnswer>
  /** How many may be taken at once: filings go first. */
  questionsInTurn: Omit<TurnstileRules, 'longestLine'>
  /** The answer, or how far it is after `waitMs`. @throws HubError HUB_NOT_FOUND */
  answer: (which: AwaitedAnswer) => Promise<view.QueryAnswer>
  /** Its answer has been given to a call. */
  given: (partnerId: string, messageId: string) => Promise<void>
}

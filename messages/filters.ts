// filters — which rows of a list somebody wants to see, as doors ask and the ledger answers. What is absent is any.
import type { MessageState } from './states.js'

/** All conditions must hold. The newest come first, a page at a time by `cursor`. */
export interface MessageFilter {
  /** Always set on partner doors (promise 9); absent only on ops doors. */
  partnerId?: string
  reference?: string
  /**
   * References that begin so. Of more than 5,000 the first 5,000 by their letters are looked at; `more` then says so.
   */
  referenceStart?: string
  /** Catalogue code. */
  operation?: string
  state?: MessageState
  since?: Date
  /** Received before this moment. */
  until?: Date
  /** Opaque, from the previous page. */
  cursor?: string
  /** 1–500. */
  limit: number
}

/** What an operator asks: `operation` may be the beginning of a code. */
export interface MessageSearch extends MessageFilter {
  /** Messages owed to this agency. */
  agency?: string
}

/** Which audit entries: by whom, of which kind (`agency` for all of agencies), before which entry. */
export interface AuditFilter {
  who?: string | undefined
  /** An action, or the beginning of its name: `agency`, `agency.pause`. */
  action?: string | undefined
  /** `n` of the last entry of the page before. */
  before?: number | undefined
}

/** Questions answered in their call: the newest first, of the 20,000 before `before`. */
export interface QuestionFilter {
  partnerId?: string
  operation?: string
  /** Only those asked before this one. */
  before?: string
  limit: number
}

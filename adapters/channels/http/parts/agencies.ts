// agencies — what agencies post back, and what an operator does about an agency.
import type { AgencyAnswer, HttpAnswer } from '../../../../messages/agency-answer.js'
import type { Operator } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface AgencyParts {
  /**
   * Keeps an agency's answer for good; resolves when it is on disk.
   * @see [startAnswering](../../../../hub/boot/answering.ts)
   */
  takeReply: (agency: string, answer: AgencyAnswer) => Promise<{ replyId: string; known: boolean }>
}

/**
 * What resolves with undefined: there is no such agency.
 * @see [createAgencyVerbs](../../../../hub/operate/agency-verbs.ts)
 */
export interface AgencyOpsParts {
  agencies: () => Promise<view.AgencyView[]>
  agency: (code: string) => Promise<view.AgencyView | undefined>
  pauseAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  resumeAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  closeAgency: (
    code: string,
    window: { start: string; end: string; timeZone?: string },
    by: Operator,
  ) => Promise<view.AgencyView | undefined>
  openAgency: (code: string, by: Operator) => Promise<view.AgencyView | undefined>
  /** Undefined when there is no such agency, or its answers are files. */
  readAnswer: (code: string, answer: HttpAnswer) => Promise<view.AnswerReadView | undefined>
  /** Rejects with a HubError that names every fault. */
  reloadConfig: (by: Operator) => Promise<void>
}

// answering — what happens to an agency's answer: it is stored, read, and assigned to its submission, or given to the
// subscribers of a notice.
import type { AgencyAnswer } from '../../messages/agency-answer.js'
import type { Agencies } from '../agencies/agencies.js'
import { createAnswered } from '../queries/answered.js'
import { createAnswerHere } from '../queries/answer-here.js'
import { createForeignRows } from '../queries/foreign-rows.js'
import { createFromLedger } from '../queries/from-ledger.js'
import { createQuestionRecord } from '../queries/question-record.js'
import { createResults } from '../queries/results.js'
import { createFetchIn } from '../steps/fetch-in.js'
import { createNotice } from '../steps/notice.js'
import { createSettle } from '../steps/settle.js'
import type { Checking } from './checking.js'
import type { Data } from './data.js'
import type { Start } from './start.js'
import type { Storage } from './storage.js'
import type { TakingPart } from './taking.js'
import type { Watching } from './watching.js'

/** @see [startParts](../hub.ts) */
interface AnsweringStart extends Start {
  data: Data
  storage: Storage
  checking: Checking
  watching: Watching
  taking: TakingPart
  agencies: () => Pick<Agencies, 'edifactCharset' | 'answersQueries'>
}

export type Answering = ReturnType<typeof startAnswering>

/** The step `settle` with what it needs. */
export function startAnswering({ log, life, data, storage, checking, watching, taking, agencies }: AnsweringStart) {
  const { ledger } = storage
  const { observe } = watching
  const partner = taking.partners.byId
  const results = createResults({
    ledger,
    book: data.queries,
    fromLedger: createFromLedger({ ledger, routing: data.routing }),
    partner,
    foreignRows: createForeignRows(data.companiesOf),
    log,
  })
  const questions = life.started(createQuestionRecord({ ledger, log }), (record) => record.stop())
  const settling = createSettle({
    ledger,
    answered: createAnswered({
      ledger,
      results,
      mode: (agency, operation, document) => agencies().answersQueries(agency, operation, document),
      log,
    }),
    learnable: data.taught,
    rivals: observe.rivals,
    notice: createNotice({ inspect: checking.checker.inspect, routing: data.routing, ledger, partner }),
    expects: data.expects,
    charsetOf: (agency) => agencies().edifactCharset(agency),
    partner,
    readReply: checking.readReply,
    observe: observe.settled,
    kept: observe.replyKept,
    filesLeft: (event) => log.warn(event, 'files of an answer are too many, too large or empty: not kept'),
  })

  /** An answer that came to the hub's own door. */
  async function takeReply(agency: string, answer: AgencyAnswer) {
    const kept = await settling.keep({ agency, ...answer })
    // The agency hears "taken" now; should settling fail, the sweeper does it again.
    kept
      .settle()
      .catch((error: unknown) =>
        log.error({ err: error, replyId: kept.replyId }, 'settle failed; the sweeper tries again'),
      )
    return kept
  }

  return {
    settling,
    results,
    /** Questions the hub alone answers, in the call. */
    answerHere: createAnswerHere({ book: data.queries, results, record: questions, observe: observe.asked }),
    answeredHere: questions.byId,
    takeReply,
    fetchIn: createFetchIn({ ledger, readReply: checking.readReply, keep: settling.keep, log }),
  }
}

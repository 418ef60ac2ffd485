// questions — what was asked and answered in one call.
import { idsFrom } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import { mostLookedThrough, questionColumns, questionValues, toQuestion, type QuestionRow } from '../rows/question.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
export const questionsSql = {
  put: `insert into question (${questionColumns})
    values (@questionId, @partnerId, @operation, @documentType, @askedAt, @bytes, @total) on conflict do nothing`,
  putAnswer: 'insert into question_answer (question_id, bytes) values (@questionId, @answer) on conflict do nothing',
  one: `select q.*, a.bytes as answer from question q left join question_answer a using (question_id)
    where question_id = @messageId and partner_id = @partnerId`,
  asked: `select q.*, null as answer from (
      select * from question where question_id < @before order by question_id desc limit ${mostLookedThrough}) q
    where (@partnerId::text is null or partner_id = @partnerId) and (@operation::text is null or operation = @operation)
    order by question_id desc limit @limit`,
  letGo: `delete from question_answer where question_id in (
    select question_id from question_answer where question_id < @before order by question_id limit @most)`,
}
const sql = questionsSql

/** Greater than every id. */
const afterAll = 'msg_~'

/** This chapter of the ledger on PostgreSQL; what it promises: [Questions](../ledger/questions.ts). */
export function createQuestions({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'keepQuestions' | 'questionById' | 'questionsAsked' | 'letGoOfAnswers'> {
  return {
    keepQuestions: (questions) =>
      commit(async (tx) => {
        for (const { answer, ...row } of questions.map(questionValues)) {
          await tx.run(sql.put, row)
          await tx.run(sql.putAnswer, { questionId: row.questionId, answer })
        }
      }),
    async questionById(messageId, partnerId) {
      const row = await reading.get<QuestionRow>(sql.one, { messageId, partnerId })
      return row && toQuestion(row)
    },
    async questionsAsked({ before = afterAll, partnerId = null, operation = null, limit }) {
      return (await reading.all<QuestionRow>(sql.asked, { before, partnerId, operation, limit })).map(toQuestion)
    },
    letGoOfAnswers: (before, most) => commit((tx) => tx.run(sql.letGo, { before: idsFrom('msg', before), most })),
  }
}

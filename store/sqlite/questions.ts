// questions — what was asked and answered in one call. Ids grow with time, so that rows go to the end of their tables.
import type Database from 'better-sqlite3'
import { idsFrom } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import { mostLookedThrough, questionColumns, questionValues, toQuestion, type QuestionRow } from '../rows/question.js'
import type { GroupCommit } from './group-commit.js'

interface QuestionsAsked {
  before: string
  partnerId: string | null
  operation: string | null
  limit: number
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const questionsSql = {
  put: `insert into question (${questionColumns})
    values (@questionId, @partnerId, @operation, @documentType, @askedAt, @bytes, @total) on conflict do nothing`,
  putAnswer: 'insert into question_answer (question_id, bytes) values (@questionId, @answer) on conflict do nothing',
  one: `select q.*, a.bytes as answer from question q left join question_answer a using (question_id)
    where question_id = ?`,
  asked: `select b.*, null as answer from (
      select * from question where question_id < @before order by question_id desc limit ${mostLookedThrough}) b
    where (@partnerId is null or partner_id = @partnerId) and (@operation is null or operation = @operation)
    limit @limit`,
  letGo: `delete from question_answer where question_id in (
    select question_id from question_answer where question_id < @before order by question_id limit @most)`,
}
const sql = questionsSql

/** Greater than every id. */
const afterAll = 'msg_~'

/** This chapter of the ledger on SQLite; what it promises: [Questions](../ledger/questions.ts). */
export function createQuestions({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'keepQuestions' | 'questionById' | 'questionsAsked' | 'letGoOfAnswers'> {
  const put = db.prepare(sql.put)
  const putAnswer = db.prepare(sql.putAnswer)
  const one = db.prepare<[string], QuestionRow>(sql.one)
  const asked = db.prepare<[QuestionsAsked], QuestionRow>(sql.asked)
  const letGo = db.prepare<[{ before: string; most: number }]>(sql.letGo)
  return {
    keepQuestions: (questions) =>
      commit(
        () => {
          for (const question of questions) {
            const { answer, ...row } = questionValues(question)
            put.run(row)
            putAnswer.run({ questionId: row.questionId, answer })
          }
        },
        questions.reduce((bytes, { answer }) => bytes + answer.length, 0),
      ),
    async questionById(messageId, partnerId) {
      const row = one.get(messageId)
      return row?.partner_id === partnerId ? toQuestion(row) : undefined
    },
    async questionsAsked({ before = afterAll, partnerId = null, operation = null, limit }) {
      return asked.all({ before, partnerId, operation, limit }).map(toQuestion)
    },
    letGoOfAnswers: (before, most) => commit(() => letGo.run({ before: idsFrom('msg', before), most }).changes),
  }
}

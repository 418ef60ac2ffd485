// question-record — who asked what and when, of questions that were answered in their call: written some together, a
// moment after the answer, so that filings do not wait for a write of each. What a crash takes with it is the record of
// that moment; its askers have their answers.
import type { AnsweredQuestion, Ledger } from '../../store/ledger.js'

type Kept = Required<AnsweredQuestion>

/** From an answer to the write of its record. */
const longestWaitMs = 250
/** After a write that failed. */
const againMs = 1_000
/** In one write. */
const [mostTogether, mostBytesTogether] = [256, 4 * 1024 * 1024]
/** Not written yet: beyond this no question is answered. */
const [mostWaiting, mostBytesWaiting] = [5_000, 64 * 1024 * 1024]

export type QuestionRecord = ReturnType<typeof createQuestionRecord>

/** A record that cannot be written is logged, and lost. */
export function createQuestionRecord({
  ledger,
  log,
}: {
  ledger: Pick<Ledger, 'keepQuestions' | 'questionById'>
  log: { error(ids: object, event: string): void }
}) {
  const waiting = new Map<string, Kept>()
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<boolean> | undefined

  function soon(ms = longestWaitMs): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void write()
    }, ms)
  }

  function firstInLine(): Kept[] {
    const some: Kept[] = []
    let size = 0
    for (const one of waiting.values()) {
      size += one.answer.length
      if (some.length === mostTogether || (some.length > 0 && size > mostBytesTogether)) break
      some.push(one)
    }
    return some
  }

  /** @returns whether it went well */
  function write(): Promise<boolean> {
    writing ??= writeSome().finally(() => (writing = undefined))
    return writing
  }

  async function writeSome(): Promise<boolean> {
    const some = firstInLine()
    if (some.length === 0) return true
    try {
      await ledger.keepQuestions(some)
      for (const { messageId, answer } of some) if (waiting.delete(messageId)) bytes -= answer.length
      if (waiting.size > 0) soon(some.length === mostTogether ? 0 : longestWaitMs)
      return true
    } catch (err) {
      log.error({ err, waiting: waiting.size }, 'the record of questions was not written; it is tried again')
      soon(againMs)
      return false
    }
  }

  return {
    /** Is there room for one more? False while the ledger takes no writes. */
    hasRoom: () => waiting.size < mostWaiting && bytes < mostBytesWaiting,
    keep(question: Kept): void {
      waiting.set(question.messageId, question)
      bytes += question.answer.length
      soon()
    },
    async byId(messageId: string, partnerId: string): Promise<AnsweredQuestion | undefined> {
      const one = waiting.get(messageId)
      if (one) return one.partnerId === partnerId ? one : undefined
      return ledger.questionById(messageId, partnerId)
    },
    /** Writes what is left. */
    async stop(): Promise<void> {
      await writing
      while (waiting.size > 0 && (await write()));
      clearTimeout(timer)
    },
  }
}

// answers — what an operator does about agencies' answers that no submission is found for, or more than one.
import type { Operator } from '../../../messages/operator.js'
import type { Ledger } from '../../../store/ledger.js'
import type { RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface AnswersParts {
  ledger: Pick<Ledger, 'matchOrphan' | 'releaseAnswer' | 'closeSharedKey' | 'dropOrphan'>
  recorded: RecordAct
  /** @see [startWorking](../../boot/working.ts) */
  settleSoon: () => void
  now: () => Date
}

/** Each verb resolves with false where there is nothing of that id in that state: then nothing was done. */
export function createAnswers({ ledger, recorded, settleSoon, now }: AnswersParts) {
  return {
    async matchOrphan(replyId: string, submissionId: string, by: Operator): Promise<boolean> {
      const matched = await recorded({ by, action: 'orphan.match', target: replyId, detail: { submissionId } }, () =>
        ledger.matchOrphan(replyId, submissionId),
      )
      if (matched) settleSoon()
      return matched
    },
    async releaseAnswer(replyId: string, by: Operator): Promise<boolean> {
      const released = await recorded({ by, action: 'answer.release', target: replyId }, () =>
        ledger.releaseAnswer(replyId, now()),
      )
      if (released) settleSoon()
      return released
    },
    closeSharedKey: (id: number, by: Operator) =>
      recorded({ by, action: 'shared-key.close', target: String(id) }, () => ledger.closeSharedKey(id, now())),
    async dropOrphan(replyId: string, by: Operator): Promise<boolean> {
      return recorded({ by, action: 'orphan.drop', target: replyId }, () => ledger.dropOrphan(replyId))
    },
  }
}

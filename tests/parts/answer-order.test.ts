// An agency's answer and the state it brings are written in this order, however long the answer takes to be read
// through.
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { learnable } from '../../messages/learnable.js'
import { createSettle } from '../../hub/steps/settle.js'
import type { NewReply } from '../../store/ledger.js'

const never = () => {
  throw new Error('nothing else is asked for')
}
/** The step with a ledger that does this when an answer is recorded, and nothing else. */
const settleWith = (record: (reply: NewReply) => Promise<void>) =>
  createSettle({
    ledger: {
      async recordReply(reply) {
        await record(reply)
        return { replyId: reply.replyId, known: false }
      },
      ownersOf: never,
      mayLearn: never,
      submissionById: never,
      settle: never,
    },
    readReply: never,
    partner: never,
    expects: never,
    learnable: learnable([]),
    notice: never,
  })

test('an answer of many megabytes is in the ledger before the message counts as taken, and its digest is made outside of the write', async () => {
  const written: string[] = []
  const recorded: NewReply[] = []
  const settling = settleWith(async (reply) => {
    written.push('answer')
    recorded.push(reply)
  })
  const bytes = Buffer.alloc(64 << 20, '<r/>')
  let turns = 0
  let others: NodeJS.Immediate
  const another = () => {
    turns++
    others = setImmediate(another)
  }
  others = setImmediate(another)
  await settling.keep({ agency: 'gacc', submissionId: 'sub_1', mediaType: 'text/xml', bytes }, async () => {
    written.push('state')
  })
  clearImmediate(others)
  expect(written).toEqual(['answer', 'state'])
  expect(recorded[0]!.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(turns, 'others had their turn meanwhile').toBeGreaterThan(0)
})

describe('an answer of thousands of CONTRLs', () => {
  const many = 2_000
  const contrl = (n: number) =>
    `UNB+UNOC:3+CUSTOMS+TEST+260601:0900+${n}'UNH+1+CONTRL:D:3:UN'UCI+R${n}+TEST+CUSTOMS+7'UNT+3+1'UNZ+1+${n}'`
  const bytes = Buffer.from(Array.from({ length: many }, (_, n) => contrl(n)).join(''))
  const answer = { agency: 'gacc', submissionId: 'sub_1', mediaType: 'application/edifact', bytes }

  test('is on disk to its last but one before the state is asked for with the last', async () => {
    let [asked, onDisk] = [0, 0]
    const settling = settleWith(async () => {
      asked++
      await setTimeout(1)
      onDisk++
    })
    let seen: number[] = []
    await settling.keep(answer, async () => void (seen = [asked, onDisk]))
    expect(seen).toEqual([many, many - 1])
  })

  test('brings no state when one of them could not be written', async () => {
    let n = 0
    const settling = settleWith(async () => {
      if (++n === 7) throw new Error('database or disk is full')
    })
    let state = 'submitting'
    await expect(settling.keep(answer, async () => void (state = 'submitted'))).rejects.toThrow('disk is full')
    expect(state).toBe('submitting')
  })
})

// An agency's answer and the state it brings are written in this order, however long the answer takes to be read
// through.
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { learnable } from '../../messages/learnable.js'
import { createSettle } from '../../hub/steps/settle.js'
import type { ReceiptType } from '../../messages/document-type.js'
import type { Reply } from '../../messages/reply.js'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { NewReply, OwnerFacts } from '../../store/ledger.js'

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
      answersTo: never,
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

test('an answer of many megabytes is in the ledger before the message counts as taken', async () => {
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

describe('an answer that is small, and of a declaration that is known', () => {
  const submission = {
    submissionId: 'sub_1',
    messageId: 'msg_1',
    partnerId: 'p1',
    agency: 'gacc',
    reference: 'R1',
    operation: '10.1.3.1.1',
    documentType: 'CEB621Message',
    channel: 'http' as const,
  }
  const answer = { agency: 'gacc', submissionId: 'sub_1', mediaType: 'text/xml', bytes: Buffer.from('<r/>') }
  /** What was asked of the ledger, in its order, a list a turn. */
  function kept({ known = false, fails = 0, answerFails = 0 } = {}) {
    const turns: string[][] = [[]]
    let left = fails
    let answersLeft = answerFails
    const ask = <T>(what: string, answer: () => T) => {
      turns.at(-1)!.push(what)
      setImmediate(() => turns.at(-1)!.length > 0 && turns.push([]))
      return setTimeout(1).then(answer)
    }
    const settling = createSettle({
      ledger: {
        recordReply: (reply) =>
          ask('answer', () => {
            if (answersLeft-- > 0) throw new Error('database or disk is full')
            return { replyId: known ? 'rep_earlier' : reply.replyId, known }
          }),
        settle: ({ replyId, entries }) =>
          ask(`receipt of ${replyId === 'rep_earlier' ? 'the earlier' : 'it'} (${entries.length})`, () => {
            if (left-- > 0) throw new Error('database or disk is full')
            return true
          }),
        submissionById: async () => submission,
        ownersOf: never,
        answersTo: never,
        mayLearn: never,
      },
      readReply: async () => undefined,
      partner: async () => undefined,
      expects: () => undefined,
      learnable: learnable([]),
      notice: never,
    })
    const state = () => ask('state', () => {})
    return { keep: () => settling.keep(answer, state), turns: () => turns.filter((turn) => turn.length > 0) }
  }

  test('is written with its state and its receipt in one turn, and so in one commit, in this order', async () => {
    const { keep, turns } = kept()
    await (await keep()).settle()
    expect(turns()).toEqual([['answer', 'state', 'receipt of it (1)']])
  })

  test('is settled once more where its receipt could not be written with it', async () => {
    const { keep, turns } = kept({ fails: 1 })
    await (await keep()).settle()
    expect(turns()).toEqual([['answer', 'state', 'receipt of it (1)'], ['receipt of it (1)']])
  })

  test('is written and settled once more where a full disk took its state and not the answer', async () => {
    const { keep, turns } = kept({ answerFails: 1 })
    await (await keep()).settle()
    expect(turns()).toEqual([['answer', 'state', 'receipt of it (1)'], ['answer'], ['receipt of it (1)']])
  })

  test('that was given before is the earlier one, and settled as that', async () => {
    const { keep, turns } = kept({ known: true })
    await (await keep()).settle()
    expect(turns()).toEqual([['answer', 'state', 'receipt of it (1)'], ['receipt of the earlier (1)']])
  })
})

describe('answers that come late, of an order and a change of it', () => {
  const receiptType = { id: 'CEB312Message', answers: ['CEB311Message'] } as ReceiptType
  const said = (status: ReceiptStatus, code: string) => {
    const entry = { keys: [{ name: 'order', value: 'O1' }], senders: [], learn: [], code, text: { zh: '', en: '' } }
    return { receiptType, entries: [{ ...entry, status }] }
  }
  /** A ledger that holds both, and what each has heard; another hub may write just before this one. */
  function ordered({
    between,
    betweenLooks,
    changeIs = 'submitted',
  }: {
    between?: (heard: Map<string, string[]>) => void
    betweenLooks?: (tell: (submissionId: string, said: ReceiptStatus, code: string) => void) => void
    changeIs?: SubmissionState
  } = {}) {
    const heard = new Map([
      ['first', [] as string[]],
      ['change', []],
    ])
    const status = new Map<string, ReceiptStatus>()
    // What the agency surely has first, then the newest.
    const ids = changeIs === 'submitted' ? ['change', 'first'] : ['first', 'change']
    const told: string[] = []
    let interfere = between
    let interfereLooks = betweenLooks
    function tell(submissionId: string, said: ReceiptStatus, code: string): void {
      heard.get(submissionId)!.push(code)
      status.set(submissionId, said)
      told.push(`${submissionId}: ${code}`)
    }
    const answers = new Map<string, Reply>()
    const settling = createSettle({
      ledger: {
        recordReply: async ({ replyId }) => ({ replyId, known: false }),
        ownersOf: async () =>
          ids.map((submissionId): OwnerFacts => ({
            changes: submissionId === 'change',
            inDoubt: submissionId !== 'first' && (changeIs === 'submitting' || changeIs === 'unclear'),
            submissionId,
            messageId: `msg_${submissionId}`,
            partnerId: 'p1',
            agency: 'gacc',
            channel: 'http',
            operation: '10.1.1.1.1',
            documentType: 'CEB311Message',
            reference: submissionId,
            order: submissionId === 'first' ? 1 : 2,
            state: submissionId === 'first' ? 'submitted' : changeIs,
            learnt: false,
            senders: [],
            awaits: true,
            finished: false,
            ...(status.has(submissionId) ? { status: status.get(submissionId)! } : {}),
          })),
        async answersTo(some) {
          interfereLooks?.(tell)
          interfereLooks = undefined
          return some.map(({ submissionId }) => [...heard.get(submissionId)!])
        },
        submissionById: never,
        async settle({ entries, held: holds, chosenAmong = [] }) {
          await setTimeout(2)
          interfere?.(heard)
          interfere = undefined
          if (chosenAmong.some((one) => heard.get(one.submissionId)!.length !== one.answers)) return false
          if (holds) told.push(`held for ${holds.doubtful?.join()}: ${holds.keys?.map(({ value }) => value).join()}`)
          for (const { submissionId, status: now, receipt } of entries) tell(submissionId, now, receipt.code)
          return true
        },
        mayLearn: never,
      },
      readReply: async (bytes) => answers.get(bytes.toString()),
      partner: async () => undefined,
      expects: () => undefined,
      learnable: learnable([]),
      notice: never,
    })
    async function come(name: string, reply: Reply) {
      answers.set(name, reply)
      await (await settling.keep({ agency: 'gacc', mediaType: 'text/xml', bytes: Buffer.from(name) })).settle()
    }
    return { come, told, settling }
  }

  test('go to both, though all of them come at once', async () => {
    const { come, told } = ordered()
    await Promise.all([
      come('1', said('submitted', '2')),
      come('2', said('submitted', '2')),
      come('3', said('approved', '120')),
      come('4', said('approved', '120')),
    ])
    // Which of them is settled first, four that come at once leave open.
    expect([...told].sort()).toEqual(['change: 120', 'change: 2', 'first: 120', 'first: 2'])
  })

  test('wait for the end of the change’s try, where the order has heard that already', async () => {
    const { come, told, settling } = ordered({ changeIs: 'submitting' })
    await come('1', said('approved', '120'))
    await come('2', said('approved', '120'))
    expect(told).toEqual(['first: 120', 'held for change: O1'])
    expect([settling.waitedFor('change'), settling.waitedFor('change')]).toEqual([true, false])
  })

  test('go on in turn where another hub settles one between two looks at how far they have come', async () => {
    const { come, told } = ordered({ betweenLooks: (tell) => tell('first', 'submitted', '2') })
    await come('1', said('submitted', '2'))
    expect(told).toEqual(['first: 2', 'change: 2'])
  })

  test('are chosen for once more where another hub has settled one of them meanwhile', async () => {
    const { come, told } = ordered({ between: (heard) => void heard.get('first')!.push('2') })
    await come('1', said('submitted', '2'))
    expect(told).toEqual(['first: 2'])
    await come('2', said('submitted', '2'))
    expect(told).toEqual(['first: 2', 'change: 2'])
  })
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

// The judge of the chaos runs is judged: histories that keep the promises, and histories falsified in one place.
import { describe, expect, test } from 'vitest'
import { checkHistory, type History } from '../chaos/history.js'

const receiptsOf = (messageId: string, agencies: string[]) => [
  { receiptId: `technical-${messageId}`, stage: 'technical' },
  ...agencies.map((agency) => ({
    receiptId: `business-${messageId}-${agency}`,
    stage: 'business',
    agency,
    bodySha256: `answer-${messageId}-${agency}`,
  })),
]

/**
 * Two partners: the first files a document and its change, and one for two agencies; the second one message, and a
 * wrong one.
 */
function trueHistory(): History {
  const messages = [
    { messageId: 'm1', partner: 'acme', reference: 'R1', document: 'D', agencies: ['gacc'] },
    { messageId: 'm2', partner: 'acme', reference: 'R2', document: 'D', agencies: ['gacc'] },
    { messageId: 'm3', partner: 'acme', reference: 'R3', agencies: ['gacc', 'mot'] },
    { messageId: 'm4', partner: 'best', reference: 'R1', agencies: ['gacc'] },
  ]
  const ways = messages.flatMap(({ messageId, reference, agencies }) =>
    agencies.map((agency) => ({ agency, submissionId: `${messageId}-${agency}`, reference, messageId })),
  )
  const kept = [
    ...messages.map(({ messageId, partner, reference, agencies }) => ({
      ...{ messageId, partner, reference, state: 'approved', sha256: `bytes-${messageId}` },
      submissions: agencies.map((agency) => ({ submissionId: `${messageId}-${agency}`, agency, state: 'submitted' })),
      receipts: receiptsOf(messageId, agencies),
    })),
    {
      ...{ messageId: 'm5', partner: 'best', reference: 'R5', state: 'refused', sha256: 'bytes-m5', submissions: [] },
      receipts: receiptsOf('m5', []),
    },
  ]
  return {
    sent: [
      ...messages.map(({ agencies: _, messageId, ...one }) => ({
        ...one,
        sha256: `bytes-${messageId}`,
        said: 'accepted' as const,
        // The answer was lost, and came again.
        messageIds: [messageId, messageId],
      })),
      { partner: 'best', reference: 'R5', sha256: 'bytes-m5', said: 'refused', messageIds: ['m5'] },
      { partner: 'best', reference: 'R6', sha256: 'bytes-m6', said: 'unknown', messageIds: [] },
    ],
    filed: ways.map(({ messageId, ...one }) => ({ ...one, sha256: `bytes-${messageId}` })),
    answered: ways.map(({ agency, submissionId, messageId }) => ({
      ...{ agency, submissionId, bodySha256: `answer-${messageId}-${agency}` },
    })),
    handled: kept.flatMap(({ partner, messageId, receipts }) =>
      receipts.flatMap(({ receiptId }) =>
        // The answer to an acknowledgement was lost: it is read again.
        (['read', 'read', 'acknowledged'] as const).map((what) => ({ partner, what, receiptId, messageId })),
      ),
    ),
    kept,
  }
}

const keptAs = (history: History, id: string) => history.kept.find(({ messageId }) => messageId === id)!
const sentAs = (history: History, reference: string, partner = 'acme') =>
  history.sent.find((one) => one.reference === reference && one.partner === partner)!

describe('a history that keeps the promises is found to', () => {
  const truths: [string, (history: History) => void][] = [
    ['as it is', () => {}],
    [
      'when nobody saw the answer, and the message is there and filed',
      (h) => {
        Object.assign(sentAs(h, 'R3'), { said: 'unknown', messageIds: [] })
      },
    ],
    [
      'when nobody saw the answer, and nothing is there',
      (h) => {
        h.sent.push({ partner: 'acme', reference: 'R9', sha256: 'x', said: 'unknown', messageIds: [] })
      },
    ],
    ['when an agency posts its answer twice', (h) => void h.answered.push(h.answered[0]!)],
    [
      'when two partners’ messages reach the agency in either order',
      (h) => {
        h.filed.push(h.filed.shift()!)
        h.filed.unshift(h.filed.pop()!)
        const [last] = h.filed.splice(-1)
        h.filed.unshift(last!)
      },
    ],
    [
      'when the wrong message was sent right afterwards, under the same reference',
      (h) => {
        h.kept.push({
          ...keptAs(h, 'm5'),
          messageId: 'm7',
          reference: 'R3',
          partner: 'acme',
          receipts: receiptsOf('m7', []),
        })
        for (const what of ['read', 'acknowledged'] as const)
          h.handled.push({ partner: 'acme', what, receiptId: 'technical-m7', messageId: 'm7' })
      },
    ],
    [
      'when the answer to an acknowledgement was lost, and the receipt came no more',
      (h) => {
        h.handled = h.handled.filter((one) => one.receiptId !== 'business-m1-gacc' || one.what === 'read')
        h.handled.push({ partner: 'acme', what: 'asked', receiptId: 'business-m1-gacc', messageId: 'm1' })
      },
    ],
    [
      'when the answer to a wrong message was lost, and it was refused again',
      (h) => {
        h.kept.push({ ...keptAs(h, 'm5'), messageId: 'm7', receipts: receiptsOf('m7', []) })
        sentAs(h, 'R5', 'best').messageIds = ['m7', 'm5']
      },
    ],
  ]
  test.each(truths)('%s', (_, change) => {
    const history = trueHistory()
    change(history)
    expect(checkHistory(history).violations).toEqual([])
  })

  test('and what a person must look at is counted, not lost', () => {
    const history = trueHistory()
    keptAs(history, 'm4').submissions[0]!.state = 'unclear'
    history.filed = history.filed.filter(({ submissionId }) => submissionId !== 'm4-gacc')
    keptAs(history, 'm2').submissions[0]!.state = 'dead'
    history.filed = history.filed.filter(({ submissionId }) => submissionId !== 'm2-gacc')
    expect(checkHistory(history)).toEqual({
      ...{ violations: [], accepted: 4, refused: 1, unknown: 1, filed: 3, unclear: 1, dead: 1, receipts: 10 },
    })
  })

  test('and a receipt nobody had the time to read is none yet', () => {
    const history = trueHistory()
    history.handled = history.handled.filter(({ receiptId }) => receiptId !== 'business-m1-gacc')
    expect(checkHistory(history, { handed: false }).violations).toEqual([])
  })
})

describe('a falsified history is found out', () => {
  const lies: [string, string, (history: History) => void][] = [
    [
      'promise 1: accepted, and not in the ledger',
      'message R3 of acme was accepted as m3 and is not in the ledger',
      (h) => {
        h.kept = h.kept.filter(({ messageId }) => messageId !== 'm3')
      },
    ],
    [
      'promise 1: a file was taken, and there is no message',
      'message R3 of acme was accepted and is not in the ledger',
      (h) => {
        h.kept = h.kept.filter(({ messageId }) => messageId !== 'm3')
        sentAs(h, 'R3').messageIds = []
      },
    ],
    [
      'promise 2: an agency never had it',
      'message R3 of acme never reached mot, and stands as submitted',
      (h) => {
        h.filed = h.filed.filter(({ submissionId }) => submissionId !== 'm3-mot')
      },
    ],
    [
      'promise 2: it still waits',
      'message R3 of acme never reached mot, and stands as queued',
      (h) => {
        h.filed = h.filed.filter(({ submissionId }) => submissionId !== 'm3-mot')
        keptAs(h, 'm3').submissions[1]!.state = 'queued'
      },
    ],
    [
      'promise 2: accepted, and owed to nobody',
      'message R3 of acme is owed to no agency',
      (h) => {
        keptAs(h, 'm3').submissions = []
      },
    ],
    [
      'promise 2: an answer the hub took is no receipt',
      'an answer of mot to message R3 of acme was taken and is no receipt',
      (h) => {
        keptAs(h, 'm3').receipts.pop()
      },
    ],
    [
      'promise 2: an answer became another partner’s receipt',
      'an answer of gacc to message R1 of best was taken and is no receipt',
      (h) => {
        const [moved] = keptAs(h, 'm4').receipts.splice(1, 1)
        keptAs(h, 'm1').receipts.push(moved!)
      },
    ],
    [
      'promise 2: an answer became the receipt of another message',
      'an answer of gacc to message R3 of acme became a receipt of message R1',
      (h) => {
        const own = keptAs(h, 'm3').receipts
        const at = own.findIndex(({ agency }) => agency === 'gacc')
        keptAs(h, 'm1').receipts.push(...own.splice(at, 1))
      },
    ],
    [
      'promise 3: owed to one agency twice',
      'message R2 of acme (m2) is owed to one agency several times',
      (h) => {
        keptAs(h, 'm2').submissions.push({ submissionId: 'again', agency: 'gacc', state: 'unclear' })
      },
    ],
    [
      'promise 3: filed twice under one id',
      'message R2 of acme was filed with gacc 2 times',
      (h) => {
        h.filed.push(h.filed.find(({ submissionId }) => submissionId === 'm2-gacc')!)
      },
    ],
    [
      'promise 3: filed twice, and nobody knows',
      'message R2 of acme was filed with gacc 2 times',
      (h) => {
        h.filed.push(h.filed.find(({ submissionId }) => submissionId === 'm2-gacc')!)
        keptAs(h, 'm2').submissions[0]!.state = 'unclear'
      },
    ],
    [
      'promise 3: filed twice under two ids',
      'message R2 of acme was filed with gacc 2 times, as m2-gacc, again',
      (h) => {
        h.filed.push({ agency: 'gacc', submissionId: 'again', reference: 'R2', sha256: 'bytes-m2' })
        keptAs(h, 'm2').submissions.push({ submissionId: 'again', agency: 'gacc', state: 'submitted' })
      },
    ],
    [
      'promise 3: filed, and the ledger knows nothing',
      'gacc took R8 as lost, which the ledger does not know',
      (h) => {
        h.filed.push({ agency: 'gacc', submissionId: 'lost', reference: 'R8', sha256: 'x' })
      },
    ],
    [
      'promise 4: a receipt never came home',
      'the business receipt business-m1-gacc of message R1 never reached acme',
      (h) => {
        h.handled = h.handled.filter(({ receiptId }) => receiptId !== 'business-m1-gacc')
      },
    ],
    [
      'promise 4: a refusal was never told',
      'the technical receipt technical-m5 of message R5 never reached best',
      (h) => {
        h.handled = h.handled.filter(({ receiptId }) => receiptId !== 'technical-m5')
      },
    ],
    [
      'promise 4: a receipt could never be acknowledged',
      'the business receipt business-m1-gacc of message R1 was read by acme and never acknowledged',
      (h) => {
        h.handled = h.handled.filter((one) => one.receiptId !== 'business-m1-gacc' || one.what === 'read')
      },
    ],
    [
      'promise 4: a receipt came again and again',
      'receipt business-m1-gacc came to acme again after it was acknowledged',
      (h) => {
        h.handled.push(
          h.handled.find(({ receiptId }) => receiptId === 'business-m1-gacc')!,
          {
            ...{ partner: 'acme', what: 'acknowledged', receiptId: 'business-m1-gacc', messageId: 'm1' },
          },
        )
      },
    ],
    [
      'promise 5: other bytes in the ledger',
      'message R1 of best has other bytes than were sent',
      (h) => {
        keptAs(h, 'm4').sha256 = 'other'
      },
    ],
    [
      'promise 5: other bytes at the agency',
      'message R1 of best was filed with gacc with other bytes than were sent',
      (h) => {
        h.filed.find(({ submissionId }) => submissionId === 'm4-gacc')!.sha256 = 'other'
      },
    ],
    [
      'promise 7: one answer, two receipts',
      'an answer of mot to message R3 of acme became 2 receipts: business-m3-mot, again',
      (h) => {
        keptAs(h, 'm3').receipts.push({ ...keptAs(h, 'm3').receipts.at(-1)!, receiptId: 'again' })
        for (const what of ['read', 'acknowledged'] as const)
          h.handled.push({ partner: 'acme', what, receiptId: 'again', messageId: 'm3' })
      },
    ],
    [
      'promise 7: two technical receipts',
      'message R3 of acme has 2 technical receipts',
      (h) => {
        keptAs(h, 'm3').receipts.unshift({ receiptId: 'again', stage: 'technical' })
        for (const what of ['read', 'acknowledged'] as const)
          h.handled.push({ partner: 'acme', what, receiptId: 'again', messageId: 'm3' })
      },
    ],
    [
      'promise 8: the same bytes again made a second message',
      'message R3 of acme was answered as several messages: m3, m9',
      (h) => {
        sentAs(h, 'R3').messageIds = ['m3', 'm9']
      },
    ],
    [
      'promise 8: a second message nobody was told of',
      'message R3 of acme is in the ledger 2 times',
      (h) => {
        h.kept.push({ ...keptAs(h, 'm3'), messageId: 'm9' })
      },
    ],
    [
      'promise 9: a receipt reached another partner',
      'receipt business-m1-gacc of message R1 of acme reached best',
      (h) => {
        h.handled.push({ partner: 'best', what: 'read', receiptId: 'business-m1-gacc', messageId: 'm1' })
      },
    ],
    [
      'promise 9: a receipt is said to be of a message of the reader’s own',
      'receipt business-m1-gacc of message R1 of acme reached best',
      (h) => {
        h.handled.push({ partner: 'best', what: 'read', receiptId: 'business-m1-gacc', messageId: 'm4' })
      },
    ],
    [
      'promise 9: a receipt out of nowhere',
      'best read receipt ghost, which is not in the ledger',
      (h) => {
        h.handled.push({ partner: 'best', what: 'read', receiptId: 'ghost', messageId: 'm4' })
      },
    ],
    [
      'promise 10: refused, and filed',
      'message R5 of best was refused and filed with gacc',
      (h) => {
        keptAs(h, 'm5').submissions.push({ submissionId: 'm5-gacc', agency: 'gacc', state: 'submitted' })
        h.filed.push({ agency: 'gacc', submissionId: 'm5-gacc', reference: 'R5', sha256: 'bytes-m5' })
      },
    ],
    [
      'promise 10: refused, and about to be filed',
      'message R5 of best was refused and is owed to gacc',
      (h) => {
        keptAs(h, 'm5').submissions.push({ submissionId: 'm5-gacc', agency: 'gacc', state: 'unclear' })
      },
    ],
    [
      'the order of a document: its change came first',
      'message R2 of acme reached gacc before R1, which came first',
      (h) => {
        h.filed.unshift(h.filed.splice(1, 1)[0]!)
      },
    ],
    [
      'filed under another reference',
      'message R3 of acme was filed with mot as R4',
      (h) => {
        h.filed.find(({ submissionId }) => submissionId === 'm3-mot')!.reference = 'R4'
      },
    ],
    [
      'filed, and nobody sent it',
      'message R8 of acme was filed with gacc and nobody sent it',
      (h) => {
        h.kept.push({
          ...keptAs(h, 'm1'),
          messageId: 'm8',
          reference: 'R8',
          submissions: [{ submissionId: 'm8-gacc', agency: 'gacc', state: 'submitted' }],
        })
        h.filed.push({ agency: 'gacc', submissionId: 'm8-gacc', reference: 'R8', sha256: 'x' })
      },
    ],
  ]
  test.each(lies)('%s', (_, sentence, falsify) => {
    const history = trueHistory()
    falsify(history)
    expect(checkHistory(history).violations).toContain(sentence)
  })
})

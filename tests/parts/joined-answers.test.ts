// An authority's answer to a query that the hub joins with what it knows: it is joined once, the asker is given the
// joined one, and nothing that came with the authority's own is lost.
import { expect, test } from 'vitest'
import { createSettle } from '../../hub/steps/settle.js'
import type { AgencyFile } from '../../messages/attached.js'
import { learnable } from '../../messages/learnable.js'
import type { NewReply, Settlement } from '../../store/ledger.js'

const never = () => {
  throw new Error('nothing else is asked for')
}
const question = {
  submissionId: 'qry_1',
  messageId: 'msg_1',
  partnerId: 'p1',
  agency: 'gacc',
  reference: 'R1',
  operation: '1.1.7.1.1',
  documentType: 'DeclarationQuery',
  channel: 'http' as const,
}

/** The authority answers; the joined answer is to be had, or is not. */
async function answered({ files, joins = true }: { files?: AgencyFile[]; joins?: boolean } = {}) {
  const kept: NewReply[] = []
  const settled: Settlement[] = []
  let joined = 0
  const settling = createSettle({
    ledger: {
      async recordReply(reply) {
        kept.push(reply)
        return { replyId: reply.replyId, known: false }
      },
      async settle(settlement) {
        settled.push(settlement)
        return true
      },
      submissionById: async () => question,
      ownersOf: never,
      answersTo: never,
      mayLearn: never,
    },
    readReply: async () => undefined,
    answered: async (_, { agency }) =>
      agency === 'hub'
        ? 'as it came'
        : {
            async join() {
              joined++
              const bytes = Buffer.from('<joined/>')
              return joins ? { agency: 'hub', submissionId: 'qry_1', mediaType: 'application/xml', bytes } : undefined
            },
          },
    partner: async () => undefined,
    expects: () => undefined,
    learnable: learnable([]),
    notice: never,
  })
  const bytes = Buffer.from('<authority/>')
  const answer = { agency: 'gacc', submissionId: 'qry_1', mediaType: 'application/xml', bytes, files }
  await (await settling.keep(answer)).settle()
  /** Of each answer: whose it is, its receipts' bodies, whether its bytes go. */
  const became = settled.map(({ replyId, entries, dropsBytes = false }) => ({
    by: kept.find((reply) => reply.replyId === replyId)!.agency,
    bodies: entries.map(({ receipt }) => receipt.body),
    dropsBytes,
  }))
  return { joined: () => joined, became }
}

test('the hub’s joined answer is given in its place, and only then the authority’s bytes go', async () => {
  const { joined, became } = await answered()
  expect(joined()).toBe(1)
  expect(became).toEqual([
    { by: 'hub', bodies: [{ mediaType: 'application/xml', size: '<joined/>'.length }], dropsBytes: false },
    { by: 'gacc', bodies: [], dropsBytes: true },
  ])
})

test('one that cannot be joined is given as it came, and its bytes stay with it', async () => {
  const { became } = await answered({ joins: false })
  expect(became).toEqual([
    { by: 'gacc', bodies: [{ mediaType: 'application/xml', size: '<authority/>'.length }], dropsBytes: false },
  ])
})

test('one that brings a file stays, for its file would be lost: the joined rows stand in its receipt', async () => {
  const { became } = await answered({
    files: [{ name: 'list.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF') }],
  })
  expect(became).toMatchObject([{ by: 'gacc', bodies: [{ content: '<joined/>' }], dropsBytes: false }])
})

// The part of the ledger's contract about what people look through: lists by any mix of questions, in pages; numbers
// read out on the phone; and what stands open among much else.
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Ledger, LedgerEvents, MessageQuery, MessageSummary } from '../../store/ledger.js'
import { at, ends, given, interchange, message, submissionOf } from './ledger-given.js'

export function ledgerLists(ledger: () => Ledger & LedgerEvents): void {
  const { accepted, ended, answered } = given(ledger)

  describe('looking through', () => {
    test('every mix of partner, operation, state, reference and time lists what fits, newest first', async () => {
      for (let i = 0; i < 48; i++) {
        const partnerId = i % 2 ? 'a' : 'b'
        const operation = i % 3 ? '10.1.1.1.1' : '1.1.1.3.1'
        // Several at the same time: their order is that of their coming.
        const over = { partnerId, receivedAt: at(Math.floor(i / 4)) }
        if (i % 8 === 5)
          await ledger().record(interchange([message({ operation, reference: 'SAME', refused: true })], over))
        else {
          const m = await accepted({ operation }, over)
          if (i % 8 === 1) await ended(m, ends.dead, at(100 + i))
          if (i % 8 > 5) await ended(m, ends.submitted, at(100 + i))
          if (i % 8 === 7) await answered(m, 'released')
        }
      }
      const every = (await ledger().findMessages({ limit: 500 })).messages
      expect(every).toHaveLength(48)
      const since = at(6)
      const mixes = [{}, { partnerId: 'a' }].flatMap((who) =>
        [{}, { operation: '1.1.1.3.1' }, { operation: '10.1.1.1.1' }].flatMap((what) =>
          [{}, { state: 'released' as const }, { state: 'failed' as const }, { state: 'held' as const }].flatMap(
            (how) =>
              [{}, { reference: 'SAME' }].flatMap((which) =>
                [{}, { since }].map((when) => ({ ...who, ...what, ...how, ...which, ...when })),
              ),
          ),
        ),
      )
      const fits = (query: Partial<MessageQuery>) => (m: MessageSummary) =>
        (['partnerId', 'operation', 'state', 'reference'] as const).every(
          (key) => query[key] === undefined || query[key] === m[key],
        ) &&
        (query.since === undefined || Date.parse(m.receivedAt) >= query.since.getTime())
      for (const mix of mixes) {
        const listed: string[] = []
        for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
          const page = await ledger().findMessages({ ...mix, limit: 5, ...(cursor === undefined ? {} : { cursor }) })
          listed.push(...page.messages.map((m) => m.messageId))
          cursor = page.cursor
        }
        expect(listed, JSON.stringify(mix)).toEqual(every.filter(fits(mix)).map((m) => m.messageId))
      }
      expect(mixes.filter((mix) => every.some(fits(mix))).length).toBeGreaterThan(40)
    })

    test('the beginning of a reference, several operations and a time are found in every mix', async () => {
      for (let i = 0; i < 60; i++) {
        const operation = ['1.1.1.3.1', '2.1.1.1.1', '10.1.1.1.1'][i % 3]!
        const reference = `${i % 2 ? 'TESTPROD' : 'TEST_100%'}-${String(i).padStart(3, '0')}`
        await ledger().record(
          interchange([message({ operation, reference, identity: reference, refused: i % 5 === 0 })], {
            partnerId: i % 4 ? 'a' : 'b',
            receivedAt: at(Math.floor(i / 3)),
          }),
        )
      }
      const every = (await ledger().findMessages({ limit: 500 })).messages
      const mixes = [{}, { partnerId: 'a' }].flatMap((who) =>
        [{}, { operations: ['2.1.1.1.1', '1.1.1.3.1', '9'] }, { operations: [] }].flatMap((what) =>
          [{}, { state: 'refused' as const }].flatMap((how) =>
            [{}, { referenceStart: 'TESTPROD' }, { referenceStart: 'TEST_1' }, { referenceStart: 'none' }].flatMap(
              (which) =>
                [{}, { since: at(4), until: at(15) }].map((when) => ({ ...who, ...what, ...how, ...which, ...when })),
            ),
          ),
        ),
      )
      const fits = (query: Partial<MessageQuery>) => (m: MessageSummary) =>
        (['partnerId', 'state'] as const).every((key) => query[key] === undefined || query[key] === m[key]) &&
        (query.operations === undefined || query.operations.includes(m.operation!)) &&
        m.reference.startsWith(query.referenceStart ?? '') &&
        Date.parse(m.receivedAt) >= (query.since?.getTime() ?? 0) &&
        Date.parse(m.receivedAt) < (query.until?.getTime() ?? Infinity)
      for (const mix of mixes) {
        const listed: string[] = []
        for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
          const page = await ledger().findMessages({ ...mix, limit: 4, ...(cursor === undefined ? {} : { cursor }) })
          listed.push(...page.messages.map((m) => m.messageId))
          cursor = page.cursor
        }
        expect(listed, JSON.stringify(mix)).toEqual(every.filter(fits(mix)).map((m) => m.messageId))
      }
      expect(mixes.filter((mix) => every.some(fits(mix))).length).toBeGreaterThan(20)
    })

    test.each(['operation', 'state'])(
      'of thousands, those of an operation that are in a state are all found where the %s is the rarer',
      async (rarer) => {
        // Of every three messages one is of the rarer kind, and every fiftieth of those, from the newest on, is of
        // both.
        const kinds = Array.from({ length: 9000 }, (_, newer) => {
          const rare = newer % 3 === 0
          const both = rare && (newer / 3) % 50 === 49
          return rarer === 'operation'
            ? { operation: rare ? '4' : '10', refused: both || !rare }
            : { operation: both || !rare ? '4' : '10', refused: rare }
        }).reverse()
        const sent = kinds.map((kind) => message(kind))
        for (let from = 0; from < sent.length; from += 400)
          await ledger().record(interchange(sent.slice(from, from + 400), { receivedAt: at(from) }))
        const expected = sent
          .filter((_, i) => kinds[i]!.operation === '4' && kinds[i]!.refused)
          .map((m) => m.messageId)
          .reverse()
        expect(expected).toHaveLength(60)
        for (const limit of [7, 500]) {
          const listed: string[] = []
          for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
            const page = await ledger().findMessages({
              operation: '4',
              state: 'refused',
              limit,
              ...(cursor === undefined ? {} : { cursor }),
            })
            listed.push(...page.messages.map((m) => m.messageId))
            cursor = page.cursor
          }
          expect(listed, `${limit} a page`).toEqual(expected)
        }
      },
    )

    test('a message is found by its ids, its reference and what its receipts cite, and by nothing else', async () => {
      const container = { name: 'containerNo', value: 'TESU1234567' }
      const [first, second] = [
        await accepted({ keys: [container] }, { receivedAt: at(1) }),
        await accepted({ keys: [container, { name: 'billNo', value: 'TESU1234567' }] }, { receivedAt: at(2) }),
      ]
      const other = await accepted({
        reference: 'R-1',
        submissions: [{ submissionId: newId('sub'), agency: 'mot' }],
        keys: [container],
      })
      const find = async (text: string, limit = 10) =>
        (await ledger().findByNumber(text, { agencies: ['gacc', 'mps'], names: ['containerNo', 'billNo'] }, limit)).map(
          (m) => m.messageId,
        )
      expect(await find('TESU1234567')).toEqual([second, first].map((m) => m.messageId))
      expect(await find('TESU1234567', 1)).toEqual([second.messageId])
      for (const text of [other.messageId, submissionOf(other), other.receipt.receiptId, 'R-1'])
        expect(await find(text), text).toEqual([other.messageId])
      for (const text of ['TESU123456', 'R', '%', '', 'msg_none']) expect(await find(text), text).toEqual([])
    })

    test('a number counts as known when it was accepted from this partner, of that document and key', async () => {
      const filing = { name: 'filingNumber', value: 'F-2026-1' }
      await accepted({ documentType: 'UserFiling', keys: [filing] }, { receivedAt: at(1) })
      const had = (asked: Partial<{ document: string; key: string; value: string }>, partner = 'a') =>
        ledger().hadNumber(partner, { document: 'UserFiling', key: filing.name, value: filing.value, ...asked }, [
          'gacc',
        ])
      expect(await had({})).toBe(true)
      expect(
        await Promise.all([had({ value: 'F-2026-2' }), had({ key: 'other' }), had({ document: 'Other' })]),
      ).toEqual([false, false, false])
      expect(await had({}, 'b')).toBe(false)
    })

    test('one agency’s dead letters, or one reason’s, are found among many others, oldest first', async () => {
      const dead: { submissionId: string; agency: string; code: string }[] = []
      for (let i = 0; i < 70; i++) {
        const agency = i % 23 === 7 ? 'mot' : 'gacc'
        const m = await accepted({ submissions: [{ submissionId: newId('sub'), agency }] }, { receivedAt: at(i) })
        const code = i % 20 === 19 ? 'HUB_AGENCY_CUT' : 'HUB_AGENCY_REFUSED'
        await ended(m, { ...ends.dead, code }, at(100 + i))
        dead.push({ submissionId: submissionOf(m), agency, code })
      }
      const listed = async (limit: number, which?: { agency?: string; code?: string }) =>
        (await ledger().needsAttention('dead', limit, which)).map(({ submissionId, agency, code }) => ({
          submissionId,
          agency,
          code,
        }))
      expect(await listed(500)).toEqual(dead)
      expect(await listed(30)).toEqual(dead.slice(0, 30))
      expect(await listed(500, { agency: 'mot' })).toEqual(dead.filter((d) => d.agency === 'mot'))
      expect(await listed(2, { code: 'HUB_AGENCY_CUT' })).toEqual(
        dead.filter((d) => d.code === 'HUB_AGENCY_CUT').slice(0, 2),
      )
      expect(await listed(500, { agency: 'mot', code: 'HUB_AGENCY_CUT' })).toEqual([])
    })
  })
}

// The ledger with the bytes of messages in an object store: the store goes away, is swept, and objects are let go of.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HubError } from '../../messages/errors.js'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import type { Payloads } from '../../store/payloads/payloads.js'
import { openPostgresLedger } from '../../store/postgres/open.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { unread } from '../support/ledger-log.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { at, ends, given, interchange, message, submissionOf } from './ledger-given.js'

/** As a store is, in memory: what the contract asks of it, and an outage. */
function memoryStore() {
  const objects = new Map<string, Buffer>()
  const state = { away: false, day: new Date().toISOString().slice(0, 10) }
  const asked = () => {
    if (state.away) throw new HubError('HUB_PAYLOADS_UNAVAILABLE', { detail: 'away' }, { retryAfterSeconds: 5 })
  }
  const payloads: Payloads = {
    name: 'memory',
    async put(bytes) {
      asked()
      const object = `${state.day}/${createHash('sha256').update(bytes).digest('hex')}`
      objects.set(object, Buffer.from(bytes))
      return object
    },
    async get(object) {
      asked()
      const found = objects.get(object)
      if (!found) throw new Error(`there is no object ${object}`)
      return found
    },
    async remove(object) {
      asked()
      objects.delete(object)
    },
    async *names() {
      asked()
      yield [...objects.keys()]
    },
    async check() {
      asked()
    },
  }
  return { objects, state, payloads }
}

function apart(open: (payloads?: Payloads | 'elsewhere') => Promise<Ledger & LedgerEvents>): void {
  const withStore = async (work: (ledger: Ledger, store: ReturnType<typeof memoryStore>) => Promise<void>) => {
    const store = memoryStore()
    const ledger = await open(store.payloads)
    await work(ledger, store).finally(() => ledger.close())
  }
  /** Days before anything that is being written. */
  const longAgo = '2025-12-31'

  test('while the store is away nothing is recorded and nothing claimed; what waited can be claimed afterwards', () =>
    withStore(async (ledger, { state, objects }) => {
      const { accepted, claimed } = given(() => ledger)
      const waiting = await accepted()
      expect(objects.size).toBe(1)
      state.away = true
      const refused = message()
      await expect(ledger.record(interchange([refused]))).rejects.toMatchObject({ code: 'HUB_PAYLOADS_UNAVAILABLE' })
      expect(await ledger.getMessage(refused.messageId)).toBeUndefined()
      await expect(ledger.claim(submissionOf(waiting), at(10))).rejects.toMatchObject({
        code: 'HUB_PAYLOADS_UNAVAILABLE',
      })
      expect((await ledger.getMessage(waiting.messageId))!.submissions[0]).toMatchObject({
        state: 'queued',
        attempts: [],
      })
      await expect(ledger.getContent(waiting.messageId)).rejects.toMatchObject({ code: 'HUB_PAYLOADS_UNAVAILABLE' })
      expect(ledger.damaged()).toBe(0)
      state.away = false
      expect((await claimed(waiting)).work.bytes).toEqual(waiting.bytes)
    }))

  test('an object that is missing or another is damage: it is told, and not sent', () =>
    withStore(async (ledger, { objects }) => {
      const { accepted, claimed } = given(() => ledger)
      const one = await accepted()
      objects.clear()
      expect((await claimed(one)).work.damaged).toBe(true)
      await expect(ledger.getContent(one.messageId)).rejects.toMatchObject({ code: 'HUB_BYTES_DAMAGED' })
      expect(ledger.damaged()).toBe(1)
    }))

  test('an object goes with the last message that needs it; a new one is left to the sweep', () =>
    withStore(async (ledger, { state, objects }) => {
      const { accepted, ended } = given(() => ledger)
      state.day = longAgo
      const bytes = Buffer.from('<the same in two messages/>')
      const [one, other, young] = [await accepted({ bytes }), await accepted({ bytes }), message()]
      state.day = new Date().toISOString().slice(0, 10)
      expect(await ledger.record(interchange([young]))).toMatchObject([{ outcome: 'recorded' }])
      for (const each of [one, other, young]) await ended(each, ends.submitted)
      expect(objects.size).toBe(2)
      const gone = (m: { messageId: string }) => ledger.letGo([{ messageId: m.messageId, replyIds: [] }], at(20))
      expect(await gone(one)).toBe(1)
      expect(objects.size).toBe(2)
      expect((await ledger.getContent(other.messageId))!.bytes).toEqual(bytes)
      expect(await gone(other)).toBe(1)
      expect([...objects.keys()].every((name) => name.startsWith(state.day))).toBe(true)
      expect(await gone(young)).toBe(1)
      expect(objects.size).toBe(1)
    }))

  test('the sweep removes what nobody refers to and nothing else, and leaves alone what may be on its way', () =>
    withStore(async (ledger, { state, objects, payloads: store }) => {
      const { accepted } = given(() => ledger)
      state.day = longAgo
      const needed = await accepted({ attachments: [{ name: 'a.pdf', bytes: Buffer.from('a file') }] })
      await store.put(Buffer.from('of a write that was cut off'))
      state.day = new Date().toISOString().slice(0, 10)
      await store.put(Buffer.from('of a write that is under way'))
      expect(objects.size).toBe(4)
      expect(await ledger.sweepObjects()).toBe(1)
      expect(objects.size).toBe(3)
      expect((await ledger.getContent(needed.messageId))!.bytes).toEqual(needed.bytes)
      expect(await ledger.sweepObjects()).toBe(0)
    }))

  test('a ledger with bytes in a store is not opened without one', async () => {
    const { payloads } = memoryStore()
    const ledger = await open(payloads)
    await given(() => ledger).accepted()
    await ledger.close()
    await expect(open()).rejects.toThrow('HUB_PAYLOADS')
    // A copy, a restored backup: what is done to it needs no bytes, and so no store.
    const without = await open('elsewhere')
    await without.audit({ at: at(1), who: 'anna', action: 'ledger.copy', target: 'x', why: 'y' })
    await without.close()
    await (await open(payloads)).close()
  })
}

describe('bytes apart, on SQLite', () => {
  let file: string
  let made = 0
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  apart((store) => {
    if (typeof store === 'object' && !('opened' in store)) file = join(dir, `${++made}.db`)
    if (typeof store === 'object') Object.assign(store, { opened: true })
    return openSqliteLedger({ file, log: unread, payloads: store })
  })
})

describe.skipIf(withoutPostgres())('bytes apart, on PostgreSQL', () => {
  let server: TestPostgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())
  apart(async (store) => {
    if (typeof store === 'object' && !('opened' in store)) url = await server.database()
    if (typeof store === 'object') Object.assign(store, { opened: true })
    return openPostgresLedger({ url, log: unread, payloads: store })
  })
})

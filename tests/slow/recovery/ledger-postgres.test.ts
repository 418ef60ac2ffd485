// The ledger's contract on PostgreSQL, and what is PostgreSQL's own: several hubs on one ledger, a server that goes
// away and comes back, plans.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Ledger, LedgerEvents } from '../../../store/ledger.js'
import { openPostgresLedger } from '../../../store/postgres/open.js'
import { root } from '../../support/hub.js'
import { cuttingProxy } from '../../support/cutting-proxy.js'
import { unread } from '../../support/ledger-log.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../../support/postgres.js'
import { until } from '../../support/until.js'
import { ledgerContract } from '../../contracts/ledger.js'
import { at, ends, given, interchange, message, submissionOf } from '../../contracts/ledger-given.js'

describe.skipIf(withoutPostgres())('on a real server', () => {
  let server: TestPostgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database()
  })
  afterAll(() => server?.remove())

  // One database for all of its sentences, emptied for each: making one costs more than most of them.
  const open = () => openPostgresLedger({ url, log: unread })
  ledgerContract('the PostgreSQL ledger', () => ({ open, reopen: open, remove: () => server.empty(url) }), {
    tidy: async () => void (await server.ask('vacuum', url)),
  })

  const opened: (Ledger & LedgerEvents)[] = []
  const hub = async (of = url) => {
    const ledger = await openPostgresLedger({ url: of, log: unread })
    opened.push(ledger)
    return ledger
  }
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close()
    await server.empty(url)
  })

  test('of two hubs one wins each claim, and the same message is taken once (promises 3, 8)', async () => {
    const [one, other] = [await hub(), await hub()]
    const sent = Array.from({ length: 40 }, () => message())
    const again = sent.map((m) => ({ ...message({ reference: m.reference, bytes: m.bytes }), sha256: m.sha256 }))
    const outcomes = await Promise.all(
      sent.map(async (m, i) => {
        const both = await Promise.all([one.record(interchange([m])), other.record(interchange([again[i]!]))])
        return both
          .flat()
          .map(({ outcome }) => outcome)
          .sort()
      }),
    )
    expect(outcomes).toEqual(sent.map(() => ['duplicate', 'recorded']))
    expect((await one.counts()).messages).toBe(40)
    const due = await other.dueSubmissions(at(10), 100)
    expect(due).toHaveLength(40)
    const claims = await Promise.all(
      due.flatMap(({ submissionId }) => [one.claim(submissionId, at(10)), other.claim(submissionId, at(10))]),
    )
    expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(40)
    await Promise.all([
      one.holdAgency('gacc', (old) => ({ ...old, paused: { since: 's', who: 'anna', why: 'w' } }), at(1)),
      other.holdAgency('gacc', (old) => ({ ...old, windows: [{ start: 'a', end: 'b' }] }), at(1)),
    ])
    expect((await one.agencyHolds()).get('gacc')).toMatchObject({ paused: { who: 'anna' }, windows: [{ start: 'a' }] })
  })

  test('numbers of receipts are seen in their order whichever hub writes them', async () => {
    const [one, other, reader] = [await hub(), await hub(), await hub()]
    const { accepted, answered } = given(() => one)
    const mine = [await accepted(), await accepted(), await accepted(), await accepted()]
    const elsewhere = given(() => other)
    let last = 0
    const seen: number[] = []
    let writing = true
    const reading = (async () => {
      while (writing || seen.length < 80) {
        for (const { seq } of await reader.receiptsAfter('a', last, 500)) seen.push((last = seq))
        await new Promise((next) => setImmediate(next))
      }
    })()
    await Promise.all(
      Array.from({ length: 80 }, (_, i) =>
        (i % 2 ? answered : elsewhere.answered)(mine[i % 4]!, 'processing', { receiptReturn: 'replied' }),
      ),
    )
    writing = false
    await reading
    expect(seen).toHaveLength(80)
    expect(new Set(seen).size).toBe(80)
  })

  test('what one hub settles the others hear at once, also after the connection they listen by was cut', async () => {
    const [one, other] = [await hub(), await hub()]
    const { accepted, answered } = given(() => one)
    const heard = new Set<string>()
    other.receipts(({ receiptId }) => heard.add(receiptId))
    const m = await accepted()
    const first = await answered(m, 'processing')
    await until('the first receipt on the other hub', () => heard.has(first.receiptId))
    await server.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid() and query like 'listen%' or query like '%max(n)%from receipt'`,
      url,
    )
    const second = await until('a write after the cut', () => answered(m, 'approved').catch(() => undefined))
    await until('the second receipt on the other hub', () => heard.has(second.receiptId))
  })

  test('a server restarted under load: senders hear 503, and what was acknowledged is there (promise 1)', async () => {
    const own = await startPostgres({ durable: true })
    try {
      const ledger = await hub(await own.database())
      const taken: string[] = []
      const failures: unknown[] = []
      let sending = true
      const senders = Array.from({ length: 16 }, async () => {
        while (sending) {
          const m = message()
          try {
            await ledger.record(interchange([m]))
            taken.push(m.messageId)
          } catch (error) {
            failures.push(error)
            await new Promise((again) => setTimeout(again, 20))
          }
        }
      })
      const enough = (n: number) => until(`${n} messages`, () => taken.length >= n)
      await enough(100)
      await own.stop('crash')
      await until('a sender that hears of it', () => failures.length > 0)
      const before = taken.length
      await own.start()
      await enough(before + 100)
      await own.restart('fast')
      await enough(taken.length + 100)
      sending = false
      await Promise.all(senders)
      for (const failure of failures)
        expect(failure).toMatchObject({ code: 'HUB_LEDGER_UNAVAILABLE', status: 503, class: 'transient' })
      const lost = []
      for (const messageId of taken)
        if (!(await ledger.getContent(messageId))?.bytes?.includes(messageId)) lost.push(messageId)
      expect(lost).toEqual([])
      await ledger.ping()
      await opened.pop()!.close()
    } finally {
      await own.remove()
    }
  })

  test('a message that PostgreSQL will not take fails its sender alone', async () => {
    const ledger = await hub()
    const m = message()
    const results = await Promise.allSettled([
      ledger.record(interchange([message()])),
      ledger.record(interchange([m])),
      // The same id once more, under another reference: no hub gives it out, and the table does not take it.
      ledger.record(interchange([{ ...message(), messageId: m.messageId }])),
      ledger.record(interchange([message()])),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect((await ledger.counts()).messages).toBe(3)
  })

  test('an address that leads nowhere is told without its password, and so is a newer hub’s ledger', async () => {
    const wrong = url.replace(/@.*/, '@127.0.0.1:1/none')
    const failed = await openPostgresLedger({ url: wrong, log: unread }).catch((error: unknown) => error as Error)
    expect(failed).toMatchObject({ name: 'LedgerUnreachableError' })
    expect(`${(failed as Error).message} ${(failed as Error).stack} ${JSON.stringify(failed)}`).not.toContain(
      new URL(url).password,
    )
    const newer = await server.database()
    await (await openPostgresLedger({ url: newer, log: unread })).close()
    await server.ask('insert into hub_migration (version, least) values (99, 1)', newer)
    // It says that this hub can live with what it added.
    await (await openPostgresLedger({ url: newer, log: unread })).close()
    await server.ask('update hub_migration set least = 99 where version = 99', newer)
    await expect(openPostgresLedger({ url: newer, log: unread })).rejects.toThrow('written by a newer hub')
  })

  test('a hub that has the ledger for itself keeps others out, and writes nothing once replaced', async () => {
    const lost: Error[] = []
    const alone = { lost: (error: Error) => lost.push(error) }
    const open = () => openPostgresLedger({ url, log: unread, alone })
    const first = await open()
    await expect(open()).rejects.toMatchObject({ name: 'LedgerInUseError' })
    // What waits for a hub that ends comes in when it has ended.
    const [next] = await Promise.all([open(), first.close()])
    opened.push(next)
    const [m, late] = [message(), message()]
    expect(await next.record(interchange([m]))).toEqual([{ outcome: 'recorded' }])
    expect(lost).toEqual([])
    // As another hub does that found this one gone.
    await server.ask('update hub_lease set token = token + 1', url)
    await expect(next.record(interchange([late]))).rejects.toMatchObject({ code: 'HUB_LEDGER_UNAVAILABLE' })
    expect(lost).toMatchObject([{ name: 'LedgerInUseError' }])
    expect(await next.getMessage(late.messageId)).toBeUndefined()
    expect(await next.getMessage(m.messageId)).toBeDefined()
  })

  test('hubs work beside each other, and who wants the ledger for itself waits until they are gone', async () => {
    const lost: Error[] = []
    const how = { lost: (error: Error) => lost.push(error) }
    const [one, other] = [
      await openPostgresLedger({ url, log: unread, among: how }),
      await openPostgresLedger({ url, log: unread, among: how }),
    ]
    opened.push(one, other)
    await Promise.all([one.record(interchange([message()])), other.record(interchange([message()]))])
    await expect(openPostgresLedger({ url, log: unread, alone: how })).rejects.toMatchObject({
      name: 'LedgerInUseError',
    })
    expect((await one.counts()).messages).toBe(2)
    expect(lost).toEqual([])
  })

  test('a lease has one holder, passes on in time, and an older token writes nothing (promise 7)', async () => {
    const [one, other] = [await hub(), await hub()]
    const me = (process: string) => ({ process, version: '1', roles: ['doors'], knows: [] })
    const longMs = 60_000
    const first = await one.beat(me('a'), ['sweep', 'retention'], longMs)
    expect(first.held.map(({ name }) => name)).toEqual(['retention', 'sweep'])
    const second = await other.beat(me('b'), ['sweep'], longMs)
    expect(second.held).toEqual([])
    expect(second.hubs.map(({ process }) => process)).toEqual(['a', 'b'])
    const [lease] = first.held.filter(({ name }) => name === 'sweep')
    const kept = message()
    await one.underLease(lease!, () => one.record(interchange([kept])))
    // Prolonged, it is the same; not prolonged, it is free, and the next who has it has a newer token.
    expect((await one.beat(me('a'), ['sweep'], 1)).held.length).toBeLessThan(2)
    const next = await until('the lease with the other hub', async () => {
      const [mine] = (await other.beat(me('b'), ['sweep', 'retention'], longMs)).held.filter((x) => x.name === 'sweep')
      return mine
    })
    expect(next.token).toBe(lease!.token + 1)
    const late = message()
    const written = one.underLease(lease!, () => one.record(interchange([late])))
    await expect(written).rejects.toMatchObject({ name: 'LeaseLostError' })
    expect(await one.getMessage(late.messageId)).toBeUndefined()
    expect(await one.getMessage(kept.messageId)).toBeDefined()
    // Who writes under no lease, or under the newest, is not kept from it.
    await Promise.all([
      one.record(interchange([late])),
      other.underLease(next, () => other.record(interchange([message()]))),
    ])
    await other.leave('b')
    const after = await one.beat(me('a'), ['sweep'], longMs)
    expect([after.held, after.hubs.map(({ process }) => process)]).toEqual([
      [{ name: 'sweep', token: next.token + 1 }],
      ['a'],
    ])
  })

  test('what one hub changes of partners and agencies the others hear at once, and after a cut once more', async () => {
    const [one, other] = [await hub(), await hub()]
    const heard: string[] = []
    other.changes((what) => heard.push(what))
    one.changes((what) => heard.push(`own ${what}`))
    await one.holdAgency('gacc', (old) => ({ ...old, paused: { since: 's', who: 'anna', why: 'w' } }), at(1))
    await until('the pause', () => heard.includes('agencies'))
    await one.putPartner({
      partnerId: 'a',
      name: 'A',
      sshKeys: [],
      settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    })
    await until('the partner', () => heard.includes('partners'))
    expect(heard).toEqual(['agencies', 'partners'])
    await server.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid() and (query like 'listen%' or query like '%max(n)%from receipt')`,
      url,
    )
    await until('both once more', () => heard.filter((one) => one === 'partners').length >= 2)
  })

  test('hubs that start together on an empty database make its tables once', async () => {
    const empty = await server.database()
    const hubs = await Promise.all([1, 2, 3].map(() => openPostgresLedger({ url: empty, log: unread })))
    await hubs[0]!.record(interchange([message()]))
    expect((await hubs[2]!.counts()).messages).toBe(1)
    for (const one of hubs) await one.close()
  })

  test('all connections are cut at once: what every message asks is answered all the same', async () => {
    const ledger = await hub()
    const { accepted, ended } = given(() => ledger)
    const key = { name: 'guid', value: 'cut' }
    const m = await accepted({ keys: [key] })
    await ended(m, ends.submitted)
    const [submission, agency] = [submissionOf(m), m.submissions[0]!.agency]
    const asked = () =>
      Promise.all(
        Array.from({ length: 4 }, async () => [
          (await ledger.submissionById(submission))?.messageId,
          (await ledger.ownersOf(agency, key)).map(({ submissionId }) => submissionId),
          await ledger.nextBehind(submission),
        ]),
      )
    const before = await asked()
    expect(before[0]).toEqual([m.messageId, [submission], undefined])
    await server.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid()`,
      url,
    )
    expect(await asked()).toEqual(before)
  })

  test('the database lets nobody in for a while: what every message asks is answered again after it', async () => {
    const shut = await server.database()
    const ledger = await hub(shut)
    const m = await given(() => ledger).accepted()
    const submission = submissionOf(m)
    expect((await ledger.submissionById(submission))?.messageId).toBe(m.messageId)
    const name = new URL(shut).pathname.slice(1)
    await server.ask(`alter database "${name}" allow_connections false`)
    await server.ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    await expect(ledger.submissionById(submission)).rejects.toThrow()
    await server.ask(`alter database "${name}" allow_connections true`)
    expect((await ledger.submissionById(submission))?.messageId).toBe(m.messageId)
  })

  test('a newer hub that adds columns keeps no older one from its work (promise 2)', async () => {
    const shared = await server.database()
    const older = await hub(shared)
    const { accepted, claimed, ended, answered } = given(() => older)
    const partner = {
      partnerId: 'a',
      name: 'A',
      sshKeys: [],
      settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    }
    await older.putPartner(partner as Parameters<typeof older.putPartner>[0])
    const [before, under] = [await accepted(), await accepted()]
    await ended(before, ends.submitted)
    await answered(before, 'processing')
    const { fence } = await claimed(under)
    const everywhere = () =>
      Promise.all(
        Array.from({ length: 12 }, async () => [
          await older.getPartner('a'),
          (await older.receiptsAfter('a', 0, 10)).length,
          (await older.dueSubmissions(at(90), 10)).length,
        ]),
      )
    await everywhere()
    // As a migration does, while the older hub works.
    for (const table of ['message', 'submission', 'attempt', 'reply', 'receipt', 'partner'])
      await server.ask(`alter table ${table} add column later text`, shared)
    expect((await everywhere()).map(([, receipts]) => receipts)).toEqual(Array.from({ length: 12 }, () => 1))
    expect(await older.endAttempt({ submissionId: submissionOf(under), fence }, ends.submitted, at(2))).toBe(true)
    const receipt = await answered(before, 'approved')
    expect(await older.acknowledge('a', receipt.receiptId, at(3))).toBe(true)
    await ended(await accepted(), ends.submitted)
  })

  test.each([
    ['whether it was claimed', 'commit\0'],
    ['what is to be sent', 'from message m left join digest'],
  ])('a connection that breaks as it tells %s leaves nothing in doubt (promise 3)', async (_, words) => {
    const proxy = await cuttingProxy([Number(new URL(url).port)])
    const through = await hub(url.replace(/:\d+\//, `:${proxy.port}/`))
    const elsewhere = await hub()
    const { accepted } = given(() => elsewhere)
    const m = await accepted()
    proxy.loseAnswers(words)
    const claiming = through.claim(submissionOf(m), at(1), { abandonedBefore: at(0) })
    claiming.catch(() => {})
    await until('connections that are cut', () => proxy.cuts() >= 2)
    proxy.mend()
    const claim = await claiming
    if (claim.outcome !== 'claimed') throw new Error(`not claimed: ${claim.outcome}`)
    expect([claim.work.attempt, claim.work.bytes.toString()]).toEqual([1, m.bytes.toString()])
    // It is nobody else's, and was counted once.
    expect(await elsewhere.claim(submissionOf(m), at(2), { abandonedBefore: at(0) })).toMatchObject({
      outcome: 'later',
    })
    const attempt = { submissionId: submissionOf(m), fence: claim.fence }
    expect(await through.renewAttempt(attempt, at(2))).toBe(true)
    expect(await through.endAttempt(attempt, ends.submitted, at(3))).toBe(true)
    expect((await elsewhere.getMessage(m.messageId))!.submissions[0]).toMatchObject({
      state: 'submitted',
      attempts: [{ outcome: 'submitted' }],
    })
  })

  test.each([90, -90])('a hub whose clock is %i seconds off judges tries as the others do (promise 3)', async (off) => {
    const [right, wrong] = [await hub(), await hub()]
    const { accepted } = given(() => right)
    const [alive, gone] = [await accepted(), await accepted()]
    const now = Date.now.bind(Date)
    const clock = vi.spyOn(Date, 'now')
    onTestFinished(() => clock.mockRestore())
    const wrongly = <T>(work: () => Promise<T>): Promise<T> => {
      clock.mockImplementation(() => now() + off * 1000)
      return work().finally(() => clock.mockImplementation(now))
    }
    /** A try that began longer ago than this is abandoned. */
    const claim = (ledger: Ledger, m: typeof alive, tryMs: number) =>
      ledger.claim(submissionOf(m), new Date(Date.now()), { abandonedBefore: new Date(Date.now() - tryMs) })
    const lostSince = (ledger: Ledger, ms: number) =>
      ledger.interruptedSubmissions(new Date(Date.now() - ms), 10, ['gacc'])
    const ref = (m: typeof alive) => expect.objectContaining({ submissionId: submissionOf(m) }) as unknown
    const first = await claim(right, alive, 0)
    if (first.outcome !== 'claimed') throw new Error(first.outcome)
    expect(await wrongly(() => claim(wrong, gone, 0))).toMatchObject({ outcome: 'claimed' })
    // Neither is a minute old, whoever asks.
    for (const m of [alive, gone]) {
      expect(await claim(right, m, 60_000)).toMatchObject({ outcome: 'later' })
      expect(await wrongly(() => claim(wrong, m, 60_000))).toMatchObject({ outcome: 'later' })
    }
    expect([await lostSince(right, 60_000), await wrongly(() => lostSince(wrong, 60_000))]).toEqual([[], []])
    // Both have begun, whoever asks.
    expect(await lostSince(right, -2000)).toEqual([ref(alive), ref(gone)])
    expect(await wrongly(() => lostSince(wrong, -2000))).toEqual([ref(alive), ref(gone)])
    expect(await claim(right, gone, -2000)).toMatchObject({ outcome: 'interrupted' })
    const attempt = { submissionId: submissionOf(alive), fence: first.fence }
    expect(await wrongly(() => wrong.renewAttempt(attempt, new Date(Date.now())))).toBe(true)
    expect(await claim(right, alive, 60_000)).toMatchObject({ outcome: 'later' })
    // No wait is bounded, which would let it begin at another time.
    const longest = { retryMs: 9e9, tryMs: 60_000, returnMs: 9e9, answerMs: 9e9 }
    expect(await wrongly(() => wrong.boundWaits(longest, [], new Date(Date.now())))).toBe(0)
    // Since when it is in doubt is said to each by its own clock.
    expect(await right.endAttempt(attempt, ends.unclear, new Date(Date.now()))).toBe(true)
    await wrongly(async () => {
      const seen = await claim(wrong, alive, 60_000)
      const since = seen.outcome === 'done' ? seen.unclearSince?.getTime() : undefined
      expect(Math.abs(Date.now() - since!)).toBeLessThan(30_000)
    })
  })

  test('bytes that a disk has changed are given to nobody and are not sent', async () => {
    const ledger = await hub()
    const m = message()
    await ledger.record(interchange([m]))
    await server.ask(`update payload set bytes = 'other' where message_id = '${m.messageId}'`, url)
    await expect(ledger.getContent(m.messageId)).rejects.toMatchObject({ code: 'HUB_BYTES_DAMAGED' })
    expect(await ledger.claim(submissionOf(m), at(1))).toMatchObject({ outcome: 'claimed', work: { damaged: true } })
    expect(ledger.damaged()).toBe(1)
    await until('it is remembered', async () => (await server.ask('select 1 from damaged', url)).length === 1)
  })

  test('every statement by its name goes down an index to what it looks for', async () => {
    // The tables it is about are there once a hub has opened the ledger.
    await hub()
    const folder = join(root, 'store/postgres')
    const statements: [string, string][] = []
    // A restore looks at all that waits, once.
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    for (const file of files.filter((name) => name !== 'after-restore.ts')) {
      const found = (await import(join(folder, file))) as Record<string, unknown>
      for (const [name, all] of Object.entries(found))
        if (name.endsWith('Sql') && typeof all === 'object')
          for (const [key, one] of Object.entries(all as Record<string, unknown>))
            if (typeof one === 'string' && !/^(savepoint|rollback|release|select set_config)/.test(one))
              statements.push([`${file} ${key}`, one])
    }
    expect(statements.length).toBeGreaterThan(120)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const scans: string[] = []
    try {
      await client.query('set enable_seqscan = off; set plan_cache_mode = force_generic_plan')
      for (const [i, [name, sql]] of statements.entries()) {
        const names = [...new Set([...sql.matchAll(/@([a-zA-Z]\w*)/g)].map(([, one]) => one!))]
        const text = sql.replace(/@([a-zA-Z]\w*)/g, (_, one: string) => `$${names.indexOf(one) + 1}`)
        const count = names.length || (/\$1/.test(sql) ? 1 : 0)
        await client.query(`prepare s${i} as ${text}`)
        const given = count > 0 ? `(${Array.from({ length: count }, () => 'null').join(', ')})` : ''
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute s${i}${given}`)
        for (const { 'QUERY PLAN': step } of rows)
          if (/Seq Scan on (?!counter|partner|agency_hold|damaged|hub_migration|hub_lease|hub_process)/.test(step))
            scans.push(`${name}: ${step.trim()}`)
      }
    } finally {
      await client.end()
    }
    expect(scans).toEqual([])
  })
})

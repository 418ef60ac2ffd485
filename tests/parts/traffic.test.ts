// Traffic to agencies on a real Redis: queues are held and go on, what is urgent goes first, a rate is kept by all
// processes together, and five agencies in trouble cost the other ten nothing. (promise 2.)
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../adapters/simulator/start.js'
import { createAgencies } from '../../hub/agencies/agencies.js'
import { createConnect } from '../../hub/agencies/connect.js'
import { priorityOf, policyOf, urgenciesOf } from '../../hub/agencies/policy.js'
import { readAgencies } from '../../hub/agencies/settings.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { createSubmit } from '../../hub/steps/submit.js'
import { newId } from '../../messages/ids.js'
import { createGate, type Gate, type WorkerOrder } from '../../queues/gate.js'
import { createQueues, type QueuesParts } from '../../queues/queues.js'
import { startRedis, type RedisServer } from '../../queues/redis-server.js'
import { createStateBoard } from '../../queues/state-board.js'
import { startSweeper } from '../../queues/sweeper.js'
import { startWorkers, type WorkersParts } from '../../queues/workers.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { root } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { interchange, message } from '../contracts/ledger-given.js'
import { memory } from '../support/memory.js'

const log = { info: () => {}, warn: () => {}, error: () => {} }
let redis: RedisServer
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-'))
  redis = await startRedis({ dir, log })
})
afterAll(async () => {
  await redis.stop()
  await rm(dir, { recursive: true, force: true })
})

let count = 0
async function ownQueues(agencies: string[], over: Partial<QueuesParts> = {}) {
  const prefix = `traffic${++count}`
  const queues = createQueues({ redisUrl: redis.url, agencies, prefix, log, ...over })
  onTestFinished(() => queues.close())
  await until('redis', () => queues.redis.status === 'ready')
  const workers = (parts: Partial<WorkersParts>) => {
    const started = startWorkers({
      redisUrl: redis.url,
      prefix,
      agencies,
      concurrencyOf: () => 4,
      submit: async () => ({ outcome: 'done' }),
      giveBack: async () => ({ outcome: 'done' }),
      offer: queues.offerSubmission,
      giveTurnUp: queues.giveTurnUp,
      log,
      ...parts,
    })
    onTestFinished(() => started.close(100))
    return started
  }
  return { queues, prefix, workers }
}
const ids = (n: number) => Array.from({ length: n }, (_, i) => `sub_${String(i).padStart(5, '0')}`)

test('a held queue runs nothing and loses nothing; let go, it goes on', async () => {
  const { queues, workers } = await ownQueues(['gacc', 'mot'])
  const ran = new Set<string>()
  const started = workers({ submit: async (id) => (ran.add(id), { outcome: 'done' }) })
  await started.ready()
  started.order('gacc', { held: true, concurrency: 4 })
  await queues.offerSubmissions(ids(200).map((submissionId) => ({ submissionId, agency: 'gacc' })))
  await queues.offerSubmission({ submissionId: 'sub_mot', agency: 'mot' })
  await until('the other agency’s', () => ran.has('sub_mot'))
  // At most the one that was being fetched in that moment: the gate gives it back.
  expect(ran.size).toBeLessThanOrEqual(2)
  for (let n = 0; n < 50; n++) {
    started.order('gacc', { held: n % 2 === 0, concurrency: 4 })
    if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  started.order('gacc', { held: false, concurrency: 4 })
  await until('all of them', () => ran.size === 201)
})

test('what is urgent goes first, whatever came before it; also what the sweeper offers again', async () => {
  const policy = policyOf({ priorities: { '1.1': 50, '1.1.6.1.2': 1, '2.3.*.*.2': 10 } })
  const operations = new Map<string, string>()
  const { queues, workers } = await ownQueues(['gacc'], {
    laneOf: async ({ submissionId, operation }) => ({
      partnerId: 'demo',
      urgency: priorityOf(policy, operation ?? operations.get(submissionId)),
      urgencies: urgenciesOf(policy),
    }),
  })
  const offer = (submissionId: string, operation: string) => {
    operations.set(submissionId, operation)
    return queues.offerSubmission({ submissionId, agency: 'gacc', operation })
  }
  await offer('sub_ordinary', '9.9.9.9.9')
  await offer('sub_some', '1.1.2.1.1')
  await offer('sub_deletion', '2.3.1.2.2')
  await offer('sub_withdrawal', '1.1.6.1.2')
  operations.set('sub_refilled', '1.1.6.1.2')
  await queues.refillSubmissions([{ submissionId: 'sub_refilled', agency: 'gacc' }])
  const ran: string[] = []
  workers({ concurrencyOf: () => 1, submit: async (id) => (ran.push(id), { outcome: 'done' }) })
  await until('all', () => ran.length === 5)
  expect(ran).toEqual(['sub_withdrawal', 'sub_refilled', 'sub_deletion', 'sub_some', 'sub_ordinary'])
})

test('a rate is kept by two processes together, and lifted while they run', async () => {
  const { queues, workers } = await ownQueues(['gacc'])
  const times: number[] = []
  const submit = async () => (times.push(Date.now()), { outcome: 'done' as const })
  const both = [workers({ submit }), workers({ submit })]
  await Promise.all(both.map((one) => one.ready()))
  for (const one of both) one.order('gacc', { held: false, concurrency: 4, rate: { max: 5, seconds: 0.5 } })
  const offered = Date.now()
  await queues.offerSubmissions(ids(25).map((submissionId) => ({ submissionId, agency: 'gacc' })))
  await until('twenty-five', () => times.length === 25)
  // Five at once, then five each half second: four waits at least. One job may have been on its way before the rate was
  // known.
  expect(times.at(-1)! - offered).toBeGreaterThan(1400)
  for (const one of both) one.order('gacc', { held: false, concurrency: 4 })
  const begun = Date.now()
  await queues.offerSubmissions(ids(200).map((id) => ({ submissionId: `${id}b`, agency: 'gacc' })))
  await until('two hundred', () => times.length === 225, 20_000)
  expect(Date.now() - begun, 'the rate would let them take twenty seconds').toBeLessThan(18_000)
})

test('what each process says about its gates can be read by any, until it leaves', async () => {
  const { queues, prefix } = await ownQueues(['gacc'])
  const gate = createGate({ agencies: ['gacc'], rulesOf: () => policyOf(), apply: () => {} })
  const [one, two, reader] = ['a:1', 'b:2', 'c:3'].map((process) =>
    createStateBoard({ redis: queues.redis, process, prefix }),
  )
  await one!.say(gate.views())
  await two!.say(gate.views())
  const seen = await reader!.read()
  expect(seen.map(({ process }) => process).sort()).toEqual(['a:1', 'b:2'])
  expect(seen[0]!.agencies).toMatchObject([{ agency: 'gacc', open: true, breaker: { state: 'closed' } }])
  await one!.leave()
  expect((await reader!.read()).map(({ process }) => process)).toEqual(['b:2'])
})

test('five failing agencies cost the ten others nothing, and their breakers open (measured)', async () => {
  const [bad, good] = [Array.from({ length: 5 }, (_, n) => `bad${n}`), Array.from({ length: 10 }, (_, n) => `good${n}`)]
  const agencies = [...bad, ...good]
  const nowhere = await freePort()
  const simulator = await startSimulator({
    callback: `http://127.0.0.1:${nowhere}/{agency}`,
    token: 't',
    families: join(root, 'xsd/families'),
    idempotent: true,
  })
  onTestFinished(() => simulator.stop('SIGKILL'))
  const behave = (behaviour: object) =>
    fetch(`${simulator.url}/control`, { method: 'POST', body: JSON.stringify(behaviour) })
  // Nobody is there who would take receipts, and trying to post thousands of them is work.
  await behave({ receiptsDelayMs: 3_600_000 })
  await behave({ agency: 'bad0', fail: 503 })
  await behave({ agency: 'bad1', hangUp: 'before' })
  await behave({ agency: 'bad2', slowMs: 30_000 })
  await behave({ agency: 'bad3', fail: 500 })

  const faults: ValueFault[] = []
  const common = {
    retrySeconds: [0.1],
    doubtSeconds: [0.1],
    idempotent: true,
    breaker: { minimum: 5, openSeconds: [1] },
  }
  const settings = readAgencies(
    Object.fromEntries(
      agencies.map((code) => [
        code,
        {
          url: code === 'bad4' ? `http://127.0.0.1:${nowhere}` : `${simulator.url}/${code}`,
          // A good one is not in doubt because the machine is busy.
          deadlineSeconds: bad.includes(code) ? 1 : 60,
          ...common,
        },
      ]),
    ),
    faults,
  )
  expect(faults).toEqual([])
  const connect = createConnect({
    isReceipt: () => true,
    memory,
    env: {},
    folderOf: () => undefined,
    folders: [],
    temporaryEndings: [],
    found: async () => {},
    refused: async () => {},
    filesNamed: async () => [],
    log,
  })
  const reached = createAgencies({ rules: { settings, defaults: new Map() }, codes: agencies, env: {}, connect })
  onTestFinished(() => reached.close())
  const ledger = await openSqliteLedger({ file: join(await tempDir('ledger'), 'ledger.db'), log })
  onTestFinished(() => ledger.close())
  const { queues, workers } = await ownQueues(agencies)

  const orders = new Map<string, (order: WorkerOrder) => void>()
  const opened = new Set<string>()
  const gate: Gate = createGate({
    agencies,
    rulesOf: reached.policy,
    apply: (agency, order) => orders.get(agency)?.(order),
    changed: (agency, _, what) => what === 'breaker open' && opened.add(agency),
  })
  const submitted = new Map<string, number>()
  let taken = 0
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const submit = createSubmit({
    ledger,
    connector: reached.connector,
    policy: reached.policy,
    admit: gate.admit,
    expects: () => undefined,
    partner: async () => undefined,
    signal: stopping.signal,
    keepReply: async () => ({ settle: async () => {} }),
    observe: ({ work, outcome }) => {
      if (outcome !== 'submitted') return
      submitted.set(work.agency, (submitted.get(work.agency) ?? 0) + 1)
      if (work.agency.startsWith('good')) taken++
    },
  })
  const started = workers({ submit, concurrencyOf: () => 8 })
  for (const agency of agencies) orders.set(agency, (order) => started.order(agency, order))
  await started.ready()
  const ticking = setInterval(gate.tick, 100)
  const sweeper = startSweeper({
    everyMs: 500,
    dueSubmissions: (limit, after) => ledger.dueSubmissions(new Date(), limit, after),
    interrupted: (limit) => ledger.interruptedSubmissions(new Date(Date.now() - 5000), limit, agencies),
    dueReturns: async () => [],
    unsettled: async () => [],
    settle: async () => {},
    refillSubmissions: queues.refillSubmissions,
    refillReturns: queues.refillReturns,
    log,
  })
  onTestFinished(async () => {
    clearInterval(ticking)
    await sweeper.stop()
  })

  /** So many messages for each of these; how long the good ones took. */
  async function round(to: string[], each: number): Promise<number> {
    const messages = to.flatMap((agency) =>
      Array.from({ length: each }, () =>
        message({
          documentType: 'CEB621Message',
          operation: '10.1.3.1.1',
          submissions: [{ submissionId: newId('sub'), agency }],
        }),
      ),
    )
    await ledger.record(interchange(messages, { receivedAt: new Date() }))
    const before = taken
    const wanted = to.filter((agency) => agency.startsWith('good')).length * each
    const begun = performance.now()
    await queues.offerSubmissions(messages.flatMap((one) => one.submissions))
    await until('the good agencies’ messages', () => taken - before >= wanted, 60_000)
    return performance.now() - begun
  }
  await round(agencies, 5)
  const alone: number[] = []
  const beside: number[] = []
  // The best of each: what the machine does besides is not the hub's. A busy one is measured more often.
  const best = () => Math.min(...beside) / Math.min(...alone)
  while (alone.length < 4 || (best() >= 1.5 && alone.length < 16)) {
    alone.push(await round(good, 30))
    beside.push(await round(agencies, 30))
  }
  const ratio = best()
  expect(
    ratio,
    `alone ${alone.map(Math.round).join(' ')} ms, beside five in trouble ${beside.map(Math.round).join(' ')} ms`,
  ).toBeLessThan(1.5)
  await until('their breakers to have opened', () => bad.every((agency) => opened.has(agency)), 30_000)
  expect([...opened].sort()).toEqual(bad)
  // The slow one does take what it is sent, and says so when it is asked again.
  expect([...submitted.keys()].filter((agency) => agency.startsWith('bad') && agency !== 'bad2')).toEqual([])

  // Well again, nothing was lost: the probes find out, and everything that waited goes.
  await fetch(`${simulator.url}/control`, { method: 'DELETE' })
  const owed = 5 + beside.length * 30
  await until(
    'all that waited for four of the five',
    () => bad.slice(0, 4).every((agency) => submitted.get(agency) === owed),
    60_000,
  )
})

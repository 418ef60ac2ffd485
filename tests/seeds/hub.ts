// hub — the hub's own steps, its sweeper, its gate and what its workers do with a job, put together as hub/boot does
// it; the ledger in a thread of its own, behind messages that keep their order. One life of it: it ends when it is
// killed.
import { setMaxListeners } from 'node:events'
import { createAccept } from '../../hub/steps/accept.js'
import { acknowledge, flatAcknowledgement, rejected } from '../../hub/steps/acknowledge.js'
import { createGiveBack, type Outgoing } from '../../hub/steps/give-back.js'
import { createSettle } from '../../hub/steps/settle.js'
import { createSubmit } from '../../hub/steps/submit.js'
import { createSubscribing } from '../../hub/steps/subscribing.js'
import { createNotice } from '../../hub/steps/notice.js'
import type { KeepReply } from '../../hub/steps/step.js'
import { createLargeWork } from '../../hub/steps/accept/large-work.js'
import { policyOf, type AgencyPolicy } from '../../hub/agencies/policy.js'
import { createGate } from '../../queues/gate.js'
import type { JobData } from '../../queues/offering.js'
import { returnsQueue } from '../../queues/queues.js'
import { createRunStep, type StepResult } from '../../queues/run-step.js'
import { startSweeper } from '../../queues/sweeper.js'
import type { Breaks } from './breaks.js'
import type { Agency } from './agency.js'
import { agencyCodes, inspect, learnable, operationsOf, partners, readReply } from './documents.js'
import type { OpenLedger } from './ledger.js'
import { connect } from './ledger-thread.js'
import type { Redis } from './redis.js'
import type { Owner, World } from './world.js'

export interface HubParts {
  owner: Owner
  ledger: OpenLedger
  redis: Redis
  agencies: ReadonlyMap<string, Agency>
  policies: ReadonlyMap<string, AgencyPolicy>
  /** Puts a receipt into a partner's InBox, or posts it. */
  deliver: (outgoing: Outgoing, channel: 'sftp' | 'webhook') => Promise<void>
  /** May it sweep now? One hub at a time does. */
  maySweep: () => boolean
  sweepMs: number
}

export type Hub = ReturnType<typeof startHub>

/** How long a submission may be under way before the sweep asks what became of it: hub/boot/working.ts. */
const interruptedMs = 5_000
const troubleMs = 5_000

const usual = policyOf({})
/** Read by its schema once: that costs as much as a tenth of a history. */
export const usualPolicy = ({ breaker, ...over }: Partial<Omit<AgencyPolicy, 'breaker'>> & Breaker): AgencyPolicy => ({
  ...usual,
  ...over,
  breaker: { ...usual.breaker, ...breaker },
})
type Breaker = { breaker: Partial<AgencyPolicy['breaker']> }

const log = { info: () => {}, warn: () => {}, error: () => {} }
const partner = (id: string) => Promise.resolve(partners.find(({ partnerId }) => partnerId === id))
const expects = () => [
  {
    title: { zh: '受理', en: 'taken' },
    status: ['processing' as const, 'released' as const, 'rejected' as const],
    withinMinutes: 5,
  },
]

/**
 * One life, put together anew: what a hub that died remembered is no part of the next one, nor of another history.
 */
export function startHub(world: World, breaks: Breaks, parts: HubParts) {
  const { owner, redis } = parts
  const now = world.date
  const ledger = breaks.ledger(connect(world, owner, parts.ledger))
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const routing = operationsOf([...parts.agencies.keys()])
  const policy = (agency: string) => parts.policies.get(agency)!
  const connectors = new Map(
    [...parts.agencies].map(([code, agency]) => [code, agency.connectorOf(owner, policy(code).deadlineSeconds * 1000)]),
  )

  /** Over the wire to Redis and back. */
  async function inRedis<T>(label: string, work: () => T): Promise<T | undefined> {
    await world.gate(owner, label)
    return redis.isAway() ? undefined : work()
  }
  const put = (queue: string, id: string, data: JobData) =>
    inRedis('offers', () => {
      redis.add(queue, id, data)
      return true
    }).then((done) => done ?? false)
  const offer = ({ submissionId, agency }: { submissionId: string; agency: string }) =>
    put(agency, submissionId, { submissionId })
  const refill = (jobs: { queue: string; id: string; data: JobData }[]) =>
    jobs.length === 0
      ? Promise.resolve(0)
      : inRedis('refills', () => {
          const missing = jobs.filter(({ queue, id }) => !redis.has(queue, id))
          for (const { queue, id, data } of missing) redis.add(queue, id, data)
          return missing.length
        })

  const held = new Map<string, { held: boolean; concurrency: number }>()
  /** As hub/agencies/traffic.ts, but only while somebody waits for it. */
  let ticking = false
  function tick(): void {
    if (ticking) return
    ticking = true
    world.after(2_000, owner, 'tick', () => {
      ticking = false
      gate.tick()
      if ([...held.values()].some((order) => order.held)) tick()
    })
  }

  const notice = createNotice({ inspect, routing, ledger, partner, now })
  const gate = createGate({
    agencies: [...parts.agencies.keys()],
    rulesOf: policy,
    apply(agency, order) {
      held.set(agency, order)
      if (order.held) tick()
      ring(agency)
    },
    now,
  })
  const settling = createSettle({
    ledger,
    readReply,
    partner,
    expects,
    learnable,
    notice,
    now,
  })
  const accept = createAccept({
    split: async ({ bytes }) => ({
      parts: bytes
        .toString()
        .split('\n')
        .map((one) => ({ bytes: Buffer.from(one), attachments: [] })),
    }),
    inspect,
    routing,
    partner,
    ledger,
    acknowledge,
    rejected,
    flatAcknowledgement,
    subscribing: createSubscribing({ ledger, most: 5 }),
    learnable,
    offer: (one) => void offer(one),
    largeWork: createLargeWork(),
    sendersOf: (_, { company }) => (company === undefined ? [] : [company]),
    now,
  })
  const keepReply: KeepReply = (agency, submissionId, answer, alongside) =>
    settling.keep({ agency, submissionId, ...answer }, alongside)
  const submit = createSubmit({
    ledger,
    connector: (agency) => connectors.get(agency)!,
    policy,
    admit: (agency) => gate.admit(agency),
    partner,
    expects,
    keepReply,
    signal: stopping.signal,
    now,
  })
  const giveBack = createGiveBack({
    ledger,
    partner,
    deliver: {
      sftp: (outgoing) => parts.deliver(outgoing, 'sftp'),
      webhook: (outgoing) => parts.deliver(outgoing, 'webhook'),
    },
    inSendersForm: async () => undefined,
    now,
  })
  ledger.receipts(({ receiptId, channel, returnState, elsewhere }) => {
    if (returnState === 'owed' && channel !== 'http' && !elsewhere) void put(returnsQueue, receiptId, { receiptId })
  })

  const runStep = createRunStep({ offer, troubleMs, log, now })
  const stepOf = (queue: string) => (data: JobData) => breaks.step(data, () => stepItself(queue, data))
  const stepItself = (queue: string, data: JobData): Promise<StepResult> =>
    'submissionId' in data ? submitThenSettle(data.submissionId, queue) : giveBack(data.receiptId)
  async function submitThenSettle(submissionId: string, agency: string): Promise<StepResult> {
    try {
      return await submit(submissionId, agency)
    } finally {
      if (settling.waitedFor(submissionId)) void sweeper.sweep()
    }
  }

  const fetching = new Set<string>()
  function ring(queue: string): void {
    if (owner.dead || fetching.has(queue)) return
    fetching.add(queue)
    world.post(owner, `${owner.name} fetches`, () => {
      fetching.delete(queue)
      const order = held.get(queue)
      if (order?.held || redis.activeOf(queue, owner) >= (order?.concurrency ?? 4)) return
      const job = redis.fetch(queue, owner)
      if (!job) return
      void work(queue, job)
      ring(queue)
    })
  }

  async function work(queue: string, { id, data, token }: { id: string; data: JobData; token: number }) {
    const again = await runStep(queue, data, stepOf(queue))
    await world.gate(owner, 'ends a job')
    // One it has lost meanwhile is somebody else's: BullMQ says so, and nothing happens.
    if (again) redis.delay(queue, id, token, again.getTime())
    else redis.finish(queue, id, token)
    ring(queue)
  }

  const known = ({ submissionId, agency }: { submissionId: string; agency: string }) => ({
    queue: agency,
    id: submissionId,
    data: { submissionId },
  })

  const sweeper = startSweeper({
    alone: async (work) => {
      if (!parts.maySweep()) return false
      await work()
      return true
    },
    everyMs: parts.sweepMs,
    page: 4,
    dueSubmissions: (limit, after) => ledger.dueSubmissions(now(), limit, after),
    interrupted: (limit) => ledger.interruptedSubmissions(new Date(world.now() - interruptedMs), limit, agencyCodes),
    unclear: ledger.unclearSubmissions,
    mayAsk: (agency) => connectors.get(agency)!.query !== undefined,
    async watch(limit) {
      await ledger.markOverdue(now(), limit)
      await ledger.reopenOrphans(limit)
      await ledger.reopenHeld(50)
    },
    dueReturns: (limit, after) => ledger.dueReturns(['sftp', 'webhook'], now(), { limit, after }),
    unsettled: (limit, after) => ledger.unsettledReplies(limit, after?.replyId),
    settle: settling.settle,
    refillSubmissions: (all) => refill(all.map(known)),
    refillReturns: (all) =>
      refill(all.map(({ receiptId }) => ({ queue: returnsQueue, id: receiptId, data: { receiptId } }))),
    log,
  })

  return {
    owner,
    ledger,
    accept,
    offer,
    ring,
    sweep: () => void sweeper.sweep(),
    gate,
    /** The agency hears "taken" when this resolves. */
    async takeReply(agency: string, bytes: Buffer): Promise<void> {
      await world.gate(owner, 'callback')
      const kept = await settling.keep({ agency, mediaType: 'application/json', bytes })
      kept.settle().catch(() => {})
      await world.gate(owner, 'callback answered')
    },
    /** Redis can be reached: workers fetch again, and the queues are made again from the ledger. */
    ready(): void {
      for (const queue of [...parts.agencies.keys(), returnsQueue]) ring(queue)
      void sweeper.sweep()
    },
    kill(): void {
      owner.dead = true
      void sweeper.stop()
    },
  }
}

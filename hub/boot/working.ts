// working — the workers: they send submissions to agencies and return receipts to partners; the sweep finds what has no
// job.
import { setMaxListeners } from 'node:events'
import { longestRestMs } from '../../queues/gate.js'
import type { Queues } from '../../queues/queues.js'
import { startSweeper } from '../../queues/sweeper.js'
import { startWorkers } from '../../queues/workers.js'
import { longestWaitMs } from '../agencies/policy.js'
import type { FileDoors } from '../doors/file-doors.js'
import { createGiveBack, longestReturnWaitMs } from '../steps/give-back.js'
import { createAsk } from '../steps/ask.js'
import type { KeepReply } from '../steps/step.js'
import { createSign } from '../steps/sign.js'
import { createSubmit } from '../steps/submit.js'
import { hubAgency } from '../agencies/query-mode.js'
import { queryDaysOf } from '../operate/retention-rules.js'
import { createUnanswered } from '../queries/unanswered.js'
import { createQuestionLimits, shareOf } from '../queries/question-limits.js'
import type { startAgencies } from './agencies.js'
import type { Answering } from './answering.js'
import type { Checking } from './checking.js'
import type { Data } from './data.js'
import type { Operating } from './operating.js'
import type { Signing } from './signing.js'
import type { Start } from './start.js'
import type { Storage } from './storage.js'
import type { TakingPart } from './taking.js'
import type { Watching } from './watching.js'

interface WorkingStart extends Start {
  data: Data
  storage: Storage
  watching: Watching
  taking: TakingPart
  answering: Answering
  operating: Operating
  checking: Checking
  signing: Signing
  queues: Queues
  agencies: Awaited<ReturnType<typeof startAgencies>>
  fileDoors: FileDoors
}

/** How long a submission may be under way before the sweep asks what became of it. */
const interruptedMs = 5_000
/** Hubs on one ledger may differ so much in what time it is. */
const clocksDifferMs = 60_000
/** Limits all hubs share are said to Redis again and again: it may have lost them. */
const limitsEveryMs = 5_000

/** Starts the workers and the sweeper, as far as the roles of this hub include them. */
export function startWorking(start: WorkingStart) {
  const { config, log, life, data, storage, watching, taking, answering, operating, queues, fileDoors } = start
  const { agencies, traffic, works } = start.agencies
  const { ledger, leases } = storage
  const { observe } = watching
  const { settling } = answering
  const partner = taking.partners.byId
  const stopping = new AbortController()
  // Every send under way listens.
  setMaxListeners(0, stopping.signal)
  const keepReply: KeepReply = (agency, submissionId, answer, alongside) =>
    settling.keep({ agency, submissionId, ...answer }, alongside)
  const submit = createSubmit({
    ledger,
    expects: data.expects,
    partner,
    connector: agencies.connector,
    policy: agencies.policy,
    longestTrySeconds: agencies.longestTrySeconds,
    placeOf: agencies.placeOf,
    namesTries: () => leases.allKnow('tries'),
    admit: traffic.admit,
    signal: stopping.signal,
    traceparent: watching.tracing?.traceparent,
    claimed: observe.claimed,
    observe: observe.submitted,
    keepReply,
    signing: createSign({
      ledger,
      inspect: start.checking.checker.inspect,
      signsFor: (agency) => agencies.policy(agency).signs === 'hub',
      signers: start.signing.signers,
    }),
  })

  const ask = createAsk({
    ledger,
    connector: agencies.connector,
    admit: traffic.admit,
    places: createQuestionLimits((agency) =>
      shareOf(agencies.policy(agency).queries, leases.living('workers', 'deliver')),
    ),
    mode: agencies.answersQueries,
    wantedMs: (channel) => (channel === 'http' ? config.queries.httpSeconds : config.queries.fileSeconds) * 1000,
    policy: agencies.policy,
    partner,
    fromHub: answering.results.fromHub,
    keepReply,
    signal: stopping.signal,
    log,
  })

  // Receipts wake their way back as soon as they are on disk; the sweeper finds those that were not offered.
  const { webhooks } = operating
  const deliver = { ...fileDoors.deliver, webhook: webhooks.deliver }
  const pushed = Object.keys(deliver) as (keyof typeof deliver)[]
  const offered = ledger.receipts(({ receiptId, channel, returnState, elsewhere }) => {
    if (returnState === 'owed' && channel in deliver && !elsewhere) void queues.offerReturn({ receiptId })
  })
  life.started(offered, (unsubscribe) => unsubscribe())
  const giveBack = createGiveBack({
    ledger,
    partner,
    deliver,
    inSendersForm: taking.sendersForm.inSendersForm,
    sign: start.signing.receipts?.jws,
    gone: async ({ partnerId, channel, why }) => (channel === 'webhook' ? webhooks.disable(partnerId, why) : undefined),
    observe: observe.returned,
  })

  /** An answer that came while the try was under way, and may speak of it, is looked at as soon as it is over. */
  const thenSettle =
    <Rest extends unknown[], Result>(step: (submissionId: string, ...rest: Rest) => Promise<Result>) =>
    async (submissionId: string, ...rest: Rest): Promise<Result> => {
      try {
        return await step(submissionId, ...rest)
      } finally {
        if (settling.waitedFor(submissionId)) void sweeper.sweep()
      }
    }

  if (works || start.agencies.polls) agencies.fetch()
  // Receipts are given back by every process; only one with the role sends to agencies.
  const workers = startWorkers({
    redisUrl: queues.redisUrl,
    agencies: works ? data.agencyCodes : [],
    concurrencyOf: (agency) => agencies.policy(agency).concurrency,
    submit: thenSettle(submit),
    ask: thenSettle(ask),
    giveBack,
    offer: queues.offerSubmission,
    giveTurnUp: queues.giveTurnUp,
    log,
  })
  traffic.drive(workers.order)
  life.started(workers, (w) => {
    stopping.abort()
    return w.close(config.stopSeconds * 1000)
  })

  leases.want('sweep')
  const shareLimits = () =>
    works && void queues.limit(data.agencyCodes.map((agency) => [agency, agencies.policy(agency).concurrency]))
  life.started(queues.onReady(shareLimits), (deaf) => deaf())
  life.started(setInterval(shareLimits, limitsEveryMs).unref(), clearInterval)
  const sweeper = startSweeper({
    alone: async (work) => (await leases.under('sweep', () => work().then(() => true))) ?? false,
    everyMs: config.sweepSeconds * 1000,
    dueSubmissions: (limit, after) => ledger.dueSubmissions(new Date(), limit, after),
    interrupted: (limit) =>
      ledger.interruptedSubmissions(new Date(Date.now() - interruptedMs), limit, [...data.agencyCodes, hubAgency]),
    unclear: ledger.unclearSubmissions,
    unanswered: createUnanswered({ ledger, days: queryDaysOf(config.retention ?? {}), ...config.queries }),
    async boundWaits() {
      const rules = data.agencyCodes.map(agencies.policy)
      const longest = {
        retryMs: clocksDifferMs + Math.max(longestRestMs, ...rules.map(longestWaitMs)),
        tryMs: clocksDifferMs + Math.max(...data.agencyCodes.map(agencies.longestTrySeconds)) * 1000,
        returnMs: clocksDifferMs + longestReturnWaitMs,
        answerMs: clocksDifferMs + data.longestAnswerMs,
      }
      const { httpSeconds, fileSeconds } = config.queries
      const { retryMs, tryMs, returnMs } = longest
      const askMs = clocksDifferMs + Math.max(httpSeconds, fileSeconds) * 1000
      const jobMs = Math.max(retryMs, tryMs, returnMs, askMs)
      return (await ledger.boundWaits(longest, pushed, new Date())) + (await queues.bringForward(jobMs))
    },
    mayAsk: (agency) => agencies.connector(agency).query !== undefined,
    async watch(limit) {
      for (const late of await ledger.markOverdue(new Date(), limit)) observe.overdue(late)
      const reopened = await ledger.reopenOrphans(limit)
      if (reopened > 0) log.info({ reopened }, 'orphans found again')
      const free = await ledger.reopenHeld(limit)
      if (free > 0) log.info({ free }, 'answers held no longer')
    },
    dueReturns: (limit, after) => ledger.dueReturns(pushed, new Date(), { limit, after }),
    unsettled: (limit, after) => ledger.unsettledReplies(limit, after?.replyId),
    settle: settling.settle,
    refillSubmissions: queues.refillSubmissions,
    refillReturns: queues.refillReturns,
    onReady(listener) {
      const deaf = [queues.onReady(listener), leases.onTaken((name) => name === 'sweep' && listener())]
      return () => deaf.forEach((end) => end())
    },
    log,
  })
  return { sweeper: life.started(sweeper, (s) => s.stop()), ask }
}

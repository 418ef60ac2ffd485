// queues — Redis, our own where no other is named, and the queues in it.
import { join } from 'node:path'
import type { Lane } from '../../queues/fair-order.js'
import { createQueues, type OfferedSubmission } from '../../queues/queues.js'
import { startRedis } from '../../queues/redis-server.js'
import type { Ledger } from '../../store/ledger.js'
import { priorityOf, urgenciesOf, type AgencyPolicy } from '../agencies/policy.js'
import { isQuestion } from '../queries/book.js'
import type { Start } from './start.js'

/** Our own Redis boots while this process reads its data. @returns where Redis is, once it answers */
export function startOwnRedis({ config, log, life }: Start): () => Promise<string> {
  const own =
    config.redisUrl === undefined ? life.starting(startRedis({ dir: join(config.dataDir, 'redis'), log })) : undefined
  return async () => config.redisUrl ?? (await own!).url
}

/** @see [startParts](../hub.ts) */
interface QueuesStart extends Start {
  redisUrl: string
  agencies: string[]
  /** @see [createAgencies](../agencies/agencies.ts) */
  policy: (agency: string) => AgencyPolicy
  ledger: Pick<Ledger, 'submissionById'>
  /** Whether every hub that lives lets partners take turns. */
  takesTurns: () => boolean
}

/** Starts the queues and does not wait for Redis: accepting goes on without it. */
export function startQueues({ redisUrl, agencies, policy, ledger, takesTurns, log, life }: QueuesStart) {
  /** Looked up where the offer does not say whose it is, or how urgent where its agency has priorities. */
  function laneOf({ submissionId, agency, partnerId, operation }: OfferedSubmission): Lane | Promise<Lane | undefined> {
    const rules = policy(agency)
    const urgencies = urgenciesOf(rules)
    const lane = (partner: string, code: string | undefined): Lane => ({
      partnerId: partner,
      urgency: priorityOf(rules, code),
      urgencies,
    })
    if (partnerId !== undefined && (operation !== undefined || urgencies.length === 0))
      return lane(partnerId, operation)
    return ledger.submissionById(submissionId).then((known) => known && lane(known.partnerId, known.operation))
  }
  const queues = createQueues({ redisUrl, agencies, isQuestion, laneOf, takesTurns, log })
  return life.started(queues, (q) => q.close())
}

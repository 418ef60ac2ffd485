// queues — Redis, our own where no other is named, and the queues in it.
import { join } from 'node:path'
import { createQueues, type OfferedSubmission } from '../../queues/queues.js'
import { startRedis } from '../../queues/redis-server.js'
import type { Ledger } from '../../store/ledger.js'
import { priorityOf, type AgencyPolicy } from '../agencies/policy.js'
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
}

/** Starts the queues and does not wait for Redis: accepting goes on without it. */
export function startQueues({ redisUrl, agencies, policy, ledger, log, life }: QueuesStart) {
  /** How urgent a submission is to its agency; looked up only where that agency has priorities. */
  function urgency({ submissionId, agency, operation }: OfferedSubmission) {
    const own = policy(agency)
    if (operation !== undefined || Object.keys(own.priorities).length === 0) return priorityOf(own, operation)
    return ledger.submissionById(submissionId).then((known) => priorityOf(own, known?.operation))
  }
  return life.started(createQueues({ redisUrl, agencies, isQuestion, priorityOf: urgency, log }), (q) => q.close())
}

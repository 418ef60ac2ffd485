// fixture — queues and workers of one test alone, on a real Redis, and a log that can be looked at.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createQueues } from '../../../queues/queues.js'
import { startRedis, type RedisServer } from '../../../queues/redis-server.js'
import { startWorkers, type StepResult, type WorkersParts } from '../../../queues/workers.js'
import { until } from '../../support/until.js'

export interface Line {
  level: 'info' | 'warn' | 'error'
  event: string
  ids: Record<string, unknown>
}
export function logged() {
  const lines: Line[] = []
  const at = (level: Line['level']) => (ids: object, event: string) =>
    void lines.push({ level, event, ids: ids as Record<string, unknown> })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** One server for the tests of a file; what they share it with is told apart by the prefix of the keys. */
export function sharedRedis(): { url: () => string } {
  let server: RedisServer
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'redis-'))
    server = await startRedis({ dir, log: logged() })
  })
  afterAll(async () => {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  })
  return { url: () => server.url }
}

/** A Redis that is there answers, however busy the machine is; one that is away declines at once. */
const usualPatienceMs = 20_000

let count = 0
/** Queues of this test alone: keys of their own on the shared server. */
export function ownQueues(redisUrl: string, { patienceMs = usualPatienceMs } = {}) {
  const log = logged()
  const prefix = `test${++count}`
  const queues = createQueues({ redisUrl, agencies: ['gacc', 'mofcom'], prefix, patienceMs, log })
  onTestFinished(() => queues.close())
  return { queues, prefix, log, redisUrl, ready: () => until('redis', () => queues.redis.status === 'ready') }
}

/** Workers that write down which ids they ran. */
export function ownWorkers(
  { queues, prefix, redisUrl, log }: ReturnType<typeof ownQueues>,
  over: Partial<WorkersParts> = {},
) {
  const ran: string[] = []
  const step = (id: string): Promise<StepResult> => {
    ran.push(id)
    return Promise.resolve({ outcome: 'done' })
  }
  const workers = startWorkers({
    redisUrl,
    prefix,
    agencies: ['gacc', 'mofcom'],
    concurrencyOf: () => 4,
    submit: step,
    giveBack: step,
    offer: queues.offerSubmission,
    giveTurnUp: queues.giveTurnUp,
    log,
    ...over,
  })
  onTestFinished(() => workers.close(100))
  return { ran, workers }
}

export const ids = (n: number) => Array.from({ length: n }, (_, i) => `sub_${String(i).padStart(5, '0')}`)
export const toGacc = (submissionId: string) => ({ submissionId, agency: 'gacc' })

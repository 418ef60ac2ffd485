// gauges — what Prometheus asks for at each scrape, and who knows it.
import { checkRedis } from '../../queues/health.js'
import type { Queues } from '../../queues/queues.js'
import { undone } from '../../messages/fleet.js'
import type { FileDoors } from '../doors/file-doors.js'
import type { startAgencies } from './agencies.js'
import type { Checking } from './checking.js'
import type { Operating } from './operating.js'
import type { Signing } from './signing.js'
import type { Start } from './start.js'
import type { Storage } from './storage.js'
import type { TakingPart } from './taking.js'
import type { DoorTls } from './tls.js'
import type { Watching } from './watching.js'

interface GaugesStart extends Start {
  storage: Storage
  checking: Checking
  watching: Watching
  taking: TakingPart
  operating: Pick<Operating, 'certificates'>
  queues: Queues
  agencies: Awaited<ReturnType<typeof startAgencies>>
  fileDoors: FileDoors
  tls: DoorTls | undefined
  signing: Signing
}

/** Connects the numbers Prometheus reads with the parts that know them; the last starter, since it asks all others. */
export function watchGauges({
  log,
  storage,
  checking,
  watching,
  taking,
  operating,
  queues,
  agencies: ways,
  fileDoors,
  tls,
  signing,
}: GaugesStart) {
  const { agencies, traffic, works } = ways
  const { ledger, retention } = storage
  const { checker, memory } = checking
  watching.metrics.watch({
    gates: works ? traffic.views : () => [],
    connectors: () =>
      agencies.connectors().flatMap(({ connector, agencies: sharing }) => {
        const health = connector.health?.()
        return health ? [{ agency: sharing[0] ?? 'none', ...health }] : []
      }),
    fleet() {
      const view = storage.leases.view()
      const { self, hubs, leases } = view
      return {
        living: hubs.length,
        held: leases.filter(({ holder }) => holder === self).map(({ name }) => name),
        free: undone(view),
        lost: storage.leases.lostCount(),
      }
    },
    clockAheadSeconds: storage.leases.clockAheadSeconds,
    agencies: async () => (await ledger.counts()).agencies,
    queueJobs: queues.counts,
    receiptsOwed: async () => (await ledger.counts()).receiptsOwed,
    orphans: async () => (await ledger.counts()).orphans,
    heldAnswers: async () => (await ledger.counts()).heldAnswers,
    async oldestHeldAnswerSeconds() {
      const since = (await ledger.counts()).oldestHeldAnswerAt
      return since === undefined ? 0 : Math.max(0, (Date.now() - Date.parse(since)) / 1000)
    },
    damaged: ledger.damaged,
    sharedKeys: async () => (await ledger.counts()).sharedKeys,
    async redisLatencySeconds() {
      const { pingMs } = await checkRedis(queues.redis)
      return pingMs === undefined ? undefined : pingMs / 1000
    },
    async ledgerLatencySeconds() {
      const begun = performance.now()
      await ledger.ping()
      return (performance.now() - begun) / 1000
    },
    checksWaiting: () => checker.stats().waiting,
    checkThreads: () => checker.threads,
    overdue: async () => (await ledger.counts()).overdue,
    undelivered: async () => (await ledger.partnerFacts()).reduce((sum, p) => sum + p.undelivered, 0),
    full: () => taking.overload.refusal() !== undefined,
    disks: taking.overload.disks,
    logLinesLost: log.lost,
    doorUsage: fileDoors.usage,
    memory: () => ({ partners: memory.partners.view(), agencies: memory.agencies.view() }),
    ledgerSize: ledger.size,
    certificates: operating.certificates,
    signers: signing.signers.views,
    certificateTrouble: () => tls?.trouble() !== undefined,
    retention: retention.view,
  })
}

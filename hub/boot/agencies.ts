// agencies — the ways to the agencies and the rules that say when they are taken; read again when their files change.
import { createStateBoard } from '../../queues/state-board.js'
import type { Queues } from '../../queues/queues.js'
import { createAgencies, type AgenciesParts } from '../agencies/agencies.js'
import { createConnect } from '../agencies/connect.js'
import { createReload } from '../agencies/reload.js'
import { createTraffic, processName } from '../agencies/traffic.js'
import { watchFiles } from '../agencies/watch-files.js'
import type { Answering } from './answering.js'
import type { Checking } from './checking.js'
import type { Data } from './data.js'
import type { Signing } from './signing.js'
import type { ConfigSource, Start } from './start.js'
import type { Storage } from './storage.js'
import type { Watching } from './watching.js'

/** @see [startParts](../hub.ts) */
interface AgenciesStart extends Start {
  data: Data
  storage: Storage
  checking: Checking
  watching: Watching
  answering: Answering
  signing: Pick<Signing, 'signers'>
  queues: Queues
  source: ConfigSource
  /** How the simulator that answers for an agency nobody has set is reached, if there is one. */
  simulator: AgenciesParts['fallback']
}

/** Connectors are made when they are first needed; those that fetch, now. */
export async function startAgencies(start: AgenciesStart) {
  const { config, log, env, life, data, storage, checking, watching, answering, queues, source, simulator } = start
  const { agencyCodes: codes, importFolder, sources } = data
  const { leases } = storage
  const polls = config.roles.some((role) => role === 'workers' || role === 'poll')
  const connect = createConnect({
    leases: { ...leases, want: (name) => (polls ? leases.want(name) : () => {}) },
    isReceipt: async (bytes) => (await checking.readReply(bytes)) !== undefined,
    env,
    memory: checking.memory.agencies,
    folderOf: (type) => importFolder.get(type),
    folders: [...new Set([...importFolder.values(), ...data.noticeFolders])],
    temporaryEndings: config.temporaryEndings,
    ...answering.fetchIn,
    log,
  })
  const agencies = life.started(
    createAgencies({
      becomesEdifact: data.becomesEdifact,
      rules: data.agencyRules,
      codes,
      env,
      connect,
      ...(simulator ? { fallback: simulator } : {}),
      shapeOf: data.queries.shapeOf,
    }),
    (a) => a.close(),
  )
  const works = config.roles.some((role) => role === 'workers' || role === 'deliver')
  const traffic = life.started(
    createTraffic({
      agencies,
      codes,
      holds: storage.ledger.agencyHolds,
      board: createStateBoard({ redis: queues.redis, process: processName }),
      works,
      changed: watching.observe.gate,
      log,
    }),
    (t) => t.close(),
  )
  await traffic.learn()
  const told = watching.metrics.reloaded
  const reload = createReload({
    ...sources,
    reread: source.reread,
    config,
    agencies,
    traffic,
    signers: start.signing.signers,
    works: works || polls,
    told,
    log,
  })
  const files = [sources.defaultsFile, ...(source.file === undefined ? [] : [source.file])]
  life.started(watchFiles(files, reload), (stop) => stop())
  return { agencies, traffic, reload, works, polls }
}

// storage — the ledger, the archive and retention.
import { join } from 'node:path'
import { createArchive } from '../../store/archive.js'
import type { Ledger, LedgerEvents, Neighbours, Proof } from '../../store/ledger.js'
import { openThreadedLedger } from '../../store/sqlite/threaded.js'
import { payloadSettings } from '../config/payload-settings.js'
import { createContent } from '../doors/content.js'
import { createResealing } from '../operate/resealing.js'
import { createActing } from '../operate/acting.js'
import { startRetention } from '../operate/retention.js'
import { encryptionOf } from '../config/encryption.js'
import { startLeases } from '../base/leases.js'
import type { Start } from './start.js'

export type Storage = Awaited<ReturnType<typeof startStorage>>

/** A hub whose ledger another one has taken over is none: it ends at once, and whoever watches it starts it again. */
function ends(error: Error): void {
  setImmediate(() => {
    throw error
  })
}

interface OpenLedger {
  ledger: Ledger & LedgerEvents
  /** The chain of hashes. */
  proof: Proof
  /** The other hubs on it; absent where there can be none (SQLite). */
  neighbours: Neighbours | undefined
}

/** On PostgreSQL where one is named; only then its client is loaded. */
async function openLedger({ config, log, env }: Pick<Start, 'config' | 'log' | 'env'>): Promise<OpenLedger> {
  const encryption = encryptionOf(config)
  const payloads = payloadSettings(config, env)
  if (config.databaseUrl === undefined) {
    const ledger = await openThreadedLedger({ file: join(config.dataDir, 'ledger.db'), log, encryption, payloads })
    return { ledger, proof: ledger, neighbours: undefined }
  }
  const store = payloads && (await import('../../store/payloads/s3.js')).createS3Payloads(payloads)
  const { openPostgresLedger } = await import('../../store/postgres/open.js')
  const ledger = await openPostgresLedger({
    url: config.databaseUrl,
    log,
    encryption,
    payloads: store,
    among: { lost: ends },
  })
  return { ledger, proof: ledger, neighbours: ledger }
}

/** @throws LedgerInUseError: another hub has it open; LedgerUnreachableError: PostgreSQL does not let us in */
export async function startStorage({ config, version, log, env, life }: Start) {
  const opened = life.started(await openLedger({ config, log, env }), (l) => l.ledger.close())
  const { proof, neighbours } = opened
  const acting = createActing()
  const ledger = acting.onLedger(opened.ledger)
  const { roles } = config
  const leases = life.started(await startLeases({ neighbours, version, roles, log }), (l) => l.stop())
  leases.want('retention')
  const archive =
    config.retention?.archive === undefined
      ? undefined
      : life.started(createArchive({ dir: config.retention.archive, sealing: ledger }), (a) => a.close())
  const resealing = life.started(createResealing({ ledger, log }), (r) => r.stop())
  return {
    ledger,
    proof,
    neighbours,
    leases,
    actingAs: acting.actingAs,
    ...createContent({ ledger, archive }),
    resealing,
    retention: life.started(
      startRetention({
        rules: config.retention ?? {},
        archive,
        ledger,
        alone: (walk) => leases.under('retention', walk),
        log,
        reseal: resealing.walk,
      }),
      (r) => r.stop(),
    ),
  }
}

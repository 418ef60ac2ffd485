// storage — where what happened is kept: the ledger, the archive, and what may go when.
import { join } from 'node:path'
import { createArchive } from '../../store/archive.js'
import { openThreadedLedger } from '../../store/sqlite/threaded.js'
import { createContent } from '../doors/content.js'
import { startRetention } from '../operate/retention.js'
import type { Start } from './start.js'

export type Storage = Awaited<ReturnType<typeof startStorage>>

/** @throws LedgerInUseError: another hub has it open */
export async function startStorage({ config, log, life }: Start) {
  const ledger = life.started(await openThreadedLedger({ file: join(config.dataDir, 'ledger.db'), log }), (l) =>
    l.close(),
  )
  const archive =
    config.retention?.archive === undefined
      ? undefined
      : life.started(createArchive({ dir: config.retention.archive }), (a) => a.close())
  return {
    ledger,
    ...createContent({ ledger, archive }),
    retention: life.started(startRetention({ rules: config.retention ?? {}, archive, ledger, log }), (r) => r.stop()),
  }
}

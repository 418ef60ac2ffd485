// backup — a copy of the ledger while the hub runs, in a folder of its own beside it. Messages go on being taken
// meanwhile.
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operator } from '../../messages/operator.js'
import { HubError } from '../../messages/errors.js'
import type { BackupMade } from '../../messages/views/index.js'
import { datedFile } from '../../store/dated-file.js'
import type { Ledger } from '../../store/ledger.js'

interface BackupParts {
  ledger: Pick<Ledger, 'backup' | 'audit'>
  dataDir: string
  log: { info(ids: object, event: string): void }
  now?: () => Date
}

export function createBackup({ ledger, dataDir, log, now = () => new Date() }: BackupParts) {
  let running = false
  /** @throws HubError HUB_BACKUP_RUNNING while another one is being made */
  return async function backup(by: Operator): Promise<BackupMade> {
    if (running) throw new HubError('HUB_BACKUP_RUNNING')
    running = true
    try {
      const begun = performance.now()
      const dir = join(dataDir, 'backups')
      // It holds everything partners have filed: for the hub's own user alone.
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const file = join(dir, await datedFile(dir, 'ledger', '.db', now()))
      await ledger.backup(file)
      await chmod(file, 0o600)
      const made = { file, size: (await stat(file)).size, seconds: (performance.now() - begun) / 1000 }
      await ledger.audit({
        at: now(),
        who: by.who,
        action: 'ledger.backup',
        target: file,
        why: by.why ?? '',
        detail: { size: made.size },
      })
      log.info(made, 'backup made')
      return made
    } finally {
      running = false
    }
  }
}

// backup — a copy of the ledger while the hub runs, in a folder of its own beside it. Messages go on being taken
// meanwhile.
import { chmod, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operator } from '../../messages/operator.js'
import { HubError } from '../../messages/errors.js'
import type { BackupMade } from '../../messages/views/index.js'
import { datedFile } from '../../store/dated-file.js'
import type { Ledger } from '../../store/ledger.js'

interface BackupParts {
  ledger: Pick<Ledger, 'backup' | 'audit' | 'size'>
  dataDir: string
  /** The disk keeps so many megabytes free: with less, new work is turned away. */
  minFreeMegabytes: number
  log: { info(ids: object, event: string): void }
  now?: () => Date
}

/** Resolves when the copy is on disk; a second one meanwhile is refused. */
export function createBackup({ ledger, dataDir, minFreeMegabytes, log, now = () => new Date() }: BackupParts) {
  let running = false

  async function mustFit(dir: string): Promise<void> {
    const megabytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024)
    const { bavail, bsize } = await statfs(dir)
    const [free, needed] = [Math.floor((bavail * bsize) / 1024 / 1024), megabytes(ledger.size().bytes)]
    if (free - needed < minFreeMegabytes)
      throw new HubError('HUB_BACKUP_NO_ROOM', { free, needed, least: minFreeMegabytes })
  }

  /**
   * @throws HubError HUB_BACKUP_RUNNING while another one is being made; HUB_BACKUP_NO_ROOM where the copy would take
   *   the disk below what the hub needs to take new work
   */
  return async function backup(by: Operator): Promise<BackupMade> {
    if (running) throw new HubError('HUB_BACKUP_RUNNING')
    running = true
    try {
      const begun = performance.now()
      const dir = join(dataDir, 'backups')
      // It holds everything partners have filed: for the hub's own user alone.
      await mkdir(dir, { recursive: true, mode: 0o700 })
      await dropUnfinished(dir)
      await mustFit(dir)
      const file = join(dir, await datedFile(dir, { word: 'ledger', ending: '.db' }, now()))
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

/** What a hub that was killed had copied so far. One process has the ledger, and it makes one copy at a time. */
async function dropUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(dir))
    if (/^ledger-.*\.db\.part$/.test(name)) await rm(join(dir, name), { force: true })
}

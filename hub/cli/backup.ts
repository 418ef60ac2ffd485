// backup, restore — a copy of the ledger while the hub runs; and an older copy put back while it does not.
import type { Command } from 'commander'
import { BackupMade } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { doubtedText } from './doubted.js'
import { print } from './show.js'
import { jsonOption, whyOption } from './options.js'

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'copy the ledger 备份 while the hub runs (needs HUB_OPS_KEY); the copy is on the hub’s machine, in <data>/backups',
    )
    .option('-w, --why <reason>', 'kept in the audit', 'backup')
    .option(...jsonOption)
    .action(async ({ why, json }: { why: string; json?: boolean }) => {
      const made = await createClient().act(BackupMade, '/ops/backup', { why })
      print(
        made,
        json === true,
        () =>
          `${made.file}\n${(made.size / 1e6).toFixed(1)} MB in ${made.seconds.toFixed(1)} s. ` +
          `Keep it on another machine: it holds everything partners have filed.`,
      )
    })
  program
    .command('restore')
    .argument('<file>', 'a copy made by `hub backup`, or the ledger.db of a stopped hub')
    .description(
      'restore a copy of the ledger 恢复; the hub must be stopped. The hub sends nothing of it again by itself',
    )
    .option('-d, --data <dir>', 'the hub’s folder (HUB_DATA, ./data)')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (file: string, { data, why, json }: { data?: string; why: string; json?: boolean }) => {
      const [{ restoreLedger }, { loadConfig }, { encryptionOf }] = await Promise.all([
        import('../operate/restore.js'),
        import('../config/load-config.js'),
        import('../config/encryption.js'),
      ])
      const config = loadConfig(process.env, data === undefined ? {} : { dataDir: data })
      const { dataDir, databaseUrl } = config
      if (databaseUrl !== undefined)
        throw new CliError(
          'the ledger is in PostgreSQL: put its backup back with the tools of the server, then `hub ledger ' +
            'restored` before a hub starts (docs/postgresql.md).',
        )
      const who = process.env.USER ?? 'console'
      const log = { error: ({ err }: { err?: unknown }, text: string) => console.error(`${text}: ${String(err)}`) }
      const encryption = encryptionOf(config)
      const restored = await restoreLedger({ from: file, dataDir, encryption, who, why, log }).catch(
        (error: unknown) => {
          throw error instanceof Error && /^(Restore|Ledger)/.test(error.name) ? new CliError(error.message) : error
        },
      )
      print({ dataDir, ...restored }, json === true, () =>
        [
          `The ledger in ${dataDir} is now the ` +
            `copy.${restored.replaced === undefined ? '' : ` The one before it is ${restored.replaced}.`}`,
          ...doubtedText(restored.doubted),
          'What was accepted after the copy was made is not in it: before a partner sends that again, ' +
            'ask the agency what it has. See docs/operations.md, Restore.',
        ].join('\n'),
      )
    })
}

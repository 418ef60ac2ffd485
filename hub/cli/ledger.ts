// migrate, ledger — the ledger in PostgreSQL: its tables brought up to this hub, a backup of it that was put back; and
// a ledger taken from one engine into another.
import type { Command } from 'commander'
import { join } from 'node:path'
import { doubtedText } from './doubted.js'
import { CliError } from './client.js'
import { addLedgerCopy } from './ledger-copy.js'
import { print } from './show.js'
import { jsonOption, whyOption } from './options.js'

/** The address of the ledger, as the hub finds it. */
async function databaseUrl(): Promise<string> {
  const { loadConfig } = await import('../config/load-config.js')
  const { databaseUrl: url } = loadConfig(process.env)
  if (url === undefined)
    throw new CliError(
      'the ledger is a SQLite file here, which a hub brings up to date when it starts. Set DATABASE_URL.',
    )
  return url
}

const asCliError = (error: unknown) => {
  throw error instanceof Error && error.name.startsWith('Ledger') ? new CliError(error.message) : error
}

export function addLedger(program: Command): void {
  program
    .command('migrate')
    .description(
      'upgrade the tables of the ledger in PostgreSQL (DATABASE_URL) to this version 升级账本; a hub does the same ' +
        'at its start',
    )
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const { migrateLedger } = await import('../../store/postgres/open.js')
      const found = await migrateLedger(await databaseUrl()).catch(asCliError)
      print(found, json === true, () =>
        found.before === found.now ? `version ${found.now}, as it was` : `version ${found.before} → ${found.now}`,
      )
    })
  const ledger = program
    .command('ledger')
    .description('the ledger 账本: copy it, compact it, or prepare it after a restore by PostgreSQL’s tools')
  addLedgerCopy(ledger)
  ledger
    .command('compact')
    .description(
      'rewrite the SQLite file 整理账本文件: smaller, and without old bytes that were deleted or encrypted. The hub ' +
        'must be stopped; the disk needs free space for a second file',
    )
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const [{ compactLedger }, { loadConfig }] = await Promise.all([
        import('../../store/sqlite/compacting.js'),
        import('../config/load-config.js'),
      ])
      const { dataDir, databaseUrl: url } = loadConfig(process.env)
      if (url !== undefined) throw new CliError('the ledger is in PostgreSQL: VACUUM FULL is its own way.')
      const sizes = await Promise.resolve()
        .then(() => compactLedger(join(dataDir, 'ledger.db')))
        .catch(asCliError)
      print(sizes, json === true, () => `${(sizes.before / 1e6).toFixed(1)} MB → ${(sizes.after / 1e6).toFixed(1)} MB`)
    })
  ledger
    .command('restored')
    .description(
      'run it after a restore of the database and before a hub starts 恢复后: what waits in it becomes unclear, ' +
        'since it may have been sent after the backup',
    )
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async ({ why, json }: { why: string; json?: boolean }) => {
      const { openPostgresLedger, withoutPassword } = await import('../../store/postgres/open.js')
      const url = await databaseUrl()
      const log = { error: ({ err }: { err?: unknown }, text: string) => console.error(`${text}: ${String(err)}`) }
      const lost = (error: Error) => {
        throw error
      }
      const [{ loadConfig }, { encryptionOf }] = await Promise.all([
        import('../config/load-config.js'),
        import('../config/encryption.js'),
      ])
      const encryption = encryptionOf(loadConfig(process.env))
      const ledger = await openPostgresLedger({ url, log, encryption, payloads: 'elsewhere', alone: { lost } }).catch(
        asCliError,
      )
      try {
        const now = new Date()
        const entry = {
          at: now,
          who: process.env.USER ?? 'console',
          action: 'ledger.restore',
          target: withoutPassword(url),
          why,
        }
        const doubted = await ledger.audited(entry, () =>
          ledger.doubtWaiting(now, 'waited in the copy that was restored; it may have been sent since'),
        )
        print({ doubted }, json === true, () => doubtedText(doubted).join('\n'))
      } finally {
        await ledger.close()
      }
    })
}

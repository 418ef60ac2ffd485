// ledger copy, ledger reopen — a ledger taken from one engine into another, and back to the first when the copy was
// never worked by.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { CopyReport, CopySource, CopyTarget, SourceChoice } from '../../store/copying.js'
import type { Ledger } from '../../store/ledger.js'
import { CliError } from './client.js'
import { print } from './show.js'
import { jsonOption, whyOption } from './options.js'

const isPostgres = (place: string) => /^postgres(ql)?:/.test(place)

/** The file of a place that is no address: a data folder has its ledger under one name. */
const fileOf = (place: string) =>
  existsSync(place) ? (statSync(place).isDirectory() ? join(place, 'ledger.db') : place) : asNew(place)
const asNew = (place: string) => (place.endsWith('.db') ? place : join(place, 'ledger.db'))

const progressEveryMs = 2000

export function addLedgerCopy(ledger: Command): void {
  ledger
    .command('copy')
    .description(
      'copy the ledger to another place 迁移账本, also between SQLite and PostgreSQL, and compare every row. The ' +
        'hubs of both must be stopped; afterwards no hub starts on the source',
    )
    .requiredOption('--from <place>', 'a data folder, a ledger.db, or postgresql://…')
    .requiredOption('--to <place>', 'the same; it must be empty. An unfinished copy is started again')
    .requiredOption(...whyOption)
    .option(
      '--source-stays',
      'a hub may still use the source: for a trial with the copy, which must then reach no agency',
    )
    .option(...jsonOption)
    .action(
      async (options: { from: string; to: string; why: string; sourceStays?: boolean; json?: boolean }) =>
        void (await copy(options).catch(asCliError)),
    )
  ledger
    .command('reopen')
    .argument('<place>', 'a data folder, a ledger.db, or postgresql://…')
    .description(
      'allow a hub to start on the source again 恢复原账本, and no longer on the copy. Only if no hub has worked with the ' +
        'copy, which is read and compared. The hubs of both must be stopped',
    )
    .option('--copy <place>', 'the copy it was taken to')
    .option('--copy-gone', 'the copy does not exist any more, and no hub has worked with it')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (place: string, options: ReopenOptions) => void (await reopen(place, options).catch(asCliError)))
}

interface ReopenOptions {
  copy?: string
  copyGone?: boolean
  why: string
  json?: boolean
}

const asCliError = (error: unknown): never => {
  throw error instanceof Error && error.name.startsWith('Ledger') ? new CliError(error.message) : error
}

async function copy({
  from,
  to,
  why,
  sourceStays = false,
  json = false,
}: {
  from: string
  to: string
  why: string
  sourceStays?: boolean
  json?: boolean
}): Promise<void> {
  const { copyLedger } = await import('../../store/copying.js')
  const source = await sourceAt(from, { to: await nameOf(to) })
  let report: CopyReport
  let target: CopyTarget | undefined
  try {
    target = await targetAt(to, source)
    report = await copyLedger({ source, target, sourceStays, progress: json ? () => {} : progress() })
  } finally {
    await target?.close()
    await source.close()
  }
  await noted(to, { action: 'ledger.copy', target: source.name, why })
  const rows = report.tables.reduce((sum, one) => sum + one.rows, 0)
  print({ from: source.name, to: target.name, rows, ...report }, json, () =>
    [
      ...report.tables
        .filter((one) => one.rows > 0)
        .map((one) => `${one.table.padEnd(18)} ${String(one.rows).padStart(10)}  sha256 ${one.sha256.slice(0, 16)}…`),
      `${rows} rows, the same in both.`,
      'The chain of hashes went with them: `hub audit verify` proves it there.',
      sourceStays
        ? 'A hub may still start on the source: never let both reach an agency.'
        : 'No hub starts on the source any more. Start yours on the copy, with the same data folder.',
    ].join('\n'),
  )
}

async function reopen(place: string, { copy: other, copyGone, why, json = false }: ReopenOptions): Promise<void> {
  if ((other === undefined) === (copyGone !== true))
    throw new CliError(
      'say where the copy is (--copy <place>): with a hub at work by both everything would be filed twice. If it ' +
        'does not exist any more: --copy-gone. 请用 --copy 指明副本位置；副本已不存在时用 --copy-gone。',
    )
  if (other !== undefined) await close(other, place)
  const taken = isPostgres(place)
    ? await (await import('../../store/postgres/copy-end.js')).reopenPostgres(place)
    : (await import('../../store/sqlite/copy-end.js')).reopenSqlite(fileOf(place))
  await noted(place, { action: 'ledger.reopen', target: taken, why })
  print({ reopened: true, copiedTo: taken }, json, () =>
    copyGone
      ? `A hub starts here again. Let none start on ${taken}.`
      : `A hub starts here again, and none on ${taken}.`,
  )
}

/** From now on no hub starts on the copy. @throws CliError when a hub has worked by it */
async function close(place: string, source: string): Promise<void> {
  const { differingWork } = await import('../../store/copying.js')
  const copied = await sourceAt(place, { marked: true })
  try {
    const first = await sourceAt(source, { marked: true })
    try {
      const table = await differingWork(first, copied)
      if (table !== undefined)
        throw new CliError(
          `a hub has worked by ${copied.name} since: its ${table} rows are not those of ${first.name}. Start your ` +
            'hub on the copy; to go back, copy that one to a new place. 副本已被使用，请继续使用副本，或由副本再次迁移。',
        )
      await copied.movedTo(first.name)
    } finally {
      await first.close()
    }
  } finally {
    await copied.close()
  }
}

/** As the copy in this place calls itself. */
async function nameOf(place: string): Promise<string> {
  return isPostgres(place) ? (await import('../../store/postgres/server.js')).withoutPassword(place) : fileOf(place)
}

async function sourceAt(place: string, how: SourceChoice): Promise<CopySource> {
  if (isPostgres(place)) return (await import('../../store/postgres/copy-end.js')).postgresSource(place, how)
  return (await import('../../store/sqlite/copy-end.js')).sqliteSource(fileOf(place), await encryption(), how)
}

async function targetAt(place: string, source: CopySource): Promise<CopyTarget> {
  if (isPostgres(place))
    return (await import('../../store/postgres/copy-end.js')).postgresTarget(place, source.name, source)
  return (await import('../../store/sqlite/copy-end.js')).sqliteTarget(fileOf(place), source.name, source)
}

/** A ledger that is encrypted is copied as it is, with its data keys; the same key opens both. */
async function encryption() {
  const [{ loadConfig }, { encryptionOf }] = await Promise.all([
    import('../config/load-config.js'),
    import('../config/encryption.js'),
  ])
  return encryptionOf(loadConfig(process.env))
}

/** Into the audit of the ledger that is worked by from now on. */
async function noted(place: string, { action, target, why }: { action: string; target: string; why: string }) {
  const log = { error: ({ err }: { err?: unknown }, text: string) => console.error(`${text}: ${String(err)}`) }
  const ledger: Ledger = isPostgres(place)
    ? await (
        await import('../../store/postgres/open.js')
      ).openPostgresLedger({
        url: place,
        log,
        encryption: await encryption(),
        payloads: 'elsewhere',
      })
    : await (
        await import('../../store/sqlite/open.js')
      ).openSqliteLedger({
        file: fileOf(place),
        log,
        encryption: await encryption(),
        payloads: 'elsewhere',
      })
  try {
    await ledger.audit({ at: new Date(), who: process.env.USER ?? 'console', action, target, why })
  } finally {
    await ledger.close()
  }
}

/** A line now and then, where somebody looks on. */
function progress() {
  let last = performance.now()
  return (step: 'copied' | 'compared', table: string, rows: number, of: number): void => {
    if (performance.now() - last < progressEveryMs) return
    last = performance.now()
    console.error(`${step} ${table} ${rows} of ${of}`)
  }
}

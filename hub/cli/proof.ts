// proof — is the history the one that was written? The whole chain of hashes, and the evidence of one message.
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProofCheck } from '../../store/proof-check.js'
import { CliError, createClient } from './client.js'
import { createProgress, ofCopy } from './doctor.js'
import { revealing, withReveal, type Reveal } from './reveal.js'
import { print, when, zone } from './show.js'
import { jsonOption } from './options.js'

/** `audit` is the command that lists what people did. */
export function addProof(program: Command, audit: Command): void {
  audit
    .command('verify')
    .description(
      'verify the chain of hashes and compare every row with it 校验证据链; exit code 2 and the first altered row if ' +
        'there is one',
    )
    .option(
      '--ledger <place>',
      'this ledger or copy (a file, or postgresql://…), instead of the one of the configuration',
    )
    .option('--head <hash>', 'a head that was noted earlier; it must be in the chain')
    .option(...jsonOption)
    .action(async (_own: object, command: Command) => {
      // `audit` itself has --json too, and takes it.
      const { ledger, head, json } = command.optsWithGlobals<{ ledger?: string; head?: string; json?: boolean }>()
      const { checked, report, missing } = await verify(ledger, head)
      print({ checked, ...report, ...(missing ? { missing } : {}) }, json === true, () =>
        [
          report.faults === 0 && !missing
            ? `✓ ${checked}: ${report.links} links, ${report.facts} facts, ${report.heads} signed heads; ` +
              `nothing was altered 未发现改动`
            : `✗ ${checked}: ${report.faults} altered 发现改动`,
          ...(report.since === undefined ? [] : [`  since ${when(report.since)} ${zone}`]),
          ...(missing ? [`✗ the head ${missing} is not in this chain: it is another history 链头不在此链中`] : []),
          ...report.first.map(
            ({ what, link, detail }) => `  ${what}${link === undefined ? '' : ` (link ${link})`}: ${detail}`,
          ),
          ...(report.faults > report.first.length ? [`  and ${report.faults - report.first.length} more`] : []),
          ...(report.signed
            ? [
                `  newest signed head: link ${report.signed.link}, ${report.signed.hash}, ` +
                  `${when(report.signed.signedAt)} ${zone}`,
              ]
            : []),
          ...(report.stamped
            ? [`  newest time stamp: link ${report.stamped.link}, ${report.stamped.time}, ${report.stamped.by}`]
            : []),
        ].join('\n'),
      )
      if (report.faults > 0 || missing) process.exitCode = 2
    })

  const evidence = program
    .command('evidence')
    .argument('<message>', 'its id')
    .description('export a zip that proves the history of a message without the hub 导出证据包')
    .option('-o, --out <file>', 'the file; default: <message>.evidence.zip')
  revealing(evidence).action(
    async (messageId: string, { out = `${messageId}.evidence.zip`, ...reveal }: { out?: string } & Reveal) => {
      const path = withReveal(`/ops/messages/${encodeURIComponent(messageId)}/evidence`, reveal)
      const response = await createClient().call(path, { ops: true })
      await writeFile(out, Buffer.from(await response.arrayBuffer()), { mode: 0o600 })
      process.stdout.write(`${out}: unzip it, then node verify.mjs 解压后运行 node verify.mjs\n`)
    },
  )
}

async function verify(place: string | undefined, head: string | undefined) {
  const [{ loadConfig }, { encryptionOf }, { certificatesOf }, { verifyTimeStamp }] = await Promise.all([
    import('../config/load-config.js'),
    import('../config/encryption.js'),
    import('../../adapters/trust/time-stamp/authority.js'),
    import('../../adapters/trust/time-stamp/token.js'),
  ])
  const config = loadConfig(process.env)
  const caFile = config.proof?.timeStamp.caFile
  const trusted = caFile === undefined ? {} : { authorities: certificatesOf(readFileSync(caFile, 'utf8')) }
  const asked: ProofCheck = {
    told: createProgress(),
    head,
    encryption: encryptionOf(config),
    timeStamp: (token, of) => verifyTimeStamp(token, of, trusted),
  }
  const url = place === undefined ? config.databaseUrl : isPostgres(place) ? place : undefined
  const result =
    url === undefined ? await onSqlite(place, config.dataDir, asked) : await onPostgres(url, asked).catch(asCliError)
  process.stderr.write('\n')
  return { ...result, ...(head !== undefined && !result.report.hasHead ? { missing: head } : {}) }
}

const isPostgres = (place: string) => /^postgres(ql)?:/.test(place)

const asCliError = (error: unknown): never => {
  throw error instanceof Error && error.name.startsWith('Ledger') ? new CliError(error.message) : error
}

/** Read in one snapshot, while hubs go on. */
async function onPostgres(url: string, asked: ProofCheck) {
  const [{ proofCheck }, { withoutPassword }] = await Promise.all([
    import('../../store/postgres/proof-check.js'),
    import('../../store/postgres/server.js'),
  ])
  return { checked: withoutPassword(url), report: await proofCheck(url, asked) }
}

/** Of a hub that runs a copy is read. */
async function onSqlite(file: string | undefined, dataDir: string, asked: ProofCheck) {
  const { proofCheck } = await import('../../store/sqlite/proof-check.js')
  const own = file ?? join(dataDir, 'ledger.db')
  const check = async (ledger: string) => ({ checked: ledger, report: await proofCheck(ledger, asked) })
  return check(own).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'LedgerInUseError') || file !== undefined) throw error
    return ofCopy(own, check)
  })
}

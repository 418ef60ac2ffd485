// receipt-keys, verify — the keys that sign receipts, and whether a receipt is one that this hub signed.
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { ReceiptKeys } from '../../messages/views/index.js'
import { answerAs, CliError, clientSettings, textAs } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption } from './options.js'

/** A file that was saved with its signature is a page, not a film. */
const mostBytes = 256 << 20

export function addReceiptKeys(program: Command): void {
  const keys = program
    .command('receipt-keys')
    .description(
      'the keys that sign receipts 回执签名密钥; run it on the machine with the file that `signReceipts` names',
    )
  keys
    .command('list', { isDefault: true })
    .description('list the public keys, the current one first')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const { file, trust } = await ownKeys()
      if (!existsSync(file))
        throw new CliError(`There are no keys yet: ${file} is made when a hub with \`signReceipts\` starts. 尚无密钥。`)
      show(trust.receiptKeysIn(file), json)
    })
  keys
    .command('rotate')
    .description('make a new signing key 更换密钥; receipts signed with older keys stay valid')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const { file, trust } = await ownKeys()
      await trust.rotateReceiptKey(file)
      show(trust.receiptKeysIn(file), json)
    })

  program
    .command('verify')
    .argument('<file>', 'the receipt as the hub gave it: the file, or the body of the answer, unchanged')
    .description('verify the signature of a receipt 回执验签; exit code 2 if it is not valid')
    .option('-s, --signature <jws>', 'the signature, or a file with it; default: <file>.jws')
    .option('-k, --keys <where>', 'a file or URL with the public keys; default: <HUB_URL>/.well-known/jwks.json')
    .option(...jsonOption)
    .action(async (file: string, { signature, keys, json }: { signature?: string; keys?: string; json?: boolean }) => {
      const { verifyReceipt, ReceiptNotProved } = await import('../../adapters/trust/receipt-signatures.js')
      const bytes = await bytesOf(file)
      const jws = signature?.includes('..') ? signature : (await bytesOf(signature ?? `${file}.jws`)).toString()
      const set = await keysFrom(keys ?? `${hubUrl()}/.well-known/jwks.json`)
      const result = await verifyReceipt({ bytes, jws, keys: set.keys }).catch((error: unknown) => {
        if (!(error instanceof ReceiptNotProved)) throw error
        return error
      })
      if (result instanceof Error) {
        print({ proved: false, why: result.message }, json === true, () => `✗ ${file}: ${result.message} 验签未通过`)
        process.exitCode = 2
        return
      }
      const what = { receipt: 'a receipt of the hub 本系统回执', enclosure: "an agency's own file 主管部门原文" }
      print(
        { proved: true, as: result.as, kid: result.kid },
        json === true,
        () => `✓ ${file}: ${what[result.as]}, unchanged, signed with ${result.kid} 验签通过`,
      )
    })
}

async function ownKeys() {
  const [{ loadConfig }, { receiptKeyFile }, trust] = await Promise.all([
    import('../config/load-config.js'),
    import('../config/receipt-key-file.js'),
    import('../../adapters/trust/receipt-signatures.js'),
  ])
  return { file: receiptKeyFile(loadConfig(process.env)), trust }
}

const hubUrl = () => (clientSettings().HUB_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')

async function keysFrom(where: string): Promise<ReceiptKeys> {
  if (!/^https?:/.test(where)) return textAs(ReceiptKeys, (await bytesOf(where)).toString(), where)
  const response = await fetch(where).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new CliError(`No keys from ${where} (${cause}). Name them with --keys. 无法取得公钥。`)
  })
  if (!response.ok) throw new CliError(`No keys from ${where}: it answered ${response.status}. 无法取得公钥。`)
  return answerAs(ReceiptKeys, response)
}

async function bytesOf(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CliError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)} 无法读取文件。`,
    )
  })
  if (bytes.length > mostBytes) throw new CliError(`${file} is too large for a receipt. 文件过大。`)
  return bytes
}

function show(keys: ReceiptKeys['keys'], json = false): void {
  print({ keys }, json, () =>
    table([
      ['KEY', `SINCE ${zone}`, ''],
      ...keys.map(({ kid, iat }, n) => [
        kid,
        iat === undefined ? '' : when(new Date(iat * 1000).toISOString()),
        n === 0 ? 'signs' : 'signed before',
      ]),
    ]),
  )
}

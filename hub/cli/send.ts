// send, validate — hand files to the hub over HTTP and show what it answers.
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { Type } from 'typebox'
import type { Receipt } from '../../messages/receipt.js'
import { detectSyntax } from '../../messages/syntax.js'
import { Problem, ReceiptList } from '../../messages/views/index.js'
import { answerAs, cannotRead, CliError, createClient, sentences, type Client } from './client.js'
import { print, receiptLines } from './show.js'
import { jsonOption } from './options.js'

interface Options {
  operation?: string
  type?: string
  wait?: boolean | string
  json?: boolean
}

export function addSend(program: Command): void {
  program
    .command('send')
    .argument(
      '<file...>',
      'message files: XML, JSON, EDIFACT, flat files, or .zip with attachments; - for standard input',
    )
    .description('send messages 发送报文 and print the technical receipt of each')
    .option('-o, --operation <code>', 'catalogue code, when the content alone cannot tell (X-Operation)')
    .option('-t, --type <media type>', 'media type; by default from the file name')
    .option('-w, --wait [seconds]', 'then wait for business receipts until a final one has come (default 30 s)')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample: hub send xsd/families/dec/samples/DecMessage.xml --wait\n\nSending the same file twice is ' +
        'safe: the second time gives the first answer again.',
    )
    .action((files: string[], options: Options) => send(files, options))
  program
    .command('validate')
    .argument('<file...>')
    .description(
      'check messages 校验报文 as `send` would, and record nothing; EDIFACT is listed with its faults in place',
    )
    .option('-o, --operation <code>', 'catalogue code (X-Operation)')
    .option('-t, --type <media type>', 'media type; by default from the file name')
    .option(...jsonOption)
    .action((files: string[], options: Options) => validate(files, options))
}

async function send(files: string[], options: Options): Promise<void> {
  const client = createClient()
  const results: { file: string; status: number; receipts: Receipt[] }[] = []
  for (const file of files) {
    const { status, receipts } = await post(client, '/v1/messages', { file, bytes: readInput(file), options })
    results.push({ file, status, receipts })
    if (!options.json) process.stdout.write(`${file}: ${status}\n${receipts.map(receiptLines).join('\n')}\n`)
  }
  if (options.wait !== undefined && options.wait !== false) {
    const seconds = options.wait === true ? 30 : Number(options.wait)
    if (!(seconds > 0)) throw new CliError('--wait takes a number of seconds')
    for (const result of results)
      for (const first of [...result.receipts])
        if (first.status === 'accepted')
          result.receipts.push(...(await follow(client, first.messageId, seconds * 1000, options.json === true)))
  }
  if (options.json) print({ files: results }, true, () => '')
  if (results.some((r) => r.receipts.some((x) => ['refused', 'rejected', 'failed'].includes(x.status))))
    process.exitCode = 2
}

async function validate(files: string[], options: Options): Promise<void> {
  const client = createClient()
  const results: { file: string; status: number; receipts: Receipt[]; listing?: string }[] = []
  for (const file of files) {
    const bytes = readInput(file)
    const { status, receipts } = await post(client, '/v1/validate', { file, bytes, options })
    // EDIFACT and flat files are read best with their faults in place; a file too large for that comes back as
    // receipts, and is told by them alone.
    const listing =
      options.json !== true && ['edifact', 'flatfile'].includes(detectSyntax(bytes))
        ? await listed(client, { file, bytes, options })
        : undefined
    results.push({ file, status, receipts, ...(listing === undefined ? {} : { listing }) })
  }
  print({ files: results }, options.json === true, () =>
    results
      .map(
        (r) =>
          `${r.file}:\n${r.listing === undefined ? '' : `${r.listing}\n`}${r.receipts.map(receiptLines).join('\n')}`,
      )
      .join('\n'),
  )
  if (results.some((r) => r.receipts.some((x) => x.status === 'refused'))) process.exitCode = 2
}

/** The annotated listing of an EDIFACT or flat file. */
async function listed(client: Client, sent: Sent): Promise<string | undefined> {
  const response = await call(client, '/v1/validate', sent, 'text/plain')
  return response.headers.get('content-type')?.startsWith('text/plain') ? await response.text() : undefined
}

/** A file as it is sent. */
interface Sent {
  file: string
  bytes: Buffer
  options: Options
}

function call(client: Client, path: string, { file, bytes, options }: Sent, accept: string): Promise<Response> {
  return client.call(path, {
    method: 'POST',
    body: new Uint8Array(bytes),
    headers: {
      'content-type': options.type ?? mediaType(file),
      accept,
      ...(file === '-' ? {} : { 'x-filename': encodeURIComponent(basename(file)) }),
      ...(options.operation === undefined ? {} : { 'x-operation': options.operation }),
    },
    accept: [403, 409, 413, 415, 422],
  })
}

async function post(client: Client, path: string, sent: Sent): Promise<{ status: number; receipts: Receipt[] }> {
  const { file } = sent
  const response = await call(client, path, sent, 'application/json')
  const body = await answerAs(Type.Union([ReceiptList, Problem]), response)
  if ('code' in body) throw new CliError(`${file}: ${body.code}: ${sentences(body)}`)
  return { status: response.status, receipts: body.receipts }
}

/** Prints business receipts as they come, until the message has reached an end or the time is over. */
async function follow(client: Client, messageId: string, ms: number, quiet: boolean): Promise<Receipt[]> {
  const seen = new Map<string, Receipt>()
  const until = Date.now() + ms
  while (Date.now() < until) {
    const { receipts } = await client.read(ReceiptList, `/v1/messages/${messageId}/receipts`)
    for (const receipt of receipts) {
      if (receipt.stage !== 'business' || seen.has(receipt.receiptId)) continue
      seen.set(receipt.receiptId, receipt)
      if (!quiet) process.stdout.write(`${receiptLines(receipt)}\n`)
    }
    if ([...seen.values()].some((r) => ['released', 'rejected', 'failed'].includes(r.status))) break
    await new Promise((wake) => setTimeout(wake, 200))
  }
  return [...seen.values()]
}

/** A file, or standard input for `-`. @throws CliError when it cannot be read */
export function readInput(file: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw cannotRead(file, error)
  }
}

function mediaType(file: string): string {
  const types: Record<string, string> = {
    '.zip': 'application/zip',
    '.edi': 'application/edifact',
    '.txt': 'text/plain',
  }
  return types[extname(file).toLowerCase()] ?? 'application/xml'
}

// search, undelivered — for the operator: messages of all partners by whatever is known of them; and the receipts
// partners have not got.
import { Option, type Command } from 'commander'
import { messageStates } from '../../messages/states.js'
import { FoundMessages, MessagePage, type MessageSummary, UndeliveredList } from '../../messages/views/index.js'
import { createClient, CliError } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, nothing } from './options.js'

interface Options {
  from?: string
  to?: string
  state?: string
  partner?: string
  agency?: string
  operation?: string
  limit: string
  csv?: boolean
  json?: boolean
}

export function addSearch(program: Command): void {
  program
    .command('search')
    .argument('[text]', 'the beginning of a reference, or any complete number of the message')
    .description('search the messages of all partners, newest first 查询报文 (needs HUB_OPS_KEY)')
    .option('-f, --from <time>', 'received from this day or time on, Beijing time: 2026-11-28 or 2026-11-28T20:00')
    .option('-t, --to <time>', 'received before this time; a day is included')
    .addOption(new Option('-s, --state <state>', 'message state').choices(messageStates))
    .option('-p, --partner <id>', 'of one partner')
    .option('-a, --agency <code>', 'owed to one agency')
    .option('-o, --operation <code>', 'catalogue code, or the beginning of one')
    .option('-n, --limit <n>', 'how many at most', '50')
    .option('--csv', 'CSV, for a spreadsheet')
    .option(...jsonOption)
    .addHelpText(
      'after',
      `
Examples:
  hub search I2026                                   references that begin so
  hub search --from 2026-11-28 --state failed        what has failed since that day
  hub search -a gacc -o 2 --from 2026-11-01 --csv -n 100000 > manifests.csv`,
    )
    .action((text: string | undefined, options: Options) => search(text, options))

  program
    .command('undelivered')
    .description(
      'receipts that did not reach their partners 未送达回执: given up, or still retried (needs HUB_OPS_KEY)',
    )
    .option('-p, --partner <id>', 'of one partner')
    .option('-n, --limit <n>', 'how many at most', '100')
    .option(...jsonOption)
    .action(async ({ partner, limit, json }: { partner?: string; limit: string; json?: boolean }) => {
      const query = new URLSearchParams({ limit, ...(partner === undefined ? {} : { partnerId: partner }) })
      const body = await createClient().read(UndeliveredList, `/ops/receipts/undelivered?${query}`, { ops: true })
      print(body, json === true, () =>
        body.undelivered.length === 0
          ? nothing
          : table([
              ['RECEIPT', 'PARTNER', 'CHANNEL', 'STATE', 'TRIES', 'WHY'],
              ...body.undelivered.map((one) => [
                one.receipt.receiptId,
                one.partnerId,
                one.channel,
                one.returnState,
                String(one.returnAttempts),
                one.lastError ?? '',
              ]),
            ]),
      )
    })
}

async function search(text: string | undefined, { csv, json, limit, ...asked }: Options): Promise<void> {
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1) throw new CliError(`--limit takes a whole number, not ${limit}`)
  const client = createClient()
  const query = new URLSearchParams(
    Object.entries({
      since: moment(asked.from, '--from', 'first'),
      until: moment(asked.to, '--to', 'last'),
      state: asked.state,
      partnerId: asked.partner,
      agency: asked.agency,
      operation: asked.operation,
      referenceStart: text,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  if (csv) {
    query.set('limit', String(most))
    const response = await client.call(`/ops/messages.csv?${query}`, { ops: true })
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) process.stdout.write(chunk)
    return
  }
  const messages: MessageSummary[] = []
  let more = false
  for (
    let cursor: string | undefined, first = true;
    (first || cursor !== undefined) && messages.length < most;
    first = false
  ) {
    query.set('limit', String(Math.min(500, most - messages.length)))
    if (cursor !== undefined) query.set('cursor', cursor)
    const page = await client.read(MessagePage, `/ops/messages?${query}`, { ops: true })
    messages.push(...page.messages)
    cursor = page.cursor
    more ||= page.more === true || (cursor !== undefined && messages.length >= most)
  }
  // Nothing begins so: a bill of lading, a 报关单号, an id.
  if (messages.length === 0 && text !== undefined)
    messages.push(
      ...(await client.read(FoundMessages, `/ops/search?q=${encodeURIComponent(text)}`, { ops: true })).messages,
    )
  print({ messages, ...(more ? { more } : {}) }, json === true, () =>
    messages.length === 0
      ? 'nothing found 没有找到'
      : table([
          [`RECEIVED ${zone}`, 'MESSAGE', 'PARTNER', 'STATE', 'OPERATION', 'REFERENCE'],
          ...messages.map((m) => [
            when(m.receivedAt),
            m.messageId,
            m.partnerId,
            m.state,
            m.operation ?? '',
            m.reference,
          ]),
        ]) + (more ? '\nthere are more: narrow the search, or raise --limit 还有更多' : ''),
  )
}

/** A day or a moment by the clock in Beijing, as UTC. Of a day its beginning, or for `last` its end. */
export function moment(text: string | undefined, option: string, edge: 'first' | 'last'): string | undefined {
  if (text === undefined) return undefined
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const clock = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text)
  const withZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const at = new Date(day ? `${text}T00:00:00+08:00` : clock ? `${text.replace(' ', 'T')}+08:00` : text)
  if (!(day || clock || withZone) || Number.isNaN(at.getTime()))
    throw new CliError(`${option} takes a day or a time, such as 2026-11-28 or 2026-11-28T20:00, not ${text}`)
  // Of 30 February Date makes 2 March.
  if (new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().slice(0, 10) !== text.slice(0, 10))
    throw new CliError(`${option} takes a day or a time; there is no ${text.slice(0, 10)}`)
  return new Date(at.getTime() + (day && edge === 'last' ? 86_400_000 : 0)).toISOString()
}

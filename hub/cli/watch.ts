// tail, audit — look on as messages pass; read what people did.
import type { Command } from 'commander'
import { Type, type Static } from 'typebox'
import { AuditPage, SkippedEvents, TailEvent } from '../../messages/views/index.js'
import { createClient, textAs } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption } from './options.js'

const Passing = Type.Union([TailEvent, SkippedEvents])

type AuditOptions = { json?: boolean } & Record<'limit', string> & Partial<Record<'who' | 'action', string>>

/** @returns the command that lists what people did */
export function addWatch(program: Command): Command {
  program
    .command('tail')
    .description('show messages as they come in and go out 实时 (needs HUB_OPS_KEY); Ctrl-C ends it')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: boolean }) => {
      const client = createClient()
      const response = await client.call('/monitor/events', {
        ops: true,
        headers: { accept: 'text/event-stream' },
      })
      let text = ''
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString()
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? []
          text = text.slice(end + 2)
          if (event === 'tail' && data !== undefined)
            process.stdout.write(json ? `${data}\n` : `${passing(textAs(Passing, data, client.url))}\n`)
        }
      }
    })

  return program
    .command('audit')
    .argument('[target]', 'a submission, reply, receipt, partner or agency')
    .description('who did what and why, newest first 操作记录')
    .option('--who <operator>', 'only acts of this operator')
    .option('--action <action>', 'only acts whose names are, or begin with, this: agency, agency.pause')
    .option('-n, --limit <n>', 'how many', '100')
    .option(...jsonOption)
    .action(async (target: string | undefined, { json, ...which }: AuditOptions) => {
      const query = new URLSearchParams({ ...which, ...(target === undefined ? {} : { target }) })
      const body = await createClient().read(AuditPage, `/ops/audit?${query}`, { ops: true })
      print(body, json === true, () =>
        table([
          [`WHEN ${zone}`, 'WHO', 'DID', 'TO', 'WHY'],
          ...body.audit.map((a) => [when(a.at), a.who, a.action, a.target, a.why]),
        ]),
      )
    })
}

const passing = (e: Static<typeof Passing>) =>
  'skipped' in e
    ? `… ${e.skipped} not shown`
    : [
        when(e.at),
        e.event.padEnd(9),
        e.reference ?? e.messageId ?? '',
        e.partnerId ?? '',
        e.agency ?? '',
        e.code ?? '',
        e.detail ?? '',
      ]
        .join('  ')
        .trimEnd()

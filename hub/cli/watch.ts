// tail, audit, trace — look on as messages pass; read what people did; one message's whole way in a few lines.
import type { Command } from 'commander'
import { timeOfId } from '../../messages/ids.js'
import type { MessageView, AuditEntry } from '../../store/ledger.js'
import { CliError, createClient } from './client.js'
import { print, table } from './show.js'

interface Passing {
  at: string
  event: string
  reference?: string
  messageId?: string
  partnerId?: string
  agency?: string
  code?: string
  detail?: string
  skipped?: number
}

export function addWatch(program: Command): void {
  program
    .command('tail')
    .description('messages as they pass 实时 (needs HUB_OPS_KEY); Ctrl-C ends it')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: boolean }) => {
      const response = await createClient().call('/monitor/events', { ops: true, headers: { accept: 'text/event-stream' } })
      let text = ''
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString()
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? []
          text = text.slice(end + 2)
          if (event === 'tail' && data !== undefined) process.stdout.write(json ? `${data}\n` : `${passing(JSON.parse(data) as Passing)}\n`)
        }
      }
    })

  program
    .command('audit')
    .argument('[target]', 'a submission, reply, receipt, partner or agency')
    .description('who did what, and why 操作记录, the newest first')
    .option('-n, --limit <n>', 'how many', '100')
    .option('--json', 'print JSON')
    .action(async (target: string | undefined, { limit, json }: { limit: string; json?: boolean }) => {
      const query = new URLSearchParams({ limit, ...(target === undefined ? {} : { target }) })
      const body = (await (await createClient().call(`/ops/audit?${query}`, { ops: true })).json()) as { audit: (Omit<AuditEntry, 'at'> & { at: string })[] }
      print(body, json === true, () => table([['WHEN', 'WHO', 'DID', 'TO', 'WHY'], ...body.audit.map((a) => [a.at, a.who, a.action, a.target, a.why])]))
    })

  program
    .command('trace')
    .argument('<number>', 'an id, a reference, a bill of lading, 报关单号, 统一编号 …')
    .description('one message’s whole way 全程, found by any of its numbers (needs HUB_OPS_KEY)')
    .option('--json', 'print JSON')
    .action(async (number: string, { json }: { json?: boolean }) => {
      const client = createClient()
      const { messages } = (await (await client.call(`/ops/search?q=${encodeURIComponent(number)}`, { ops: true })).json()) as { messages: { messageId: string }[] }
      if (messages.length === 0) throw new CliError(`nothing is known of ${number}`)
      for (const { messageId } of messages) {
        const view = (await (await client.call(`/ops/messages/${messageId}`, { ops: true })).json()) as MessageView
        print(view, json === true, () => way(view))
      }
    })
}

const passing = (e: Passing) => (e.skipped ? `… ${e.skipped} not shown` : [e.at, e.event.padEnd(9), e.reference ?? e.messageId ?? '', e.partnerId ?? '', e.agency ?? '', e.code ?? '', e.detail ?? ''].join('  ').trimEnd())

/** Everything that happened, in the order in which the hub came to know it. */
function way(view: MessageView): string {
  const attempts = view.submissions.flatMap(({ agency, attempts: all }) => all.map((a) => ({ at: a.endedAt ?? a.startedAt, text: `attempt ${a.attempt} → ${agency}: ${a.outcome ?? 'under way'} ${[a.code, a.detail].filter(Boolean).join(' ')}` })))
  const receipts = view.receipts.map(({ receipt: r, returnState }) => ({ at: new Date(timeOfId(r.receiptId)).toISOString(), text: `${r.stage} receipt ${r.status} ${r.code} ${r.text.zh} (${returnState})` }))
  const gone = view.letGo ? [{ at: view.letGo.at, text: view.letGo.archive === undefined ? 'bytes deleted: beyond their days' : `bytes in the archive: ${view.letGo.archive}` }] : []
  const steps = [{ at: view.receivedAt, text: `received over ${view.channel} from ${view.partnerId}` }, ...attempts, ...receipts, ...gone].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  const awaited = view.submissions.flatMap((s) => (s.awaited ? [`  ${s.agency}: an answer is awaited by ${s.awaited.by}${s.awaited.overdue ? ' — it is late' : ''}`] : []))
  return [`${view.reference}  ${view.state}  ${view.documentType ?? ''} ${view.operation ?? ''}  ${view.messageId}`, ...steps.map(({ at, text }) => `  ${at}  ${text}`), ...awaited].join('\n')
}

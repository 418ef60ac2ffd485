// receipts, messages — read the mailbox, and find one's own messages.
import type { Command } from 'commander'
import type { Receipt } from '../../messages/receipt.js'
import { createClient } from './client.js'
import { print, receiptLines, table } from './show.js'

interface MessageRow {
  messageId: string
  reference: string
  operation?: string
  state: string
  receivedAt: string
}

export function addMessages(program: Command): void {
  program
    .command('receipts')
    .description('read what waits in the mailbox 收取回执 and acknowledge it')
    .option('-w, --wait <seconds>', 'wait for the first one, at most this long', '0')
    .option('-m, --message <id>', 'instead, every receipt of one message, acknowledged or not')
    .option('--keep', 'do not acknowledge')
    .option('--json', 'print JSON')
    .action(
      async ({ wait, message, keep, json }: { wait: string; message?: string; keep?: boolean; json?: boolean }) => {
        const client = createClient()
        const path =
          message === undefined
            ? `/v1/receipts?limit=100&wait=${Math.min(60, Number(wait) || 0)}`
            : `/v1/messages/${encodeURIComponent(message)}/receipts`
        const { receipts } = (await (await client.call(path)).json()) as { receipts: Receipt[] }
        print({ receipts }, json === true, () =>
          receipts.length === 0 ? 'nothing waits 没有待取回执' : receipts.map(receiptLines).join('\n'),
        )
        if (keep || message !== undefined) return
        for (const { receiptId } of receipts) await client.call(`/v1/receipts/${receiptId}/ack`, { method: 'POST' })
      },
    )
  program
    .command('messages')
    .description('search your own messages, newest first')
    .option('-r, --reference <reference>')
    .option('-o, --operation <code>')
    .option('-s, --state <state>')
    .option('-n, --limit <n>', 'how many', '20')
    .option('--json', 'print JSON')
    .action(async ({ json, ...query }: { json?: boolean } & Record<string, string>) => {
      const body = (await (await createClient().call(`/v1/messages?${new URLSearchParams(query)}`)).json()) as {
        messages: MessageRow[]
      }
      print(body, json === true, () =>
        table([
          ['MESSAGE', 'STATE', 'OPERATION', 'RECEIVED', 'REFERENCE'],
          ...body.messages.map((m) => [m.messageId, m.state, m.operation ?? '', m.receivedAt, m.reference]),
        ]),
      )
    })
}

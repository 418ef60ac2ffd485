// receipts, messages — read the mailbox, and find one's own messages.
import { Option, type Command } from 'commander'
import type { Receipt } from '../../messages/receipt.js'
import { messageStates } from '../../messages/states.js'
import { MessagePage, ReceiptList } from '../../messages/views/index.js'
import { createClient, type Client } from './client.js'
import { saveAttachments } from './save-attachments.js'
import { print, receiptLines, table, when, zone } from './show.js'
import { jsonOption } from './options.js'

interface ReceiptsOptions {
  wait: string
  message?: string
  keep?: boolean
  attachments?: string
  json?: boolean
}

export function addMessages(program: Command): void {
  program
    .command('receipts')
    .description('read the receipts in the mailbox and acknowledge them 收取回执')
    .option('-w, --wait <seconds>', 'wait up to this long for the first receipt', '0')
    .option('-m, --message <id>', 'every receipt of this message, acknowledged or not, instead')
    .option('--keep', 'do not acknowledge')
    .option('-a, --attachments <dir>', 'write the files that came with them into this directory 保存附件')
    .option(...jsonOption)
    .action(async ({ wait, message, keep, attachments, json }: ReceiptsOptions) => {
      const client = createClient()
      const path =
        message === undefined
          ? `/v1/receipts?limit=100&wait=${Math.min(60, Number(wait) || 0)}`
          : `/v1/messages/${encodeURIComponent(message)}/receipts`
      const { receipts } = await client.read(ReceiptList, path)
      const acknowledges = !keep && message === undefined
      const taken: string[] = []
      // Its files are on disk before it leaves the mailbox.
      const take = async (receipt: Receipt) => {
        if (attachments !== undefined)
          for (const file of await saveAttachments(client, receipt, attachments))
            if (!json) await written(`  saved      ${file}`)
        taken.push(receipt.receiptId)
      }
      try {
        if (json || receipts.length === 0)
          await written(json ? JSON.stringify({ receipts }, null, 2) : 'nothing waits 没有待取回执')
        // One after the other: what a closed pipe (`| head`) did not take stays in the mailbox.
        for (const receipt of receipts) {
          if (!json) await written(receiptLines(receipt))
          await take(receipt)
        }
      } finally {
        if (acknowledges && taken.length > 0) await acknowledge(client, taken)
      }
    })
  program
    .command('messages')
    .description('search your own messages, newest first')
    .option('-r, --reference <reference>', 'with this reference')
    .option('-o, --operation <code>', 'catalogue code, or the beginning of one')
    .addOption(new Option('-s, --state <state>', 'message state').choices(messageStates))
    .option('-n, --limit <n>', 'how many at most', '20')
    .option(...jsonOption)
    .action(async ({ json, ...query }: { json?: boolean } & Record<string, string>) => {
      const body = await createClient().read(MessagePage, `/v1/messages?${new URLSearchParams(query)}`)
      print(body, json === true, () =>
        table([
          ['MESSAGE', 'STATE', 'OPERATION', `RECEIVED ${zone}`, 'REFERENCE'],
          ...body.messages.map((m) => [m.messageId, m.state, m.operation ?? '', when(m.receivedAt), m.reference]),
        ]),
      )
    })
}

/** Resolves when the reader has taken it, or the system for him. A closed pipe ends the program (main.ts). */
const written = (text: string) =>
  new Promise<void>((resolve, reject) =>
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve())),
  )

/** In one call: what was read leaves the mailbox. */
async function acknowledge(client: Client, receipts: string[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await client.call('/v1/receipts/ack', { method: 'POST', headers, body: JSON.stringify({ receipts }) })
}

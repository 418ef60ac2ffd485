// webhook — webhooks 回调: receipts posted to the partner's own URL, signed.
import type { Command } from 'commander'
import { WebhookRemoved, WebhookSet } from '../../../messages/views/index.js'
import { answerAs, CliError, createClient } from '../client.js'
import { jsonOption } from '../options.js'
import { print, when, zone } from '../show.js'

export function addWebhook(partner: Command): void {
  partner
    .command('webhook')
    .argument('<id>')
    .argument('[url]', 'https://… ; give the same URL to enable a disabled webhook')
    .description('send its receipts to this URL; prints the secret that signs the calls')
    .option('--stages <stages...>', 'which receipts go there: technical, business, notice', ['business', 'notice'])
    .option('--new-secret', 'make a new secret; the old one stays valid for a day')
    .option('--overlap <hours>', 'with --new-secret: hours for which the old one stays valid, 0 to 168', '24')
    .option('--remove', 'remove the webhook')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        url: string | undefined,
        {
          stages,
          newSecret = false,
          overlap,
          remove,
          json,
        }: { stages: string[]; newSecret?: boolean; overlap: string; remove?: boolean; json?: boolean },
      ) => {
        const client = createClient()
        const path = `/ops/partners/${encodeURIComponent(partnerId)}`
        if (remove)
          return print(
            await answerAs(WebhookRemoved, await client.call(`${path}/webhook`, { ops: true, method: 'DELETE' })),
            json === true,
            () => `${partnerId} has no webhook any more; its receipts wait in the mailbox`,
          )
        if (url === undefined) throw new CliError('name the URL, or --remove')
        const set = await client.act(WebhookSet, `${path}/webhook`, {
          ...{ url, newSecret, stages },
          ...(newSecret ? { overlapHours: Number(overlap) } : {}),
        })
        print(
          set,
          json === true,
          () =>
            `receipts of ${partnerId} (${stages.join(', ')}) go to ${url}\n` +
            `secret for X-Hub-Signature: ${set.secret}\n` +
            `the same for libraries of Standard Webhooks: ${set.standardSecret}` +
            (set.previousUntil === undefined
              ? ''
              : `\nthe old secret holds too, until ${when(set.previousUntil)} ${zone}`),
        )
      },
    )
}

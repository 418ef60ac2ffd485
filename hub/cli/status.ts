// status — is everything flowing? Counts by agency and what needs a person.
import type { Command } from 'commander'
import { createClient } from './client.js'
import { print, table } from './show.js'

interface Status {
  messages: number
  refused: number
  receiptsOwed: number
  orphans: number
  overdue: number
  agencies: { agency: string; queued: number; held: number; submitting: number; submitted: number; unclear: number; dead: number; oldestQueuedAt?: string }[]
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what waits where 运行状态 (needs HUB_OPS_KEY)')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const status = (await (await createClient().call('/ops/status', { ops: true })).json()) as Status
      print(status, json === true, () =>
        [
          `${status.messages} messages, ${status.refused} refused, ${status.receiptsOwed} receipts still to return, ${status.orphans} orphan replies, ${status.overdue} answers late`,
          table([
            ['AGENCY', 'QUEUED', 'HELD', 'SUBMITTING', 'SUBMITTED', 'UNCLEAR', 'DEAD', 'OLDEST'],
            ...status.agencies.map((a) => [a.agency, String(a.queued), String(a.held), String(a.submitting), String(a.submitted), String(a.unclear), String(a.dead), a.oldestQueuedAt ?? '']),
          ]),
        ].join('\n'),
      )
    })
}

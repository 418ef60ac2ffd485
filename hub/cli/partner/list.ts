// list — `hub partner list`: all partners, each with its rights and limits.
import type { Command } from 'commander'
import { PartnerList } from '../../../messages/views/index.js'
import { createClient } from '../client.js'
import { jsonOption } from '../options.js'
import { print, table } from '../show.js'
import { rateOf } from './rate.js'

export function addList(partner: Command): void {
  partner
    .command('list')
    .description('list all partners')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const body = await createClient().read(PartnerList, '/ops/partners', { ops: true })
      print(body, json === true, () =>
        table([
          ['PARTNER', 'RIGHTS', 'RECEIPTS', 'RATE 限速', 'SSH KEYS', 'NAME'],
          ...body.partners.map((p) => [
            p.partnerId + (p.disabled ? ' (disabled)' : ''),
            p.settings.rights.join(' '),
            p.settings.receipts,
            rateOf(p.settings.rate),
            String(p.sshKeys.length),
            p.name,
          ]),
        ]),
      )
    })
}

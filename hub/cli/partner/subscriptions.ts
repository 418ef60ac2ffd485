// subscriptions — notices 通知: what a partner is told of when an agency speaks first.
import type { Command } from 'commander'
import { SubscriptionList } from '../../../messages/views/index.js'
import { answerAs, CliError, createClient } from '../client.js'
import { jsonOption, whyOption } from '../options.js'
import { print, table } from '../show.js'
import { grantFilings, type GrantOptions } from './grants.js'

export function addSubscriptions(partner: Command): void {
  const path = (partnerId: string) => `/ops/partners/${encodeURIComponent(partnerId)}/subscriptions`
  const show = async (response: Response, json: boolean) => {
    const body = await answerAs(SubscriptionList, response)
    print(body, json, () =>
      table([
        ['OPERATION', 'ABOUT', 'CHANNEL', 'GRANTED 授权'],
        ...body.subscriptions.map((s) => [
          s.operation,
          s.reference ?? 'everything',
          s.channel,
          s.granted ? 'yes' : 'no: only notices that name its company',
        ]),
      ]),
    )
  }
  partner
    .command('subscriptions')
    .argument('<id>')
    .description('its subscriptions to notices, and which of them an operator has granted')
    .option(...jsonOption)
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      show(await createClient().call(path(partnerId), { ops: true }), json === true),
    )
  partner
    .command('subscribe')
    .argument('<id>')
    .argument('<operation>', 'catalogue code of a notice, or a prefix of it, e.g. 18.2.1')
    .description(
      'subscribe it to notices 订阅通知; without --reference: all notices of the operation, also those about other ' +
        'companies',
    )
    .option('-r, --reference <number>', 'only those that name this number')
    .option('-c, --channel <channel>', 'http, sftp or sftp-poll', 'http')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        operation: string,
        { reference, channel, json }: { reference?: string; channel: string; json?: boolean },
      ) =>
        show(
          await createClient().post(path(partnerId), { operation, channel, ...(reference ? { reference } : {}) }),
          json === true,
        ),
    )
  partner
    .command('grant')
    .argument('<id>')
    .argument(
      '[operation]',
      'as `hub partner subscriptions` shows it; with --to: an operation code, or the beginning of one',
    )
    .description(
      'with --to: let another partner see its filings in queries 授权查询; else: grant a subscription that it made 授权订阅',
    )
    .option('-t, --to <partner>', 'the partner that may see its filings; with --to-file: that may file for it')
    .option('--to-file', 'with --to: that partner may file in the name of its companies 授权代理申报')
    .option('-u, --until <date>', 'with --to: the last day, such as 2027-06-30, or a moment')
    .option('--company <code>', 'with --to: only filings that name this company')
    .option('-r, --reference <number>', 'as `hub partner subscriptions` shows it')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (partnerId: string, operation: string | undefined, options: GrantOptions) => {
      const { reference, why, json } = options
      if (options.to !== undefined) return grantFilings(partnerId, operation, options)
      if (operation === undefined) throw new CliError('name the operation of the subscription, or --to <partner>')
      return show(
        await createClient().post(`${path(partnerId)}/grant`, {
          operation,
          ...(reference ? { reference } : {}),
          ...(why ? { why } : {}),
        }),
        json === true,
      )
    })
  partner
    .command('unsubscribe')
    .argument('<id>')
    .argument('<operation>')
    .description('end a subscription 取消订阅')
    .option('-r, --reference <number>')
    .option(...jsonOption)
    .action(async (partnerId: string, operation: string, { reference, json }: { reference?: string; json?: boolean }) =>
      show(
        await createClient().call(
          `${path(partnerId)}?${new URLSearchParams({ operation, ...(reference ? { reference } : {}) })}`,
          { ops: true, method: 'DELETE' },
        ),
        json === true,
      ),
    )
}

// partner-grants — who may see what a partner filed: list it, give it, take it back.
import type { Command } from 'commander'
import { GrantsOfOwner } from '../../messages/views/index.js'
import { answerAs, CliError, createClient } from './client.js'
import { print, table } from './show.js'

export interface GrantOptions {
  to?: string
  until?: string
  company?: string
  reference?: string
  why?: string
  json?: boolean
}

const path = (partnerId: string) => `/ops/partners/${encodeURIComponent(partnerId)}/grants`

export function addGrants(partner: Command): void {
  partner
    .command('grants')
    .argument('<id>')
    .description('who sees its filings in queries, whose it sees, and who has looked 查询授权')
    .option('--json', 'print JSON')
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      show(await createClient().call(path(partnerId), { ops: true }), json === true),
    )
}

export async function grantFilings(
  partnerId: string,
  operation: string | undefined,
  { to, until, company, why, json }: GrantOptions,
): Promise<void> {
  if (until === undefined) throw new CliError('a grant ends: --until <date>, such as 2027-06-30')
  const response = await createClient().call(path(partnerId), {
    ops: true,
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ partner: to, operation, company, until, why }),
  })
  await show(response, json === true)
}

export async function revokeFilings(
  partnerId: string,
  operation: string | undefined,
  { to, company, why, json }: GrantOptions,
): Promise<void> {
  const which = Object.entries({ partner: to, operation, company, why }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  const response = await createClient().call(`${path(partnerId)}?${new URLSearchParams(which)}`, {
    ops: true,
    method: 'DELETE',
  })
  await show(response, json === true)
}

async function show(response: Response, json: boolean): Promise<void> {
  const { given, received, uses } = await answerAs(GrantsOfOwner, response)
  print({ given, received, uses }, json, () =>
    [
      table([
        ['SEEN BY 被授权企业', 'OPERATION', 'COMPANY', 'UNTIL'],
        ...given.map((one) => [
          one.partner,
          one.operation ?? 'all',
          one.company ?? 'all',
          `${one.until}${one.expired ? ' (expired 已过期)' : ''}`,
        ]),
      ]),
      '',
      table([
        ['SEES 授权企业', 'OPERATION', 'COMPANY', 'UNTIL'],
        ...received.map((one) => [one.owner, one.operation ?? 'all', one.company ?? 'all', one.until]),
      ]),
      '',
      table([
        ['SEEN AT', 'BY', 'QUERY', 'ROWS'],
        ...uses.map((one) => [one.at, one.partner, one.operation, String(one.rows)]),
      ]),
    ].join('\n'),
  )
}

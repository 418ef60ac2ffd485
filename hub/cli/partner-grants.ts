// partner-grants — who may see what a partner filed: list it, give it, take it back.
import type { Command } from 'commander'
import { AgentList, GrantsOfOwner } from '../../messages/views/index.js'
import { answerAs, CliError, createClient } from './client.js'
import { print, table } from './show.js'

export interface GrantOptions {
  to?: string
  until?: string
  company?: string
  reference?: string
  why?: string
  /** To file, not to see. */
  toFile?: boolean
  json?: boolean
}

const path = (partnerId: string, toFile = false) =>
  `/ops/partners/${encodeURIComponent(partnerId)}/${toFile ? 'agents' : 'grants'}`

export function addGrants(partner: Command): void {
  partner
    .command('grants')
    .argument('<id>')
    .description('who sees its filings in queries, whose it sees, and who has looked 查询授权')
    .option('--json', 'print JSON')
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      show(await createClient().call(path(partnerId), { ops: true }), json === true),
    )
  partner
    .command('agents')
    .argument('<id>')
    .description('who may file in its name, and for whom it may file 代理申报授权')
    .option('--json', 'print JSON')
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      showAgents(await createClient().call(path(partnerId, true), { ops: true }), json === true),
    )
}

export async function grantFilings(
  partnerId: string,
  operation: string | undefined,
  { to, until, company, why, toFile, json }: GrantOptions,
): Promise<void> {
  if (until === undefined) throw new CliError('a grant ends: --until <date>, such as 2027-06-30')
  const response = await createClient().call(path(partnerId, toFile), {
    ops: true,
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ partner: to, operation, company, until, why }),
  })
  await (toFile ? showAgents : show)(response, json === true)
}

export async function revokeFilings(
  partnerId: string,
  operation: string | undefined,
  { to, company, why, toFile, json }: GrantOptions,
): Promise<void> {
  const which = Object.entries({ partner: to, operation, company, why }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  const response = await createClient().call(`${path(partnerId, toFile)}?${new URLSearchParams(which)}`, {
    ops: true,
    method: 'DELETE',
  })
  await (toFile ? showAgents : show)(response, json === true)
}

async function showAgents(response: Response, json: boolean): Promise<void> {
  const { given, received } = await answerAs(AgentList, response)
  print({ given, received }, json, () =>
    [
      table([
        ['FILES FOR IT 代理企业', 'OPERATION', 'COMPANY', 'UNTIL'],
        ...given.map((one) => [
          one.partner,
          one.operation ?? 'all',
          one.company ?? 'all',
          `${one.until}${one.expired ? ' (expired 已过期)' : ''}`,
        ]),
      ]),
      '',
      table([
        ['IT FILES FOR 委托企业', 'OPERATION', 'COMPANY', 'UNTIL'],
        ...received.map((one) => [one.owner, one.operation ?? 'all', one.company ?? 'all', one.until]),
      ]),
    ].join('\n'),
  )
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

// grants — who may see what a partner filed: list it, give it, take it back.
import type { Command } from 'commander'
import { AgentList, GrantsOfOwner } from '../../../messages/views/index.js'
import { answerAs, CliError, createClient } from '../client.js'
import { print, table, when, zone } from '../show.js'
import { jsonOption } from '../options.js'

/** Options of `grant` and `revoke` that grants of both kinds have. */
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
    .description('who may see its filings in queries, whose filings it may see, and who has looked 查询授权')
    .option(...jsonOption)
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      show(await createClient().call(path(partnerId), { ops: true }), json === true),
    )
  partner
    .command('agents')
    .argument('<id>')
    .description('who may file for it, and for whom it may file 代理申报授权')
    .option(...jsonOption)
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      showAgents(await createClient().call(path(partnerId, true), { ops: true }), json === true),
    )
}

/** `hub partner grant`, where filings are shown or made for another. @throws CliError without an end */
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

/** `hub partner revoke`, for the same. */
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

/** Somebody, and what is granted to or by them. */
interface Scope {
  operation?: string
  company?: string
  until: string
  expired?: boolean
}
const scopeOf = (who: string, { operation = 'all', company = 'all', until, expired = false }: Scope) => [
  ...[who, operation, company],
  `${when(until)}${expired ? ' (expired 已过期)' : ''}`,
]
const givenTo = (one: Scope & { partner: string }) => scopeOf(one.partner, one)
const receivedFrom = (one: Scope & { owner: string }) => scopeOf(one.owner, one)
const scopes = (who: string, rows: string[][]) => table([[who, 'OPERATION', 'COMPANY', `UNTIL ${zone}`], ...rows])

async function showAgents(response: Response, json: boolean): Promise<void> {
  const { given, received, uses } = await answerAs(AgentList, response)
  print({ given, received, uses }, json, () =>
    [
      scopes('FILES FOR IT 代理企业', given.map(givenTo)),
      '',
      scopes('IT FILES FOR 委托企业', received.map(receivedFrom)),
      '',
      table([
        ['FILED BY 申报', 'FOR', 'OPERATION', 'COMPANY', 'FILINGS', `FIRST ${zone}`, `LAST ${zone}`],
        ...uses.map(({ partner, owner, operation = 'all', company = 'all', filings, firstAt, lastAt }) => [
          ...[partner, owner, operation, company, String(filings)],
          ...[when(firstAt), when(lastAt)],
        ]),
      ]),
    ].join('\n'),
  )
}

async function show(response: Response, json: boolean): Promise<void> {
  const { given, received, uses } = await answerAs(GrantsOfOwner, response)
  print({ given, received, uses }, json, () =>
    [
      scopes('SEEN BY 被授权企业', given.map(givenTo)),
      '',
      scopes('SEES 授权企业', received.map(receivedFrom)),
      '',
      table([
        [`SEEN ${zone}`, 'BY', 'QUERY', 'ROWS'],
        ...uses.map((one) => [when(one.at), one.partner, one.operation, String(one.rows)]),
      ]),
    ].join('\n'),
  )
}

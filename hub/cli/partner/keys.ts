// keys — a partner's keys and passwords: list them, make one, take one back; shut a partner out, and let it in again.
import type { Command } from 'commander'
import { KeyList, KeyRevoked, NewKey, PartnerView } from '../../../messages/views/index.js'
import { answerAs, CliError, createClient } from '../client.js'
import { revokeFilings, type GrantOptions } from './grants.js'
import { moment, print, table, when, zone } from '../show.js'
import { jsonOption, whyOption } from '../options.js'

const path = (partnerId: string, more = '') => `/ops/partners/${encodeURIComponent(partnerId)}${more}`

export function addKeys(partner: Command): void {
  partner
    .command('keys')
    .argument('<id>')
    .description('list its keys, passwords and SSH keys 密钥: label, age, last use; never the secret')
    .option(...jsonOption)
    .action(async (partnerId: string, { json }: { json?: boolean }) => {
      const body = await createClient().read(KeyList, path(partnerId, '/keys'), { ops: true })
      print(body, json === true, () =>
        table([
          ['ID', 'KIND', 'FOR', `CREATED ${zone}`, 'LAST USED', 'EXPIRES'],
          ...body.keys.map((key) => [
            key.id,
            key.kind,
            key.label,
            when(key.createdAt),
            when(key.lastUsedAt),
            key.expiresAt === undefined ? '' : `${when(key.expiresAt)}${key.expired ? ' (expired)' : ''}`,
          ]),
        ]),
      )
    })
  partner
    .command('key')
    .argument('<id>')
    .description('add a new key; it is printed once, and only its hash is stored')
    .option('--sftp', 'a password for the SFTP door instead of an HTTP key')
    .option('--oauth', 'a client secret for /oauth2/token instead of an HTTP key; its id is the client id')
    .option('--expires <when>', 'when it expires: a time (2027-01-31T00:00:00Z), or days from now (90)')
    .option('--label <text>', 'what it is for; shown by `hub partner keys`', 'hub partner key')
    .option(...whyOption)
    .option(...jsonOption)
    .action(
      (
        partnerId: string,
        {
          sftp,
          oauth,
          expires,
          label,
          why,
          json,
        }: { sftp?: boolean; oauth?: boolean; expires?: string; label: string; why?: string; json?: boolean },
      ) => newKey(partnerId, { kind: sftp ? 'sftp' : oauth ? 'oauth' : 'http', label, expires, why }, json === true),
    )
  partner
    .command('revoke')
    .argument('<id>')
    .argument('[what]', 'the id of a key, as `hub partner keys` shows it; with --to: the operation of a grant')
    .description('revoke a key at once 撤销; with --to: revoke a grant')
    .option('-t, --to <partner>', 'the partner whose grant is revoked')
    .option('--to-file', 'with --to: revoke the right to file for it 撤销代理授权')
    .option('--company <code>', 'with --to: only the grants for this company')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (partnerId: string, key: string | undefined, options: GrantOptions) => {
      const { why, json } = options
      if (options.to !== undefined) return revokeFilings(partnerId, key, options)
      if (key === undefined) throw new CliError('name the key, or --to <partner>')
      const query = why === undefined ? '' : `?${new URLSearchParams({ why })}`
      const response = await createClient().call(path(partnerId, `/keys/${encodeURIComponent(key)}${query}`), {
        ops: true,
        method: 'DELETE',
      })
      print(
        await answerAs(KeyRevoked, response),
        json === true,
        () => `${key} of ${partnerId} opens nothing any more 已撤销`,
      )
    })
  for (const [verb, description, done] of [
    ['disable', 'disable it at once 停用: its connections end; its settings and keys are kept', 'is shut out 已停用'],
    ['enable', 'enable it again 启用', 'may come in again 已启用'],
  ] as const)
    partner
      .command(verb)
      .argument('<id>')
      .description(description)
      .option(...whyOption)
      .option(...jsonOption)
      .action(async (partnerId: string, { why, json }: { why?: string; json?: boolean }) => {
        const body = why === undefined ? {} : { why }
        const changed = await createClient().act(PartnerView, path(partnerId, `/${verb}`), body)
        print(changed, json === true, () => `${partnerId} ${done}`)
      })
}

/** Makes a key and prints it, this once. */
export async function newKey(
  partnerId: string,
  {
    kind,
    label,
    expires,
    why,
  }: { kind: NewKey['kind']; label: string; expires?: string | undefined; why?: string | undefined },
  json: boolean,
): Promise<void> {
  const made = await createClient().act(NewKey, path(partnerId, '/keys'), {
    kind,
    label,
    ...(expires === undefined ? {} : { expiresAt: moment(expires) }),
    ...(why === undefined ? {} : { why }),
  })
  print(made, json, () => {
    const name = { http: 'HUB_KEY', sftp: 'SFTP password', oauth: 'client_secret' }[kind]
    const until = made.expiresAt === undefined ? '' : `, until ${when(made.expiresAt)} ${zone}`
    const id = kind === 'oauth' ? `client_id ${made.id}` : made.id
    return `${name} of ${partnerId}, ${id}${until} (shown once 仅显示一次):\n${made.secret}`
  })
}

// operator, approvals — the people who work at the hub, and acts that wait for a second one.
import type { Command } from 'commander'
import type { Static } from 'typebox'
import {
  ApprovedAct,
  InvitedOperator,
  OperatorKey,
  OperatorList,
  OperatorView,
  PasswordChanged,
  SessionList,
  WaitingActList,
  WaitingActView,
  type WaitingActView as WaitingAct,
} from '../../messages/views/index.js'
import type { OperatorView as Account } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { createSecretInput } from './secret-input.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

interface Options {
  role?: string
  agencies?: string[]
  why?: string
  json?: boolean
  all?: boolean
}

const at = (name: string, verb: string) => `/ops/operators/${encodeURIComponent(name)}/${verb}`
const because = ({ why }: Options) => (why === undefined ? {} : { why })

export function addOperator(program: Command): void {
  const operator = program
    .command('operator')
    .description('operator accounts 运维账号 (needs the HUB_OPS_KEY of an admin)')

  operator
    .command('list', { isDefault: true })
    .description('list the accounts, their roles, and how they sign in')
    .option(...jsonOption)
    .action(async ({ json }: Options) => {
      const listed = await createClient().read(OperatorList, '/ops/operators', { ops: true })
      print(listed, json === true, () => table([heads, ...listed.operators.map(row)]))
    })
  operator
    .command('add')
    .argument('<name>', 'the name in the audit')
    .description('add an account; prints a link for the person to choose a password')
    .option('-r, --role <role>', 'viewer, auditor, operator or admin', 'viewer')
    .option('-a, --agencies <code...>', 'only these agencies')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, { role, agencies, ...more }: Options) =>
      invited(
        await createClient().act(InvitedOperator, '/ops/operators', { name, role, agencies, ...because(more) }),
        more,
      ),
    )
  operator
    .command('role')
    .argument('<name>')
    .argument('<role>', 'viewer, auditor, operator or admin')
    .description('change the role, from the next call on')
    .option('-a, --agencies <code...>', 'only these agencies; default: all')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, role: string, { agencies, ...more }: Options) =>
      shown(await createClient().act(OperatorView, at(name, 'role'), { role, agencies, ...because(more) }), more),
    )
  for (const [verb, description] of [
    ['disable', 'disable an account 停用: its keys, password and sessions stop working'],
    ['enable', 'enable an account again 启用'],
    ['sign-out', 'end all its sessions; one: `hub operator end-session`'],
  ] as const)
    operator
      .command(verb)
      .argument('<name>')
      .description(description)
      .option(...whyOption)
      .option(...jsonOption)
      .action(async (name: string, options: Options) =>
        shown(await createClient().act(OperatorView, at(name, verb), because(options)), options),
      )
  operator
    .command('reset')
    .argument('<name>')
    .description('remove its password, device, key and sessions; prints a new link')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, options: Options) =>
      invited(await createClient().act(InvitedOperator, at(name, 'reset'), because(options)), options),
    )
  operator
    .command('sessions')
    .argument('[name]', 'another account; for admins')
    .description('where an account is signed in on the monitor: one’s own 会话')
    .option(...jsonOption)
    .action(async (name: string | undefined, { json }: Options) =>
      sessionsShown(await createClient().read(SessionList, sessionsOf(name), { ops: true }), json),
    )
  operator
    .command('end-session')
    .argument('<id>', 'of `hub operator sessions`')
    .argument('[name]', 'of another account; for admins')
    .description('end one session')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (id: string, name: string | undefined, { json, ...more }: Options) => {
      const query = name === undefined || more.why === undefined ? '' : `?${new URLSearchParams({ why: more.why })}`
      const path = `${sessionsOf(name)}/${encodeURIComponent(id)}${query}`
      sessionsShown(await createClient().read(SessionList, path, { ops: true, method: 'DELETE' }), json)
    })
  operator
    .command('password')
    .description(
      'change your own password 修改自己的密码: the command asks for the old and the new one, or reads two lines',
    )
    .option(...jsonOption)
    .action((options: Options) => changePassword(options))
  operator
    .command('key')
    .argument('<name>')
    .description('make a key for its command line; it replaces the one before and is shown once')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, options: Options) => {
      const made = await createClient().act(OperatorKey, at(name, 'key'), because(options))
      print(made, options.json === true, () => `HUB_OPS_KEY='${made.secret}'   (it is not shown again 仅显示一次)`)
    })
}

/** Nobody's password stands in the process list: it is typed, or read from standard input. */
async function changePassword({ json }: Options): Promise<void> {
  const input = createSecretInput()
  try {
    const old = await input.ask('Password now 原密码: ')
    const password = await input.ask('New password 新密码: ')
    if (input.typed && (await input.ask('Once more 再次输入: ')) !== password)
      throw new CliError('The two are not the same; nothing was changed. 两次输入不一致，未修改。')
    const done = await createClient().act(PasswordChanged, '/ops/me/password', { old, password })
    print(done, json === true, () => `${done.name}: changed; all sessions have ended 密码已修改，所有会话已结束`)
  } finally {
    input.close()
  }
}

export function addApprovals(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('acts that wait for a second person 待复核操作 (needs HUB_OPS_KEY)')
  approvals
    .command('list', { isDefault: true })
    .description('list the acts that wait; `--all`: also the decided ones')
    .option('--all', 'also decided and expired acts')
    .option(...jsonOption)
    .action(async ({ all, json }: Options) => {
      const path = `/ops/approvals?open=${String(all !== true)}`
      const listed = await createClient().read(WaitingActList, path, { ops: true })
      print(listed, json === true, () =>
        listed.approvals.length === 0
          ? 'Nothing waits. 没有待复核的操作。'
          : table([actHeads, ...listed.approvals.map(actRow)]),
      )
    })
  approvals
    .command('approve')
    .argument('<id>')
    .description('approve: the act is done now; nobody approves an act of their own')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (id: string, options: Options) => {
      const path = `/ops/approvals/${encodeURIComponent(id)}/approve`
      const approved = await createClient().act(ApprovedAct, path, because(options))
      print(approved, options.json === true, () => `${table([actHeads, actRow(approved)])}\n${approved.answer}`)
    })
  approvals
    .command('decline')
    .argument('<id>')
    .description('decline: the act is not done; with this you also withdraw your own')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (id: string, options: Options) => {
      const path = `/ops/approvals/${encodeURIComponent(id)}/decline`
      const declined = await createClient().act(WaitingActView, path, because(options))
      print(declined, options.json === true, () => table([actHeads, actRow(declined)]))
    })
}

const sessionsOf = (name: string | undefined) => (name === undefined ? '/ops/me/sessions' : at(name, 'sessions'))
const sessionsShown = (listed: Static<typeof SessionList>, json: boolean | undefined) =>
  print(listed, json === true, () =>
    table([
      ['ID', 'BY', 'ADDRESS', `BEGUN ${zone}`, 'LAST USED', 'BROWSER'],
      ...listed.sessions.map(({ id, by, address, since, seen, browser }) => [
        ...[id, by, address, when(since), when(seen), browser],
      ]),
    ]),
  )
const heads = ['NAME', 'ROLE', 'AGENCIES', 'SIGNS IN BY', 'CODES', 'STATE']
const row = ({ name, role, agencies = [], signsInBy, totp, disabled, welcomeUntil }: Account) => [
  name,
  role,
  agencies.length === 0 ? 'all' : agencies.join(' '),
  signsInBy.join(' ') || '–',
  totp ? 'yes' : '–',
  disabled ? 'disabled' : welcomeUntil ? `link until ${when(welcomeUntil)}` : '',
]
const actHeads = ['ID', 'STATE', 'ACT', 'CALL', 'BY', 'WHY', `UNTIL ${zone}`, 'DECIDED BY']
const actRow = ({ id, state, act, call, requestedBy, why, until, decidedBy = '' }: WaitingAct) => [
  id,
  state,
  act,
  call,
  requestedBy,
  why,
  when(until),
  decidedBy,
]

const shown = (account: Account, { json }: Options) => print(account, json === true, () => table([heads, row(account)]))

function invited(account: Account & { welcome: { path: string; until: string } }, { json }: Options): void {
  const { url } = createClient()
  print(account, json === true, () =>
    [
      table([heads, row(account)]),
      '',
      `Link for ${account.name}, good once, until ${when(account.welcome.until)} ${zone} 首次登录链接:`,
      `  ${url}${account.welcome.path}`,
    ].join('\n'),
  )
}

// operator, approvals — the people who work at the hub, and acts that wait for a second one.
import type { Command } from 'commander'
import {
  ApprovedAct,
  InvitedOperator,
  OperatorKey,
  OperatorList,
  OperatorView,
  PasswordChanged,
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
    .description('the people who work at the hub 运维账号 (needs the HUB_OPS_KEY of an admin)')

  operator
    .command('list', { isDefault: true })
    .description('accounts, their roles, and how they sign in')
    .option(...jsonOption)
    .action(async ({ json }: Options) => {
      const listed = await createClient().read(OperatorList, '/ops/operators', { ops: true })
      print(listed, json === true, () => table([heads, ...listed.operators.map(row)]))
    })
  operator
    .command('add')
    .argument('<name>', 'as the audit is to have it')
    .description('a new account; prints a link by which its person chooses a password')
    .option('-r, --role <role>', 'viewer, operator or admin', 'viewer')
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
    .argument('<role>', 'viewer, operator or admin')
    .description('another role, from the next call on')
    .option('-a, --agencies <code...>', 'only these agencies; without it all')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, role: string, { agencies, ...more }: Options) =>
      shown(await createClient().act(OperatorView, at(name, 'role'), { role, agencies, ...because(more) }), more),
    )
  for (const [verb, description] of [
    ['disable', 'its keys, password and sessions open nothing any more'],
    ['enable', 'it may come in again'],
    ['sign-out', 'end all its sessions'],
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
    .description('password, device, key and sessions are gone; prints a new link')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (name: string, options: Options) =>
      invited(await createClient().act(InvitedOperator, at(name, 'reset'), because(options)), options),
    )
  operator
    .command('password')
    .description(
      'another password for the account of HUB_OPS_KEY itself: asks for the old and the new one, or reads two ' +
        'lines 修改自己的密码',
    )
    .option(...jsonOption)
    .action((options: Options) => changePassword(options))
  operator
    .command('key')
    .argument('<name>')
    .description('a key for its command line, in place of the one before; shown once')
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
    .description('those that wait; `--all`: those decided too')
    .option('--all', 'also those that were decided or have expired')
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
    .description('it is done now; never one of your own')
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
    .description('it is not done; who asked for it takes it back so')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (id: string, options: Options) => {
      const path = `/ops/approvals/${encodeURIComponent(id)}/decline`
      const declined = await createClient().act(WaitingActView, path, because(options))
      print(declined, options.json === true, () => table([actHeads, actRow(declined)]))
    })
}

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

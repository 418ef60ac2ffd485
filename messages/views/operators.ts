// operators — the people who work at the hub, how they sign in, and acts that wait for a second person.
import { Type, type Static } from 'typebox'
import { operatorRoles } from '../operator.js'
import * as field from './fields.js'

/** The role of an account; who may make which call stands in ops-rights.ts. */
export const RoleName = Type.Enum(operatorRoles, {
  description:
    '`viewer` looks; `auditor` looks at accounts too; `operator` acts on messages and agencies; `admin` ' +
    'also manages partners, operators and the hub',
})
const name = field.Text('Name of the account, as the audit has it', 'anna')
const agencies = Type.Optional(
  Type.Array(Type.String(), { description: 'Only these agencies. Absent: all', examples: [['gacc']] }),
)
const signedInBy = Type.Enum(['key', 'password', 'oidc'], { description: 'How the person signed in' })

const account = {
  name,
  role: RoleName,
  agencies,
  disabled: field.Flag('It is disabled'),
  signsInBy: Type.Array(signedInBy, { description: 'How it can sign in', examples: [['password']] }),
  totp: field.Flag('It uses one-time codes', true),
  welcomeUntil: Type.Optional(field.Moment('When its link expires; absent: there is none')),
  createdAt: field.Moment('When the account was added'),
}
/** An account; the answer to `POST /ops/operators/:name/role` and `POST /ops/operators/:name/sign-out`. */
export const OperatorView = Type.Object(account, { title: 'Operator', description: 'An account 运维账号' })
export type OperatorView = Static<typeof OperatorView>

/** All accounts, by name; the answer to `GET /ops/operators`. */
export const OperatorList = Type.Object(
  { operators: Type.Array(OperatorView) },
  { title: 'OperatorList', description: 'All accounts, by name' },
)

/**
 * An account and the link for choosing its password; the answer to `POST /ops/operators` and `POST
 * /ops/operators/:name/reset`.
 */
export const InvitedOperator = Type.Object(
  {
    ...account,
    welcome: Type.Object(
      {
        path: field.Text(
          'The page where the person chooses a password, below the address of the hub',
          '/monitor/sign-in#welcome=…',
        ),
        until: field.Moment('When it expires; it works once'),
      },
      { description: 'A link for the person, shown once' },
    ),
  },
  { title: 'InvitedOperator', description: 'An account and the link for choosing its password' },
)
export type InvitedOperator = Static<typeof InvitedOperator>

/** A key for the command line; the answer to `POST /ops/operators/:name/key`. */
export const OperatorKey = Type.Object(
  { name, secret: field.Text('The key, shown once', 'hub_ops_…') },
  { title: 'OperatorKey', description: 'A key for the command line' },
)

/** Who is calling. */
export const CallerView = Type.Object(
  {
    name,
    role: RoleName,
    agencies,
    by: signedInBy,
    session: field.Flag('Signed in with a session of the monitor', true),
    waiting: field.Count('Number of acts that wait for a second person'),
    may: Type.Array(Type.String(), {
      description: 'Calls that change something and that this account may make',
      examples: [['POST /ops/agencies/:code/pause']],
    }),
  },
  { title: 'Me', description: 'Who is signed in 当前账号' },
)
export type CallerView = Static<typeof CallerView>

/** One session of an account. */
export const SessionView = Type.Object(
  {
    id: field.Text('Names it to end it; opens nothing', '1f4c9a0b7d2e6a35'),
    by: signedInBy,
    address: field.Text('Where it began', '192.0.2.7'),
    browser: field.Text('What the browser called itself; empty where it said nothing', 'Mozilla/5.0 … Firefox/146.0'),
    since: field.Moment('When it began'),
    seen: field.Moment('When it was last used, to the minute'),
    until: field.Moment('When it ends at the latest'),
    current: field.Flag('It is the one that asks', true),
  },
  { title: 'Session', description: 'A session of the monitor 会话' },
)
export type SessionView = Static<typeof SessionView>

/** The open sessions of an account. */
export const SessionList = Type.Object(
  { name, sessions: Type.Array(SessionView, { description: 'The last used first' }) },
  { title: 'SessionList', description: 'The open sessions of an account' },
)
export type SessionList = Static<typeof SessionList>

/** The caller’s password is another now; the answer to `POST /ops/me/password`. */
export const PasswordChanged = Type.Object(
  {
    name,
    changed: field.Mark('The old password opens nothing any more, and no session but the caller’s'),
  },
  { title: 'PasswordChanged', description: 'The caller’s password has been changed 密码已修改' },
)
export type PasswordChanged = Static<typeof PasswordChanged>

/** A session has begun. */
export const SignedInView = Type.Object(
  {
    signedIn: field.Mark('The cookie is set'),
    name,
    recoveryCodes: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Recovery codes for a lost device; each works once, and they are shown once',
        examples: [['ABCDE-FGHIJ-KLMNOP']],
      }),
    ),
  },
  { title: 'SignedIn', description: 'A session has begun' },
)

/** A session has ended. */
export const SignedOut = Type.Object(
  { signedOut: field.Mark('The session has ended') },
  { title: 'SignedOut', description: 'A session has ended' },
)

/** How to sign in here. */
export const SignInWays = Type.Object(
  {
    password: field.Flag('By name and password', true),
    oidc: Type.Optional(field.Text('By this identity provider', 'Company account')),
    totp: Type.Enum(['required', 'optional'], { description: 'Is a code of a device needed with a password?' }),
    now: field.Moment('The clock of the hub, which codes are held against'),
  },
  { title: 'SignInWays', description: 'How to sign in here' },
)

/** What a new account begins with. */
export const Welcome = Type.Object(
  {
    name,
    role: RoleName,
    totp: Type.Enum(['required', 'optional'], { description: 'Is a device for codes needed?' }),
    secret: field.Text('For the device, base32', 'JBSWY3DPEHPK3PXP'),
    uri: field.Text('The same as an address', 'otpauth://totp/…'),
    qr: field.Text('The same as a picture (SVG)', '<svg …'),
  },
  { title: 'Welcome', description: 'What a new account begins with' },
)

/** An act that waits, or waited, for a second person; the answer to `POST /ops/approvals/:id/decline`. */
export const WaitingActView = Type.Object(
  {
    id: field.Text('The request', 'act_01M8HDCT03W7WQK0ZT6SHXSF8D'),
    state: Type.Enum(['waiting', 'approved', 'declined', 'done', 'failed', 'expired'], {
      description: '`approved`: the act is being done. `failed`: approved, and the hub could not do it',
    }),
    act: field.Text('Which kind of act', 'drop'),
    call: field.Text('Method and path of the call', 'POST /ops/submissions/sub_…/drop'),
    body: Type.Optional(field.Text('Body of the call, JSON', '{"why":"…"}')),
    requestedBy: field.Text('Who asked for it', 'anna'),
    why: field.Text('Why', 'the partner withdrew it'),
    at: field.Moment('When it was asked for'),
    until: field.Moment('When it expires'),
    decidedBy: Type.Optional(field.Text('Who approved or declined it', 'wei')),
    decidedAt: Type.Optional(field.Moment('When')),
    decidedWhy: Type.Optional(field.Text('Why', 'agreed by telephone')),
    status: Type.Optional(Type.Integer({ description: 'HTTP status of the call, after it was made', examples: [200] })),
  },
  { title: 'WaitingAct', description: 'An act that waits, or waited, for a second person 待复核操作' },
)
export type WaitingActView = Static<typeof WaitingActView>

/** Acts that wait for a second person, the newest first; the answer to `GET /ops/approvals`. */
export const WaitingActList = Type.Object(
  { approvals: Type.Array(WaitingActView) },
  { title: 'WaitingActList', description: 'Acts that wait for a second person, the newest first' },
)

/** An approved act and its result; the answer to `POST /ops/approvals/:id/approve`. */
export const ApprovedAct = Type.Object(
  {
    ...WaitingActView.properties,
    answer: field.Text('Body of the answer, as text', '{"dropped":true}'),
  },
  { title: 'ApprovedAct', description: 'An approved act and its result' },
)

/** The act waits for a second person. */
export const ActWaits = Type.Object(
  { waiting: field.Mark('The act is not done yet'), approval: WaitingActView },
  { title: 'ActWaits', description: 'The act waits for a second person' },
)

/** Dead letters that were queued again together; the answer to `POST /ops/dead/replay`. */
export const ReplayedAll = Type.Object(
  { replayed: field.Count('Dead letters that are queued again', 12) },
  { title: 'ReplayedAll', description: 'Dead letters that were queued again together' },
)

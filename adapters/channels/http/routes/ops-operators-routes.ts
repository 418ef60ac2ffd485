// ops-operators-routes — who is calling; for admins: who may work here; and for everybody who may: acts that wait for a
// second person.
import { Type } from 'typebox'
import type { SignedIn, WaitingAct } from '../../../../messages/operator.js'
import { actsOf } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { Cookies } from '../cookies.js'
import type { OperatorsParts } from '../parts/operators.js'
import type { SignInParts } from '../parts/sign-in.js'
import { Id } from '../path-id.js'
import { because, why } from './reason.js'
import { sessionFrom } from './sign-in-routes.js'

const closed = { additionalProperties: false } as const
const Why = Type.Object({ why: Type.Optional(why) }, closed)
const name = Type.String({
  pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]{0,63}$',
  description: 'Letters, digits, . _ @ -; as the audit has it',
})
const Name = Type.Object({ name: Type.String({ maxLength: 64 }) })
const agencies = Type.Optional(
  Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100, description: 'Agencies it is limited to; absent: all' }),
)
const NewOperator = Type.Object({ name, role: view.RoleName, agencies, why: Type.Optional(why) }, closed)
const NewRole = Type.Object({ role: view.RoleName, agencies, why: Type.Optional(why) }, closed)
const tags = ['ops']

/** `/ops/me`, `/ops/operators` and `/ops/approvals`. A call that is approved is made again, as the person who asked. */
export function opsOperatorsRoutes(
  app: Door,
  parts: OperatorsParts & { signIn: Pick<SignInParts, 'changePassword' | 'sessions' | 'endSessions'> },
  cookies: Pick<Cookies, 'session'>,
  /** Makes the call of an act that was approved, in the name of who asked for it. */
  run: (act: WaitingAct, approvedBy: SignedIn) => Promise<{ status: number; body: string }>,
): void {
  app.get(
    '/ops/me',
    { schema: { tags, operationId: 'readMe', response: { 200: view.CallerView }, summary: 'Who is calling 当前账号' } },
    async ({ signedIn: { session, agencies: limits, ...who } }) => ({
      ...who,
      ...(limits ? { agencies: [...limits] } : {}),
      session: session !== undefined,
      waiting: await parts.waitingCount(),
      may: actsOf({ role: who.role, ...(limits ? { agencies: limits } : {}) }),
    }),
  )
  app.post(
    '/ops/me/password',
    {
      schema: {
        body: Type.Object(
          {
            old: Type.String({ minLength: 1, maxLength: 200, description: 'The password as it is now' }),
            password: Type.String({ minLength: 1, maxLength: 200, description: 'The new one, 12 characters or more' }),
          },
          closed,
        ),
        tags,
        operationId: 'changeOwnPassword',
        response: { 200: view.PasswordChanged },
        summary: 'Another password for the caller’s own account; all other sessions of it end 修改密码',
      },
    },
    async (request, reply) => {
      const begun = await parts.signIn.changePassword(request.signedIn, request.body, sessionFrom(request))
      if (begun) cookies.session(reply, begun.cookie)
      return { name: request.operator, changed: true as const }
    },
  )
  const { sessions, endSessions } = parts.signIn
  app.get(
    '/ops/me/sessions',
    {
      schema: {
        tags,
        operationId: 'listOwnSessions',
        response: { 200: view.SessionList },
        summary: 'The open sessions of the caller’s own account 我的会话',
      },
    },
    async ({ operator, signedIn }) => ({ name: operator, sessions: await sessions(operator, signedIn.session) }),
  )
  app.delete(
    '/ops/me/sessions',
    {
      schema: {
        tags,
        operationId: 'endOtherSessions',
        response: { 200: view.SessionList },
        summary: 'End all sessions of the caller’s own account but the one that asks 结束其他会话',
      },
    },
    async ({ operator, signedIn }) => ({
      name: operator,
      sessions: await endSessions(operator, { keep: signedIn.session ?? '', by: { who: operator } }),
    }),
  )
  app.delete(
    '/ops/me/sessions/:id',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'endOwnSession',
        response: { 200: view.SessionList },
        summary: 'End one session of the caller’s own account',
      },
    },
    async ({ params: { id }, operator, signedIn }) => ({
      name: operator,
      sessions: await endSessions(operator, { id, keep: signedIn.session, by: { who: operator } }),
    }),
  )
  app.get(
    '/ops/operators/:name/sessions',
    {
      schema: {
        params: Name,
        tags,
        operationId: 'listOperatorSessions',
        response: { 200: view.SessionList },
        summary: 'The open sessions of an account 账号会话',
      },
    },
    async ({ params: { name: whose }, signedIn }) => ({
      name: whose,
      sessions: await sessions(whose, signedIn.session),
    }),
  )
  app.delete(
    '/ops/operators/:name/sessions/:id',
    {
      schema: {
        params: Type.Object({ ...Name.properties, ...Id.properties }),
        querystring: Why,
        tags,
        operationId: 'endOperatorSession',
        response: { 200: view.SessionList },
        summary: 'End one session of an account',
      },
    },
    async ({ params: { name: whose, id }, query, operator, signedIn }) => ({
      name: whose,
      sessions: await endSessions(whose, { id, keep: signedIn.session, by: because(operator, query.why) }),
    }),
  )
  app.get(
    '/ops/operators',
    {
      schema: {
        tags,
        operationId: 'listOperators',
        response: { 200: view.OperatorList },
        summary: 'All accounts 运维账号',
      },
    },
    async () => ({ operators: await parts.operators() }),
  )
  app.post(
    '/ops/operators',
    {
      schema: {
        body: NewOperator,
        tags,
        operationId: 'addOperator',
        response: { 200: view.InvitedOperator },
        summary: 'Add an account; its person chooses a password by the link, which is shown once',
      },
    },
    ({ body: { why: reason, ...named }, operator }) => parts.addOperator(named, because(operator, reason)),
  )
  app.post(
    '/ops/operators/:name/role',
    {
      schema: {
        params: Name,
        body: NewRole,
        tags,
        operationId: 'setOperatorRole',
        response: { 200: view.OperatorView },
        summary: 'Another role, or other agencies; from the next call on',
      },
    },
    ({ params, body: { why: reason, ...right }, operator }) =>
      parts.setRole(params.name, right, because(operator, reason)),
  )
  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    app.post(
      `/ops/operators/:name/${verb}`,
      {
        schema: {
          params: Name,
          body: Why,
          tags,
          operationId: `${verb}Operator`,
          response: { 200: view.OperatorView },
          summary: disabled ? 'Disable it: its key and password stop working, its sessions end' : 'Enable it again',
        },
      },
      ({ params, body, operator }) => parts.setDisabled(params.name, disabled, because(operator, body.why)),
    )
  app.post(
    '/ops/operators/:name/reset',
    {
      schema: {
        params: Name,
        body: Why,
        tags,
        operationId: 'resetOperator',
        response: { 200: view.InvitedOperator },
        summary: 'Remove password, device, key and sessions; the person begins again with a new link',
      },
    },
    ({ params, body, operator }) => parts.resetOperator(params.name, because(operator, body.why)),
  )
  app.post(
    '/ops/operators/:name/key',
    {
      schema: {
        params: Name,
        body: Why,
        tags,
        operationId: 'newOperatorKey',
        response: { 200: view.OperatorKey },
        summary: 'A key for the command line, in place of the one before; shown once',
      },
    },
    ({ params, body, operator }) => parts.newOperatorKey(params.name, because(operator, body.why)),
  )
  app.post(
    '/ops/operators/:name/sign-out',
    {
      schema: {
        params: Name,
        body: Why,
        tags,
        operationId: 'signOutOperator',
        response: { 200: view.OperatorView },
        summary: 'End every session of it',
      },
    },
    ({ params, body, operator }) => parts.signOutOperator(params.name, because(operator, body.why)),
  )

  app.get(
    '/ops/approvals',
    {
      schema: {
        querystring: Type.Object({
          open: Type.Optional(Type.Boolean({ default: false, description: 'Only those that wait' })),
        }),
        tags,
        operationId: 'listApprovals',
        response: { 200: view.WaitingActList },
        summary: 'Acts that wait, or waited, for a second person 待复核操作',
      },
    },
    async ({ query, signedIn }) => ({ approvals: await parts.approvals({ who: signedIn, open: query.open === true }) }),
  )
  app.post(
    '/ops/approvals/:id/approve',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'approveAct',
        response: { 200: view.ApprovedAct },
        summary: 'Approve the act: it is done now, in the name of the person who asked. Not for your own acts',
      },
    },
    async ({ params, body, operator, signedIn }) => {
      let answer = ''
      const approval = await parts.approve(params.id, {
        who: signedIn,
        by: because(operator, body.why),
        async run(act) {
          const { status, body: said } = await run(act, signedIn)
          answer = said
          return status
        },
      })
      return { ...approval, answer }
    },
  )
  app.post(
    '/ops/approvals/:id/decline',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'declineAct',
        response: { 200: view.WaitingActView },
        summary: 'Decline the act; the person who asked withdraws it in this way',
      },
    },
    ({ params, body, operator, signedIn }) =>
      parts.decline(params.id, { who: signedIn, by: because(operator, body.why) }),
  )
}

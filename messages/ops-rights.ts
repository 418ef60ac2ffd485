// ops-rights — who may make which call below /ops: its least role, what it is about, and whether a second person can be
// asked for. One table, which the door asks before a call and the approvals before a second person decides; a call that
// has no row is an admin's alone.
import { HubError } from './errors.js'
import { roleSuffices, type OperatorRole, type SecondPersonAct, type SignedIn } from './operator.js'

/**
 * What a call is about, for an account that is limited to agencies. `hub`: all of it, so not theirs. `shared`: it shows
 * the same to all. `list`: the route leaves out what is of other agencies. Else the thing the address names: of one of
 * their agencies, or there is no such thing.
 */
export type CallSubject = 'hub' | 'shared' | 'list' | 'agency' | ThingKind

/** What an address can name that belongs to an agency. */
export type ThingKind = 'submission' | 'message' | 'receipt' | 'reply' | 'shared-key'

/** What a call asks for: a role, what it is about, and whether a second person can be asked for. */
export interface Right {
  role: OperatorRole
  about: CallSubject
  act?: SecondPersonAct
}

const viewer = (about: CallSubject): Right => ({ role: 'viewer', about })
const auditor = (): Right => ({ role: 'auditor', about: 'hub' })
const operator = (about: CallSubject, act?: SecondPersonAct): Right => ({
  role: 'operator',
  about,
  ...(act && { act }),
})
const admin = (act?: SecondPersonAct): Right => ({ role: 'admin', about: 'hub', ...(act && { act }) })

/** What each call on /ops asks for, by method and address. One that is not listed asks for an admin. */
export const opsRights: Readonly<Record<string, Right>> = {
  'GET /ops/status': viewer('list'),
  'GET /ops/questions': viewer('hub'),
  'GET /ops/queues': viewer('shared'),
  'GET /ops/messages': viewer('list'),
  'GET /ops/messages.csv': viewer('list'),
  'GET /ops/messages/:id': viewer('message'),
  'GET /ops/messages/:id/content': viewer('message'),
  'GET /ops/messages/:id/evidence': viewer('message'),
  'GET /ops/receipts/:id/attachments/:name': viewer('receipt'),
  'GET /ops/search': viewer('list'),
  'GET /ops/dead': viewer('list'),
  'GET /ops/unclear': viewer('list'),
  'GET /ops/held': viewer('list'),
  'GET /ops/overdue': viewer('list'),
  'GET /ops/notices': viewer('list'),
  'GET /ops/orphans': viewer('list'),
  'GET /ops/answers/held': viewer('list'),
  'GET /ops/shared-keys': viewer('list'),
  'GET /ops/receipts/undelivered': viewer('list'),
  'GET /ops/audit': viewer('list'),
  'GET /ops/mailboxes': viewer('shared'),
  'GET /ops/retention': viewer('shared'),
  'GET /ops/signers': viewer('shared'),
  'GET /ops/agencies': viewer('list'),
  'GET /ops/agencies/:code': viewer('agency'),
  'GET /ops/partners': viewer('shared'),
  'GET /ops/partners/:id/keys': viewer('shared'),
  'GET /ops/partners/:id/certificates': viewer('shared'),
  'GET /ops/partners/:id/subscriptions': viewer('shared'),
  'GET /ops/partners/:id/grants': viewer('shared'),
  'GET /ops/partners/:id/agents': viewer('shared'),
  'GET /ops/me': viewer('shared'),
  'POST /ops/me/password': viewer('shared'),
  'GET /ops/me/sessions': viewer('shared'),
  'DELETE /ops/me/sessions': viewer('shared'),
  'DELETE /ops/me/sessions/:id': viewer('shared'),
  'GET /ops/approvals': viewer('list'),
  'GET /ops/holds': viewer('hub'),
  'GET /ops/keys': viewer('hub'),

  'POST /ops/submissions/:id/replay': operator('submission'),
  'POST /ops/submissions/:id/drop': operator('submission', 'drop'),
  'POST /ops/submissions/:id/resolve': operator('submission'),
  'POST /ops/submissions/:id/release': operator('submission'),
  'POST /ops/dead/replay': operator('list', 'resend-all'),
  'POST /ops/orphans/:id/match': operator('reply'),
  'POST /ops/orphans/:id/drop': operator('reply', 'drop'),
  'POST /ops/answers/:id/release': operator('reply'),
  'POST /ops/shared-keys/:id/close': operator('shared-key'),
  'POST /ops/receipts/:id/resend': operator('receipt'),
  'POST /ops/agencies/:code/pause': operator('agency'),
  'POST /ops/agencies/:code/resume': operator('agency'),
  'POST /ops/agencies/:code/windows': operator('agency'),
  'POST /ops/agencies/:code/windows/clear': operator('agency'),
  'POST /ops/agencies/:code/test': operator('agency'),
  'POST /ops/approvals/:id/approve': operator('list'),
  'POST /ops/approvals/:id/decline': operator('list'),
  // What takes access away is done at once; what gives it is an admin's.
  'POST /ops/partners/:id/disable': operator('hub'),
  'DELETE /ops/partners/:id/keys/:key': operator('hub'),
  'DELETE /ops/partners/:id/certificates/:certificate': operator('hub'),
  'DELETE /ops/partners/:id/subscriptions': operator('hub'),
  'DELETE /ops/partners/:id/grants': operator('hub'),
  'DELETE /ops/partners/:id/agents': operator('hub'),
  'POST /ops/partners/:id/subscriptions': operator('hub'),
  'POST /ops/partners/:id/subscriptions/grant': operator('hub'),

  'POST /ops/partners': admin('rights'),
  'POST /ops/partners/:id/enable': admin(),
  'POST /ops/partners/:id/keys': admin(),
  'POST /ops/partners/:id/certificates': admin(),
  'POST /ops/partners/:id/webhook': admin(),
  'DELETE /ops/partners/:id/webhook': admin(),
  'POST /ops/partners/:id/grants': admin('rights'),
  'PUT /ops/partners/:id/grants': admin('rights'),
  'PUT /ops/partners/:id/agents': admin('rights'),
  'POST /ops/backup': admin(),
  'POST /ops/retention/walk': admin(),
  'POST /ops/config/reload': admin(),
  'POST /ops/holds': admin(),
  'POST /ops/holds/:n/release': admin(),
  'POST /ops/keys/rotate': admin(),
  'POST /ops/keys/reseal': admin(),
  'GET /ops/operators': auditor(),
  'POST /ops/operators': admin('rights'),
  'POST /ops/operators/:name/role': admin('rights'),
  'POST /ops/operators/:name/enable': admin('rights'),
  'POST /ops/operators/:name/disable': admin(),
  'POST /ops/operators/:name/reset': admin('rights'),
  'POST /ops/operators/:name/key': admin('rights'),
  'POST /ops/operators/:name/sign-out': admin(),
  'GET /ops/operators/:name/sessions': auditor(),
  'DELETE /ops/operators/:name/sessions/:id': admin(),
}

const nothing: Right = { role: 'admin', about: 'hub' }
/** What is behind the door and no call at all is nobody's secret. */
const unknown: Right = { role: 'viewer', about: 'shared' }

/** @param route method and address of the call as the table has them: `POST /ops/dead/replay` */
export function rightOf(route: string): Right {
  return opsRights[route] ?? (route.endsWith('/*') ? unknown : nothing)
}

/**
 * The calls that change something and that this account may make, `POST /ops/agencies/:code/pause`: what it sees
 * buttons for.
 */
export const actsOf = (who: Pick<SignedIn, 'role' | 'agencies'>): string[] =>
  Object.entries(opsRights)
    .filter(([route, { role, about }]) => {
      const limited = who.agencies !== undefined && about === 'hub'
      return !route.startsWith('GET ') && roleSuffices(who.role, role) && !limited
    })
    .map(([route]) => route)

/** Finds whose a thing is, for accounts that are limited to agencies. */
export interface ScopeParts {
  /** Agencies a thing is about; none where there is no such thing. */
  agenciesOf: (kind: ThingKind, id: string) => Promise<readonly string[]>
}

/** Is one of these agencies within what the account may see? */
export const maySee = (who: Pick<SignedIn, 'agencies'>, agencies: readonly string[]): boolean =>
  who.agencies === undefined || agencies.some((code) => who.agencies!.includes(code))

/** What of a list is within what the account may see. */
export const only = <T extends { agency?: string | undefined }>(
  who: Pick<SignedIn, 'agencies'>,
  all: readonly T[],
): T[] => all.filter(({ agency }) => maySee(who, agency === undefined ? [] : [agency]))

const named: Record<ThingKind | 'agency', string> = {
  agency: 'agency',
  submission: 'submission',
  message: 'message',
  receipt: 'receipt',
  reply: 'answer',
  'shared-key': 'shared key',
}

/**
 * May this account make this call?
 * @throws HubError HUB_ROLE_FORBIDDEN; HUB_OPS_NOT_FOUND for what is of other agencies, as for what does not exist
 */
export async function mayCall(
  { who, route, params }: { who: SignedIn; route: string; params: Record<string, string> },
  { agenciesOf }: ScopeParts,
): Promise<void> {
  const { role, about } = rightOf(route)
  if (!roleSuffices(who.role, role)) throw new HubError('HUB_ROLE_FORBIDDEN', { role: who.role, needed: role })
  if (who.agencies === undefined || about === 'shared' || about === 'list') return
  if (about === 'hub') throw new HubError('HUB_ROLE_FORBIDDEN', { role: who.role, needed: `${role} (all agencies)` })
  const id = (about === 'agency' ? params.code : params.id) ?? ''
  const agencies = about === 'agency' ? [id] : await agenciesOf(about, id)
  if (!maySee(who, agencies)) throw new HubError('HUB_OPS_NOT_FOUND', { what: `${named[about]} ${id}` })
}

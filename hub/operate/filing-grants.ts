// filing-grants — a partner lets another see what it filed, or an operator does so in its name. Every grant, revocation
// and use is kept in the audit.
import {
  endOfGrant,
  grantGiven,
  grantReceived,
  type FilingGrant,
  type GrantGiven,
  type GrantReceived,
  type GrantUse,
  type KeptGrant,
  type WhichGrants,
} from '../../messages/filing-grant.js'
import { HubError } from '../../messages/errors.js'
import type { Bilingual } from '../../messages/text.js'
import type { Routing } from '../../routing/operation.js'
import type { AuditEntry, Ledger } from '../../store/ledger.js'
import { createRecorded } from './recorded.js'
import { createPace } from './subscriptions.js'

/** Grants of one owner, the expired ones too. */
const mostGrants = 500
const longestGrantDays = 5 * 366
const dayMs = 24 * 3_600_000
/** Uses an owner is shown. */
const mostUses = 200

/** An action of the audit; the target is the owner. */
const used = 'grant.use'

interface FilingGrantsParts {
  ledger: Pick<
    Ledger,
    'grantFilings' | 'revokeFilings' | 'filingGrants' | 'filingGrantsTo' | 'audited' | 'audits' | 'getPartner'
  >
  routing: Pick<Routing, 'operations'>
  /** Actions of the audit; the target is the owner. */
  actions?: { granted: string; revoked: string }
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

/** Who grants or revokes: the owner itself, or an operator and why. */
export interface GrantBy {
  who: string
  why?: string
}

/** How the audit names a partner that acts for itself. */
const partnerActs = (partnerId: string): string => `partner:${partnerId}`

/** `actions`: what the audit calls them. */
export function createFilingGrants({
  ledger,
  routing,
  actions: { granted, revoked } = { granted: 'grant.put', revoked: 'grant.revoke' },
  log,
  now = () => new Date(),
}: FilingGrantsParts) {
  const recorded = createRecorded({ ledger, log, event: 'filings shared', now })
  const toWait = createPace()
  const filings = [...routing.operations.values()].filter(({ kind }) => kind === 'filing').map(({ code }) => code)

  /** @throws HubError HUB_REQUEST_INVALID, HUB_OPERATION_UNKNOWN */
  function keptOf(owner: string, { partner, operation = '', company = '', until }: FilingGrant): KeptGrant {
    const wrong = (place: string, { zh, en }: Bilingual) =>
      new HubError('HUB_REQUEST_INVALID', { detail: `${place}: ${en}`, detailZh: `${place}：${zh}` })
    if (partner === owner)
      throw wrong('/partner', { zh: '本企业无需授权', en: 'you see your own filings without a grant' })
    const known = (codes: Iterable<string>) =>
      [...codes].some((code) => code === operation || code.startsWith(`${operation}.`))
    if (operation !== '' && !known(filings)) {
      if (!known(routing.operations.keys())) throw new HubError('HUB_OPERATION_UNKNOWN', { operation })
      throw wrong('/operation', {
        zh: `${operation} 不是申报类业务，请填写申报业务的代码`,
        en: `${operation} is no filing: name the operation that was filed under`,
      })
    }
    const end = endOfGrant(until)
    if (!end)
      throw wrong('/until', {
        zh: `${until} 不是有效日期，请按 2027-06-30 或 2027-06-30T12:00:00Z 填写`,
        en: `${until} is no date: write 2027-06-30 or 2027-06-30T12:00:00Z`,
      })
    if (end <= now()) throw wrong('/until', { zh: `${until} 已过期`, en: `${until} is over` })
    if (end.getTime() > now().getTime() + longestGrantDays * dayMs)
      throw wrong('/until', { zh: `${until} 距今超过 5 年`, en: `${until} is more than 5 years from now` })
    return { owner, partner, operation, company: company.trim().toUpperCase(), until: end, grantedAt: now() }
  }

  async function put(owner: string, grant: FilingGrant, by: GrantBy): Promise<void> {
    const kept = keptOf(owner, grant)
    const { partner, operation, company, until } = kept
    const detail = {
      partner,
      ...(operation === '' ? {} : { operation }),
      ...(company === '' ? {} : { company }),
      until: until.toISOString(),
    }
    const done = await recorded({ by, action: granted, target: owner, detail }, () =>
      ledger.grantFilings(kept, { most: mostGrants }),
    )
    if (!done) throw new HubError('HUB_GRANTS_FULL', { limit: String(mostGrants) })
  }

  /** @throws HubError HUB_NOT_FOUND when there is no such grant */
  async function revoke(owner: string, { partner, operation, company }: WhichGrants, by: GrantBy): Promise<void> {
    const which = {
      partner,
      ...(operation === undefined ? {} : { operation }),
      ...(company === undefined ? {} : { company: company.trim().toUpperCase() }),
    }
    const done = await recorded({ by, action: revoked, target: owner, detail: which }, () =>
      ledger.revokeFilings(owner, which),
    )
    if (!done) throw new HubError('HUB_NOT_FOUND')
  }

  async function mustKnow(...partnerIds: string[]): Promise<void> {
    for (const partnerId of partnerIds)
      if (!(await ledger.getPartner(partnerId)))
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `there is no partner ${partnerId}`,
          detailZh: `没有企业 ${partnerId}`,
        })
  }

  const given = async (owner: string): Promise<GrantGiven[]> =>
    (await ledger.filingGrants(owner)).map((grant) => grantGiven(grant, now()))
  const received = async (partner: string): Promise<GrantReceived[]> =>
    (await ledger.filingGrantsTo(partner, now())).map(grantReceived)
  async function uses(owner: string): Promise<GrantUse[]> {
    const entries = await ledger.audits(mostUses, owner, { action: used })
    return entries.map(({ at, detail = {} }) => ({
      at: at.toISOString(),
      partner: textOf(detail.partner),
      operation: textOf(detail.operation),
      rows: Number(detail.rows),
    }))
  }
  const whole = async (partnerId: string) => ({ given: await given(partnerId), received: await received(partnerId) })

  return {
    /** What a partner has given, and what it was given. */
    filingGrants: whole,
    grantUses: uses,
    /**
     * A partner's own. Whether there is a partner of that name it is not told (promise 9): a grant to nobody shows
     * nothing to anybody.
     * @throws HubError HUB_RATE_LIMITED, HUB_GRANTS_FULL, and those of a grant that is wrong
     */
    async grantFilings(owner: string, grant: FilingGrant): Promise<void> {
      const seconds = toWait(owner)
      if (seconds !== undefined) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: seconds })
      await put(owner, grant, { who: partnerActs(owner) })
    },
    revokeFilings: (owner: string, which: WhichGrants) => revoke(owner, which, { who: partnerActs(owner) }),
    /** An operator's, who is told of a partner that is not there. */
    async grantFilingsOf(owner: string, grant: FilingGrant, by: GrantBy): Promise<void> {
      await mustKnow(owner, grant.partner)
      await put(owner, grant, by)
    },
    async revokeFilingsOf(owner: string, which: WhichGrants, by: GrantBy): Promise<void> {
      await revoke(owner, which, by)
    },
    /** Undefined when there is no such partner. */
    async filingGrantsOf(owner: string) {
      return (await ledger.getPartner(owner)) ? { ...(await whole(owner)), uses: await uses(owner) } : undefined
    },
  }
}

/** What a use leaves in the audit. */
export const useEntry = (use: {
  at: Date
  owner: string
  partner: string
  operation: string
  messageId: string
  rows: number
}): AuditEntry => ({
  at: use.at,
  who: partnerActs(use.partner),
  action: used,
  target: use.owner,
  why: '',
  detail: { partner: use.partner, operation: use.operation, question: use.messageId, rows: use.rows },
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

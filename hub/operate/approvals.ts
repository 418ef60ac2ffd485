// approvals — acts that wait for a second person: one asks, another approves, and only then the call is made, once.
//
//   waiting ─▶ approved ─▶ done | failed
//      └─▶ declined, or expired by time
//
// A crash between approval and call leaves `approved`: nobody knows whether it was done, and it is never done again.
import { rightOf } from '../../messages/ops-rights.js'
import { HubError } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import { roleSuffices, type Operator, type SignedIn, type WaitingAct } from '../../messages/operator.js'
import type { WaitingActView } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'

/** @see [startPeople](../boot/people.ts) */
interface ApprovalsParts {
  ledger: Pick<Ledger, 'putWaitingAct' | 'waitingAct' | 'waitingActs' | 'decideWaitingAct' | 'audited' | 'audit'>
  /** Acts that need two. */
  acts: readonly string[]
  hours: number
  /**
   * Is there no other admin who can come in, or could before being disabled?
   * @see [createAccounts](./accounts.ts)
   */
  onlyAdmin: (name: string) => Promise<boolean>
  now?: () => Date
}

const mostShown = 200
/** What a call says, as others are shown it. */
const longestBody = 2_000

/** Which acts wait, `operators.secondPerson` of hub.yaml says. */
export function createApprovals({ ledger, acts, hours, onlyAdmin, now = () => new Date() }: ApprovalsParts) {
  const over = (act: WaitingAct) => act.state === 'waiting' && act.until <= now()

  function view(one: WaitingAct): WaitingActView {
    const { id, act, call, requestedBy, why, at, until, decidedBy, decidedAt, decidedWhy, status } = one
    return {
      id,
      state: over(one) ? 'expired' : one.state,
      act,
      call: `${call.method} ${call.url}`,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body).slice(0, longestBody) }),
      requestedBy,
      why,
      at: at.toISOString(),
      until: until.toISOString(),
      ...(decidedBy === undefined ? {} : { decidedBy }),
      ...(decidedAt === undefined ? {} : { decidedAt: decidedAt.toISOString() }),
      ...(decidedWhy === undefined ? {} : { decidedWhy }),
      ...(status === undefined ? {} : { status }),
    }
  }

  const factsOf = ({ act, call, requestedBy }: WaitingAct) => ({
    act,
    call: `${call.method} ${call.url}`,
    requestedBy,
  })

  async function waiting(id: string, who: SignedIn): Promise<WaitingAct> {
    const act = await ledger.waitingAct(id)
    if (!act || act.state !== 'waiting' || over(act))
      throw new HubError('HUB_OPS_NOT_FOUND', { what: `waiting act ${id}` })
    // Who may not do it may not let others do it either.
    const { role } = rightOf(act.call.route)
    if (act.requestedBy === who.name) return act
    if (!roleSuffices(who.role, role) || who.agencies !== undefined)
      throw new HubError('HUB_ROLE_FORBIDDEN', { role: who.role, needed: `${role} (all agencies)` })
    return act
  }

  async function decide(act: WaitingAct, state: 'approved' | 'declined', by: Operator): Promise<WaitingAct> {
    const decided: WaitingAct = {
      ...act,
      state,
      decidedBy: by.who,
      decidedAt: now(),
      decidedWhy: by.why ?? '',
    }
    const action = state === 'approved' ? 'approval.approve' : 'approval.decline'
    const entry = { at: now(), who: by.who, action, target: act.id, why: by.why ?? '', detail: factsOf(act) }
    const done = await ledger.audited(entry, () => ledger.decideWaitingAct(decided, 'waiting'))
    if (!done) throw new HubError('HUB_OPS_NOT_FOUND', { what: `waiting act ${act.id}` })
    return decided
  }

  return {
    /**
     * Does an act of this kind need two? Giving rights does not as long as there is one admin: the first makes the
     * second.
     */
    needsTwo: async (act: string | undefined, who: string): Promise<boolean> =>
      act !== undefined && acts.includes(act) && !(act === 'rights' && (await onlyAdmin(who))),
    /** It waits. Nothing is done. */
    async askSecond(
      { act, call, from }: Pick<WaitingAct, 'act' | 'call' | 'from'>,
      by: Operator,
    ): Promise<WaitingActView> {
      const at = now()
      const until = new Date(at.getTime() + hours * 3_600_000)
      const one: WaitingAct = {
        id: newId('act'),
        state: 'waiting',
        act,
        call,
        requestedBy: by.who,
        from,
        why: by.why ?? '',
        at,
        until,
      }
      const entry = { at, who: by.who, action: 'approval.ask', target: one.id, why: one.why, detail: factsOf(one) }
      await ledger.audited(entry, () => ledger.putWaitingAct(one))
      return view(one)
    },
    /** The newest first; a limited account sees its own. */
    async approvals({ who, open }: { who: SignedIn; open: boolean }): Promise<WaitingActView[]> {
      const all = await ledger.waitingActs(open ? 'waiting' : undefined, mostShown)
      return all
        .filter((one) => who.agencies === undefined || one.requestedBy === who.name)
        .filter((one) => !open || !over(one))
        .map(view)
    },
    waitingCount: async (): Promise<number> =>
      (await ledger.waitingActs('waiting', mostShown)).filter((one) => !over(one)).length,
    /**
     * Approved by somebody else, it is done, once.
     * @param run makes the call, and gives its HTTP status
     * @throws HubError HUB_APPROVAL_OWN, HUB_ROLE_FORBIDDEN, HUB_OPS_NOT_FOUND
     */
    async approve(
      id: string,
      { who, by, run }: { who: SignedIn; by: Operator; run: (act: WaitingAct) => Promise<number> },
    ): Promise<WaitingActView> {
      const act = await waiting(id, who)
      if (act.requestedBy === who.name) throw new HubError('HUB_APPROVAL_OWN')
      const approved = await decide(act, 'approved', by)
      const status = await run(approved).catch(() => 500)
      const ended: WaitingAct = { ...approved, state: status < 400 ? 'done' : 'failed', status }
      await ledger.decideWaitingAct(ended, 'approved')
      return view(ended)
    },
    /** Also by who asked: it is taken back. @throws HubError as `approve`, without HUB_APPROVAL_OWN */
    async decline(id: string, { who, by }: { who: SignedIn; by: Operator }): Promise<WaitingActView> {
      return view(await decide(await waiting(id, who), 'declined', by))
    },
  }
}

export type Approvals = ReturnType<typeof createApprovals>

// keeping — an operator's verbs over what is kept: data keys, and legal holds. Each is in the audit, in the commit that
// does it.
import type { KeepingParts as KeepingVerbs } from '../../adapters/channels/http/parts/keeping.js'
import type { Operator } from '../../messages/operator.js'
import type { LegalHoldView, KeysView } from '../../messages/views/index.js'
import type { Ledger, LegalHold } from '../../store/ledger.js'
import type { ResealingWalks } from './resealing.js'

/** What these verbs act on. */
export interface KeepingParts {
  ledger: Pick<Ledger, 'dataKeys' | 'rotateKey' | 'hold' | 'legalHolds' | 'releaseHold' | 'audited' | 'audit'>
  resealing: ResealingWalks
  now?: () => Date
}

/** Each takes who does it and why. */
export function createKeeping({ ledger, resealing, now = () => new Date() }: KeepingParts): KeepingVerbs['keeping'] {
  const entry = (action: string, target: string, { who, why = '' }: Operator) => ({
    at: now(),
    who,
    action,
    target,
    why,
  })

  async function keys(): Promise<KeysView> {
    const all = await ledger.dataKeys()
    return {
      encrypted: all.some(({ current }) => current),
      keys: all.map((one) => ({ ...one, madeAt: one.madeAt.toISOString() })),
      resealing: resealing.view(),
    }
  }

  return {
    keys,
    async rotateKey(by) {
      await ledger.audited(entry('keys.rotate', 'ledger', by), () => ledger.rotateKey(now()))
      void resealing.walk()
      return keys()
    },
    async reseal(by) {
      await ledger.audit(entry('keys.reseal', 'ledger', by))
      void resealing.walk()
      return keys()
    },
    async hold(hold, by) {
      const { who, why = '' } = by
      const about = entry('hold.add', hold.kind === 'message' ? hold.value : `${hold.kind} ${hold.value}`, by)
      return view(await ledger.audited(about, () => ledger.hold({ ...hold, who, why }, now())))
    },
    holds: async (all) => (await ledger.legalHolds(now(), all)).map(view),
    releaseHold: (n, by) =>
      ledger.audited(entry('hold.release', `hold ${n}`, by), () =>
        ledger.releaseHold(n, { who: by.who, why: by.why ?? '' }, now()),
      ),
  }
}

const view = ({ until, at, released, ...hold }: LegalHold): LegalHoldView => ({
  ...hold,
  at: at.toISOString(),
  ...(until ? { until: until.toISOString() } : {}),
  ...(released ? { released: { ...released, at: released.at.toISOString() } } : {}),
})

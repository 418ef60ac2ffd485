// acting — who stands behind what a call does: every entry of the audit that a call leads to also says how the person
// signed in, from which address, and who approved it.
import type { SignedInBy } from '../../messages/operator.js'
import { createScope } from '../../messages/scope.js'
import type { Ledger } from '../../store/ledger.js'
import type { AuditEntry } from '../../store/ledger.js'

/** Who a call is by, besides the name. */
export interface Acting {
  by: SignedInBy
  address: string
  /** The second person, where the act waited for one. */
  approvedBy?: string
}

/** Known along a call, without being handed through it (AsyncLocalStorage). */
export function createActing() {
  const acting = createScope<Acting>()
  function signed(entry: AuditEntry): AuditEntry {
    const now = acting.current()
    if (!now) return entry
    const { by, address, approvedBy } = now
    const detail = { ...entry.detail, signedInBy: by, address, ...(approvedBy === undefined ? {} : { approvedBy }) }
    return { ...entry, detail }
  }
  return {
    /** Everything `run` leads to until `over` is done by this person. */
    actingAs: <T>(who: Acting, run: () => T, over: Promise<unknown>): T => acting.run(who, run, over),
    /** The ledger, whose audit knows who acts. */
    onLedger<L extends Pick<Ledger, 'audit' | 'audited'>>(ledger: L): L {
      const own: Pick<Ledger, 'audit' | 'audited'> = {
        audit: (entry) => ledger.audit(signed(entry)),
        audited: (entry, change) => ledger.audited(signed(entry), change),
      }
      return new Proxy(ledger, {
        get: (target, name) =>
          name === 'audit' || name === 'audited' ? own[name] : (target[name as keyof L] as unknown),
      })
    },
  }
}

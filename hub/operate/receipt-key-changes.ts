// receipt-key-changes — from when on which key signs receipts stands in the audit: the key is changed in a file, by a
// command or by whoever mounts it, so the hub notes what it finds there.
import type { ReceiptSigner } from '../../adapters/trust/receipt-signatures.js'
import type { Ledger } from '../../store/ledger.js'

/** How soon after a change it is noted, in milliseconds. */
const lookEveryMs = 5_000
const action = 'receipt-keys.signs'

/** @see [startOperating](../boot/operating.ts) */
interface ReceiptKeyChangesParts {
  keys: ReceiptSigner['keys']
  ledger: Pick<Ledger, 'audit' | 'audits'>
  log: { warn(ids: object, event: string): void }
}

/** Looks now and again, by a timer of its own, until it is stopped. */
export function startReceiptKeyChanges({ keys, ledger, log }: ReceiptKeyChangesParts): { stop(): void } {
  let noted: string | undefined
  async function look(): Promise<void> {
    const [now, before] = keys()
    if (!now || now.kid === noted) return
    noted = now.kid
    try {
      // Another hub may have noted it, or this one before a restart.
      const [known] = await ledger.audits(1, now.kid, { action })
      if (known) return
      const detail = before ? { before: before.kid } : {}
      await ledger.audit({ at: new Date(), who: 'hub', action, target: now.kid, why: '', detail })
      log.warn({ key: now.kid, ...detail }, 'receipts are signed with another key')
    } catch {
      // Next time.
      noted = undefined
    }
  }
  void look()
  const timer = setInterval(() => void look(), lookEveryMs).unref()
  return { stop: () => clearInterval(timer) }
}

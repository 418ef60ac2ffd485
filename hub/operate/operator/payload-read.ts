// payload-read — that an operator has seen what a partner or an agency wrote: every reading of a message's bytes is
// kept.
import type { Operator } from '../../../messages/operator.js'
import type { Ledger } from '../../../store/ledger.js'

/** @see [createOperator](../operator.ts) */
interface PayloadReadParts {
  ledger: Pick<Ledger, 'audit'>
  now: () => Date
}

const oneLookMs = 600_000
const mostLooks = 10_000

/** To be awaited before the bytes are given out. */
export function createPayloadRead({ ledger, now }: PayloadReadParts) {
  /** Who has looked at the receipts of which message lately: a page that is left open is one look. */
  const looks = new Map<string, number>()

  return {
    /** Resolves when it is on disk. `by.why`: the name of the file that was read. */
    async payloadRead(
      messageId: string,
      what: 'content' | 'receipts' | 'attachment' | 'evidence',
      by: Operator,
    ): Promise<void> {
      const look = `${by.who} ${messageId}`
      const at = now().getTime()
      if (what === 'receipts' && at - (looks.get(look) ?? 0) < oneLookMs) return
      await ledger.audit({
        at: now(),
        who: by.who,
        action: 'message.read',
        target: messageId,
        why: '',
        detail: { what, ...(by.why === undefined ? {} : { name: by.why }) },
      })
      if (looks.size >= mostLooks) looks.clear()
      if (what === 'receipts') looks.set(look, at)
    },
  }
}

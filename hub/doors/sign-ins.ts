// sign-ins — what is kept of those that failed, on every door, and of calls that a role does not allow: a log line, a
// count, and an entry of the audit, bounded however many there are.
import type { RefusedCall } from '../../adapters/channels/http/parts/callers.js'
import { createBoundedNotes, type BoundedNotesParts } from './bounded-notes.js'

/** Somebody who was not let in; never the key that was shown. */
export interface FailedSignIn {
  /** partner: a key at /v1; operator: at /ops and /monitor; agency: at /agency; sftp: the SFTP door. */
  door: 'partner' | 'operator' | 'agency' | 'signer' | 'sftp'
  address: string
  /** The name given, where the door asks for one: an SFTP user, an agency's code. */
  name?: string | undefined
}

/** @see [startOperating](../boot/operating.ts) */
interface SignInsParts extends BoundedNotesParts {
  /** @see [createMetrics](../../monitoring/metrics.ts) */
  counted: (door: FailedSignIn['door']) => void
}

/** Neither verb waits, and neither fails. */
export function createSignIns({ counted, ...parts }: SignInsParts) {
  const noteFailed = createBoundedNotes(parts)
  const noteRefused = createBoundedNotes(parts)
  return {
    failed({ door, address, name: given }: FailedSignIn): void {
      counted(door)
      const name = given?.slice(0, 64)
      noteFailed({
        source: `${door} ${address} ${name ?? ''}`,
        event: 'sign-in failed',
        ids: { door, address, ...(name === undefined ? {} : { name }) },
        entry: { who: address, action: 'sign-in.failed', target: name ?? door },
      })
    },
    refused({ who, role, by, address, call }: RefusedCall): void {
      noteRefused({
        source: `${who} ${call}`,
        event: 'call refused',
        ids: { who, role, signedInBy: by, address, call },
        entry: { who, action: 'role.refused', target: call },
      })
    },
  }
}

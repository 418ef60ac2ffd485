// callers — who calls: what the door asks about keys, certificates and tokens, and whom it tells of those that open
// nothing.
import type { IncomingHttpHeaders } from 'node:http'
import type { SignedIn } from '../../../../messages/operator.js'
import type { Partner } from '../../../../messages/partner.js'
import type { ShownClient, ShownCredentials } from '../credentials.js'
import type { SharedWrongKeys } from '../guesses.js'

/** A call of somebody who is known and may not make it. */
export interface RefusedCall {
  who: string
  role: string
  by: string
  address: string
  /** `POST /ops/…`, as the table of rights has it. */
  call: string
}

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface CallerParts {
  /**
   * Which partner has shown this. Rejects with a HubError where that is known and it may not come in all the same.
   * @see [createAuthenticate](../../../../hub/doors/authenticate.ts)
   */
  authenticate: (shown: ShownCredentials) => Promise<Partner | undefined>
  /**
   * A token for a client's id and secret; undefined where there is no such client. Rejects as `authenticate` does.
   * @see [createAuthenticate](../../../../hub/doors/authenticate.ts)
   */
  tokenFor: (
    client: ShownClient,
    shown: Omit<ShownCredentials, 'key'>,
  ) => Promise<{ owner: Partner; token: string; seconds: number } | undefined>
  /**
   * Told when something about a partner has changed, until the returned function is called.
   * @see [createPartnerBook](../../../../hub/operate/partner-book.ts)
   */
  partnersChanged: (listener: () => void) => () => void
  /** Who has this key; undefined when nobody has, or who is disabled. */
  operatorOf: (secret: string) => Promise<SignedIn | undefined>
  /** Does the call show this agency's own credentials? */
  agencyMaySpeak: (agency: string, headers: IncomingHttpHeaders) => boolean
  /**
   * Told of every key or token that opened nothing.
   * @see [createSignIns](../../../../hub/doors/sign-ins.ts)
   */
  signInFailed: (who: { door: 'partner' | 'operator' | 'agency' | 'signer'; address: string; name?: string }) => void
  /**
   * Told of every call that somebody known may not make.
   * @see [createSignIns](../../../../hub/doors/sign-ins.ts)
   */
  callRefused: (refused: RefusedCall) => void
  /** Absent: this process counts for itself. */
  wrongKeys?: SharedWrongKeys | undefined
}

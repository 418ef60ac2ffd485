// sign-in — how people sign in on the monitor, and their sessions.
import type { Static } from 'typebox'
import type { Operator, SessionFrom, SignedIn } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'
import type { OidcBegun } from '../../../trust/oidc.js'

/** What somebody who has just signed in gets. */
export interface SessionBegun {
  /** What its cookie holds. */
  cookie: string
  name: string
  recoveryCodes?: string[]
}

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface SignInParts {
  ways: () => Static<typeof view.SignInWays>
  /** Is there a way in beside the keys? Then a browser is shown the page to sign in. */
  hasPage: () => Promise<boolean>
  /** Undefined: name, password or code is wrong. */
  byPassword: (
    shown: { name: string; password: string; code: string },
    from: SessionFrom,
  ) => Promise<SessionBegun | undefined>
  byKey: (key: string, from: SessionFrom) => Promise<SessionBegun | undefined>
  /** Rejects with HUB_WELCOME_OVER. */
  welcome: (token: string) => Promise<Static<typeof view.Welcome>>
  /** Rejects with HUB_WELCOME_OVER, HUB_PASSWORD_WEAK, HUB_SIGN_IN_FAILED. */
  choose: (chosen: { token: string; password: string; code: string }, from: SessionFrom) => Promise<SessionBegun>
  /** Where the browser goes, and what it keeps meanwhile. Rejects with HUB_OIDC_FAILED. */
  oidcBegin: () => Promise<{ url: string; begun: OidcBegun }>
  oidcEnd: (query: string, begun: OidcBegun, from: SessionFrom) => Promise<SessionBegun>
  /** Whose session this cookie is; undefined: it has ended. */
  bySession: (cookie: string) => Promise<SignedIn | undefined>
  /** The person does something. */
  used: (session: string) => Promise<void>
  /** The open sessions of an account. `current`: the session that asks. Rejects with HUB_OPS_NOT_FOUND. */
  sessions: (name: string, current?: string) => Promise<view.SessionView[]>
  /** Ends the one with this id, or all but `keep`. What is left. Rejects with HUB_OPS_NOT_FOUND. */
  endSessions: (
    name: string,
    which: { id?: string | undefined; keep?: string | undefined; by: Operator },
  ) => Promise<view.SessionView[]>
  signOut: (which: { name: string; session: string; everywhere: boolean }) => Promise<void>
  /**
   * The old password is asked for. Every session of the account ends; who called with one gets a new one. Rejects with
   * HUB_PASSWORD_WRONG, HUB_PASSWORD_WEAK, HUB_RATE_LIMITED, HUB_REQUEST_INVALID where the account has no password.
   */
  changePassword: (
    who: SignedIn,
    change: { old: string; password: string },
    from: SessionFrom,
  ) => Promise<SessionBegun | undefined>
}

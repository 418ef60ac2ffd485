// sign-in — how a person comes to a session of the monitor: by a password with a code, by an identity provider, or by a
// key; how a new account chooses its password; and how sessions end. Each stands in `sign-in/`, a file each.
import type { Oidc } from '../../adapters/trust/oidc.js'
import { createPasswords, passwordCost } from '../../adapters/trust/passwords.js'
import type { SessionFrom } from '../../messages/operator.js'
import type { Ledger } from '../../store/ledger.js'
import type { OperatorsSetting } from './operators-setting.js'
import { digestOf } from './accounts.js'
import { createByPassword } from './sign-in/by-password.js'
import { createByProvider } from './sign-in/by-provider.js'
import { createOwnPassword } from './sign-in/own-password.js'
import { createPasswordWork, type PasswordWork } from './sign-in/password-work.js'
import { createSessions, type NewSession, type SessionsParts } from './sign-in/sessions.js'

/** @see [startPeople](../boot/people.ts) */
export interface SignInParts extends Omit<SessionsParts, 'setting' | 'now'> {
  ledger: SessionsParts['ledger'] & Pick<Ledger, 'audit'>
  setting: OperatorsSetting
  /** Absent: no identity provider. */
  oidc: Oidc | undefined
  agencyCodes: readonly string[]
  now?: () => Date
  /** Default: at the cost of production. */
  passwords?: PasswordWork
}

/** All that the door's pages to sign in ask for. */
export function createSignIn({
  ledger,
  accounts,
  setting,
  oidc,
  agencyCodes,
  log,
  now = () => new Date(),
  passwords: unlimited = createPasswords(passwordCost),
}: SignInParts) {
  const passwords = createPasswordWork(unlimited)
  const { begin, endAll, ...sessions } = createSessions({ ledger, accounts, setting, log, now })

  return {
    /** What the page offers, and the hub's own time: a device that shows codes may be wrong about that. */
    ways: () => ({
      password: true,
      totp: setting.totp,
      now: now().toISOString(),
      ...(oidc && setting.oidc ? { oidc: setting.oidc.title } : {}),
    }),
    /** Is there a way in beside the keys? Then a browser is shown the page to sign in. */
    hasPage: async (): Promise<boolean> => oidc !== undefined || (await accounts.passwords()),
    byPassword: createByPassword({ ledger, accounts, sessions: { begin }, setting, passwords, now }),
    /** Undefined: nobody has this key. */
    async byKey(key: string, from: SessionFrom): Promise<NewSession | undefined> {
      const known = await accounts.byKey(key)
      const account = known && (await accounts.byName(known.name))
      if (!account) return undefined
      const digest = digestOf(key)
      return begin(account, { by: 'key', from, key: digest, still: (after) => accounts.isKeyOf(digest, after) })
    },
    ...createByProvider({ ledger, accounts, sessions: { begin }, setting, oidc, agencyCodes, now }),
    ...createOwnPassword({ ledger, accounts, sessions: { begin, endAll }, setting, passwords, now }),
    ...sessions,
  }
}

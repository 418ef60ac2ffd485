// by-password — a person comes in by a password with a code.
import type { OperatorAccount, SessionFrom } from '../../../messages/operator.js'
import type { Ledger } from '../../../store/ledger.js'
import type { OperatorsSetting } from '../operators-setting.js'
import type { Accounts } from '../accounts.js'
import type { PasswordWork } from './password-work.js'
import { samePassword, type NewSession, type Sessions } from './sessions.js'
import { withUsedCode } from './used-code.js'
import { lockedEntry, mostWrong, withWrong, wrongLately } from './wrong-tries.js'

/** @see [createSignIn](../sign-in.ts) */
interface ByPasswordParts {
  ledger: Pick<Ledger, 'audit'>
  accounts: Accounts
  sessions: Pick<Sessions, 'begin'>
  setting: Pick<OperatorsSetting, 'totp'>
  passwords: PasswordWork
  now: () => Date
}

/** Makes the sign-in by name, password and code. */
export function createByPassword({ ledger, accounts, sessions, setting, passwords, now }: ByPasswordParts) {
  /** Undefined: name, password or code is wrong; which of them, nobody is told. */
  return async function byPassword(
    { name, password, code }: { name: string; password: string; code: string },
    from: SessionFrom,
  ): Promise<NewSession | undefined> {
    const account = (await accounts.all()).find((one) => one.name === name)
    const fits = await passwords.fits(password, account?.password)
    if (!account || !fits || account.disabled) return undefined
    // One write takes the code, or counts it as wrong: of two who show the same one at once one comes in, and of many
    // at once, at one hub or at several, no more are looked at than one after another.
    let taken: OperatorAccount | undefined
    let wrong = 0
    const done = await accounts.change(name, (as) => {
      taken = undefined
      const lately = wrongLately(as, 'code', now())
      wrong = lately.length + 1
      if (as.disabled || as.password?.hash !== account.password?.hash || wrong > mostWrong) return undefined
      const good = withUsedCode(as, code, { optional: setting.totp === 'optional', at: now() })
      taken = good && withWrong(good, 'code', [])
      return taken ?? withWrong(as, 'code', [...lately, now().getTime()])
    })
    if (done && !taken && wrong === mostWrong) await ledger.audit(lockedEntry(name, 'codes', now()))
    if (!done || !taken) return undefined
    return sessions.begin(taken, { by: 'password', from, still: samePassword(taken) })
  }
}

// own-password — a person chooses a password by a link, and changes it later.
import { newRecoveryCodes, recoveryDigest, totpEnrolment, totpStep } from '../../../adapters/trust/totp.js'
import { weakPassword } from '../../../adapters/trust/weak-password.js'
import { HubError } from '../../../messages/errors.js'
import type { OperatorAccount, SessionFrom, SignedIn } from '../../../messages/operator.js'
import type { Ledger } from '../../../store/ledger.js'
import type { OperatorsSetting } from '../operators-setting.js'
import { digestOf, type Accounts } from '../accounts.js'
import type { PasswordWork } from './password-work.js'
import { samePassword, type NewSession, type Sessions } from './sessions.js'
import { lockedEntry, mostWrong, withWrong, wrongLately, wrongMs } from './wrong-tries.js'

/** @see [createSignIn](../sign-in.ts) */
interface OwnPasswordParts {
  ledger: Pick<Ledger, 'audit' | 'audited'>
  accounts: Accounts
  sessions: Pick<Sessions, 'begin' | 'endAll'>
  setting: Pick<OperatorsSetting, 'totp' | 'passwordWords'>
  passwords: PasswordWork
  now: () => Date
}

/** Makes what a person does about the password of their own account. */
export function createOwnPassword({ ledger, accounts, sessions, setting, passwords, now }: OwnPasswordParts) {
  const weak = (password: string, name: string) => weakPassword(password, name, setting.passwordWords)

  async function byWelcome(token: string): Promise<OperatorAccount> {
    accounts.forget()
    const digest = digestOf(token)
    const account = (await accounts.all()).find(({ welcome }) => welcome?.digest === digest)
    if (!account?.welcome || account.welcome.until <= now().getTime() || account.disabled)
      throw new HubError('HUB_WELCOME_OVER')
    return account
  }

  return {
    /** What a link to choose a password begins with. @throws HubError HUB_WELCOME_OVER */
    async welcome(token: string) {
      const { name, role, welcome } = await byWelcome(token)
      return {
        name,
        role,
        totp: setting.totp,
        secret: welcome!.totp,
        ...totpEnrolment(welcome!.totp, name),
      }
    },
    /**
     * The password is chosen, the device shows codes: the account can sign in, and has. The link is good no more.
     * @throws HubError HUB_WELCOME_OVER, HUB_PASSWORD_WEAK, HUB_SIGN_IN_FAILED
     */
    async choose(
      { token, password, code }: { token: string; password: string; code: string },
      from: SessionFrom,
    ): Promise<NewSession & { recoveryCodes?: string[] }> {
      const account = await byWelcome(token)
      if (weak(password, account.name)) throw new HubError('HUB_PASSWORD_WEAK')
      const { totp: secret } = account.welcome!
      const step = totpStep(code, { secret, lastStep: 0, now: now() })
      const without = setting.totp === 'optional' && code === ''
      if (step === undefined && !without) throw new HubError('HUB_SIGN_IN_FAILED')
      const hash = await passwords.hash(password)
      const codes = without ? [] : newRecoveryCodes()
      let kept: OperatorAccount | undefined
      const entry = {
        at: now(),
        who: account.name,
        action: 'operator.password',
        target: account.name,
        why: '',
        detail: { address: from.address, totp: !without },
      }
      await ledger.audited(entry, () =>
        accounts.change(account.name, (old) => {
          kept = undefined
          if (old.welcome?.digest !== digestOf(token) || old.disabled) return undefined
          const { welcome: _used, totp: _old, ...rest } = old
          kept = {
            ...rest,
            password: hash,
            ...(step === undefined ? {} : { totp: { secret, lastStep: step } }),
            recovery: codes.map(recoveryDigest),
          }
          return kept
        }),
      )
      if (!kept) throw new HubError('HUB_WELCOME_OVER')
      const session = await sessions.begin(kept, { by: 'password', from, still: samePassword(kept) })
      if (!session) throw new HubError('HUB_WELCOME_OVER')
      return { ...session, ...(without ? {} : { recoveryCodes: codes }) }
    },

    /**
     * Another password, for who knows the old one. All sessions of the account end, also those of whoever else has
     * learnt the password; who called with one goes on in a new one.
     * @throws HubError HUB_PASSWORD_WRONG, HUB_PASSWORD_WEAK, HUB_RATE_LIMITED, HUB_REQUEST_INVALID
     */
    async changePassword(
      { name, by, session }: SignedIn,
      { old, password }: { old: string; password: string },
      from: SessionFrom,
    ): Promise<NewSession | undefined> {
      const account = await accounts.byName(name)
      if (!account?.password)
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: 'this account has no password: an admin gives it a link (hub operator reset)',
          detailZh: '此账号没有密码：请管理员用 hub operator reset 生成链接',
        })
      // It counts as wrong until it is right: of many at once no more are looked at.
      let wrong = 0
      const counted = await accounts.change(name, (as) => {
        const lately = wrongLately(as, 'old', now())
        wrong = lately.length + 1
        return wrong > mostWrong ? undefined : withWrong(as, 'old', [...lately, now().getTime()])
      })
      if (!counted) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: wrongMs / 1000 })
      if (!(await passwords.fits(old, account.password))) {
        await ledger.audit({
          at: now(),
          who: name,
          action: 'operator.password-refused',
          target: name,
          why: '',
          detail: {},
        })
        if (wrong === mostWrong) await ledger.audit(lockedEntry(name, 'passwords', now()))
        throw new HubError('HUB_PASSWORD_WRONG')
      }
      await accounts.change(name, (as) => withWrong(as, 'old', []))
      if (password === old || weak(password, name)) throw new HubError('HUB_PASSWORD_WEAK')
      const hash = await passwords.hash(password)
      let changed: OperatorAccount | undefined
      const entry = { at: now(), who: name, action: 'operator.password', target: name, why: '', detail: { own: true } }
      await ledger.audited(entry, async () => {
        const done = await accounts.change(name, ({ welcome: _link, ...as }) => {
          changed = as.disabled || as.password?.hash !== account.password?.hash ? undefined : { ...as, password: hash }
          return changed
        })
        return done && changed !== undefined
      })
      if (!changed) throw new HubError('HUB_PASSWORD_WRONG')
      await sessions.endAll(name)
      // Who came with a key has shown the password now: the new session is of that.
      const as = by === 'key' ? 'password' : by
      return session === undefined ? undefined : sessions.begin(changed, { by: as, from, still: samePassword(changed) })
    },
  }
}

// sign-in — how a person comes to a session of the monitor: by a password with a code, by an identity provider, or by a
// key; how a new account chooses its password; and how sessions end.
import { randomBytes } from 'node:crypto'
import type { Oidc, OidcBegun } from '../../adapters/trust/oidc.js'
import { OidcError } from '../../adapters/trust/oidc-error.js'
import { createPasswords, passwordCost } from '../../adapters/trust/passwords.js'
import { newRecoveryCodes, recoveryDigest, totpEnrolment, totpStep } from '../../adapters/trust/totp.js'
import { weakPassword } from '../../adapters/trust/weak-password.js'
import { HubError } from '../../messages/errors.js'
import {
  operatorRoles,
  type OperatorAccount,
  type OperatorRole,
  type OperatorSession,
  type SessionFrom,
  type SignedIn,
  type SignedInBy,
} from '../../messages/operator.js'
import type { SessionView } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'
import type { OperatorsSetting } from '../config/operators-setting.js'
import { digestOf, type Accounts } from './accounts.js'

export interface SignInParts {
  ledger: Pick<
    Ledger,
    | 'putOperatorSession'
    | 'operatorSession'
    | 'operatorSessions'
    | 'touchOperatorSession'
    | 'endOperatorSessions'
    | 'audit'
    | 'audited'
  >
  accounts: Accounts
  setting: OperatorsSetting
  /** Absent: no identity provider. */
  oidc: Oidc | undefined
  agencyCodes: readonly string[]
  log: { warn(ids: object, event: string): void }
  now?: () => Date
  /** Default: at the cost of production. */
  passwords?: ReturnType<typeof createPasswords>
}

/** A session that began: what its cookie holds, and until when. */
export interface Begun {
  cookie: string
  until: Date
  name: string
}

const longestBrowser = 200
/** Of one account no more are listed. */
const mostListed = 500
/** A session's last use is noted to this. */
const touchMs = 60_000
/** A session is seen as another process left it within this time. */
const rememberMs = 2_000
const mostRemembered = 10_000
/** Wrong codes behind the right password, and wrong old passwords, in this time; then the account waits. */
const mostWrong = 5
const wrongMs = 15 * 60_000
/** Passwords that are worked on at once: each takes 32 MB. */
const mostAtOnce = 2

type Still = (account: OperatorAccount) => boolean
type WrongKind = keyof NonNullable<OperatorAccount['wrong']>

/** The password and the device are those of then. */
const samePassword =
  (then: OperatorAccount): Still =>
  (after) =>
    after.password?.hash === then.password?.hash && after.totp?.secret === then.totp?.secret

/** What of a key's digest stands in a cookie: enough to tell which key, of no use to guess it. */
const tagOf = (keyDigest: string) => digestOf(keyDigest).slice(0, 16)

const accountName = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u

export function createSignIn({
  ledger,
  accounts,
  setting,
  oidc,
  agencyCodes,
  log,
  now = () => new Date(),
  passwords = createPasswords(passwordCost),
}: SignInParts) {
  const weak = (password: string, name: string) => weakPassword(password, name, setting.passwordWords)
  const idleMs = setting.idleMinutes * 60_000
  const sessionMs = setting.sessionHours * 3_600_000
  const remembered = new Map<string, { session: OperatorSession; until: number }>()
  const line: (() => void)[] = []
  let working = 0

  async function inLine<T>(work: () => Promise<T>): Promise<T> {
    if (working >= mostAtOnce) await new Promise<void>((resolve) => line.push(resolve))
    else working += 1
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else working -= 1
    }
  }

  /**
   * Always a new one: what a browser brought along before is never made into a session. `still`: what let the person
   * in lets the account in as it is now; it is asked once the session is there, so a reset, a new password or a
   * disabling that came in between has either ended this session or is seen. Undefined: it came in between.
   */
  async function begin(
    account: OperatorAccount,
    { by, from, key, still }: { by: SignedInBy; from: SessionFrom; key?: string; still: Still },
  ): Promise<Begun | undefined> {
    const cookie = randomBytes(32).toString('base64url') + (key === undefined ? '' : `.${tagOf(key)}`)
    const at = now()
    const until = new Date(at.getTime() + sessionMs)
    const { name } = account
    const { address } = from
    const browser = (from.browser ?? '').slice(0, longestBrowser)
    const session = { digest: digestOf(cookie + (key ?? '')), name, by, address, browser, since: at, seen: at, until }
    const entry = {
      at,
      who: name,
      action: 'sign-in.done',
      target: name,
      why: '',
      detail: { signedInBy: by, address },
    }
    await ledger.audited(entry, () => ledger.putOperatorSession(session))
    accounts.forget()
    const after = await accounts.byName(name)
    if (!after || after.disabled || !still(after)) {
      const ended = { ...entry, at: now(), action: 'sign-in.ended', detail: { signedInBy: by, address } }
      await ledger.audited(ended, () => ledger.endOperatorSessions(name, session.digest))
      return undefined
    }
    log.warn({ who: name, by, address }, 'signed in')
    return { cookie, until, name }
  }

  /** A session that a key began is found only while there is that key: it ends with it, also when hub.yaml changes. */
  async function digestOfSession(cookie: string): Promise<string | undefined> {
    const [, tag] = cookie.split('.')
    if (tag === undefined) return digestOf(cookie)
    const key = (await accounts.keyDigests()).find((one) => tagOf(one) === tag)
    return key === undefined ? undefined : digestOf(cookie + key)
  }

  /** Wrong ones of this kind that still count. */
  const wrongLately = ({ wrong }: OperatorAccount, kind: WrongKind): number[] =>
    (wrong?.[kind] ?? []).filter((at) => at > now().getTime() - wrongMs)
  const withWrong = (account: OperatorAccount, kind: WrongKind, lately: number[]): OperatorAccount => {
    const { [kind]: _old, ...others } = account.wrong ?? {}
    const { wrong: _all, ...rest } = account
    const kept = lately.length === 0 ? others : { ...others, [kind]: lately }
    return Object.keys(kept).length === 0 ? rest : { ...rest, wrong: kept }
  }

  /** After the last wrong one that is looked at the account waits, at every hub. */
  const waitsNow = (name: string, what: 'codes' | 'passwords') =>
    ledger.audit({
      ...{ at: now(), who: name, action: 'sign-in.locked', target: name, why: '' },
      detail: { what, minutes: String(wrongMs / 60_000) },
    })

  /** The account with this code used up; undefined: it is no good. */
  function withCode(account: OperatorAccount, code: string): OperatorAccount | undefined {
    if (!account.totp) return setting.totp === 'optional' ? account : undefined
    const { secret, lastStep } = account.totp
    const step = /^\d{6}$/.test(code) ? totpStep(code, { secret, lastStep, now: now() }) : undefined
    if (step !== undefined) return { ...account, totp: { secret, lastStep: step } }
    const digest = recoveryDigest(code)
    if (!account.recovery.includes(digest)) return undefined
    return { ...account, recovery: account.recovery.filter((one) => one !== digest) }
  }

  async function byWelcome(token: string): Promise<OperatorAccount> {
    accounts.forget()
    const digest = digestOf(token)
    const account = (await accounts.all()).find(({ welcome }) => welcome?.digest === digest)
    if (!account?.welcome || account.welcome.until <= now().getTime() || account.disabled)
      throw new HubError('HUB_WELCOME_OVER')
    return account
  }

  /** The highest role of the person's groups; with it its agencies, of all groups that give this role. */
  function mapped(claims: Readonly<Record<string, unknown>>): { role: OperatorRole; agencies?: string[] } | undefined {
    const { rolesClaim, roles } = setting.oidc!
    const claimed = claims[rolesClaim]
    const groups = (Array.isArray(claimed) ? claimed : [claimed]).filter((one) => typeof one === 'string')
    const given = groups.flatMap((group) => (Object.hasOwn(roles, group) ? [roles[group]!] : []))
    const role = operatorRoles.findLast((one) => given.some((g) => g.role === one))
    if (!role) return undefined
    const those = given.filter((one) => one.role === role)
    if (role === 'admin' || role === 'auditor' || those.some(({ agencies }) => agencies === undefined)) return { role }
    const agencies = [...new Set(those.flatMap(({ agencies = [] }) => agencies))].filter((code) =>
      agencyCodes.includes(code),
    )
    return agencies.length === 0 ? undefined : { role, agencies }
  }

  /** Those that are open, the last used first. */
  async function open(name: string): Promise<OperatorSession[]> {
    const at = now().getTime()
    return (await ledger.operatorSessions(name, mostListed))
      .filter(({ seen, until }) => until.getTime() > at && seen.getTime() + idleMs > at)
      .sort((a, b) => b.seen.getTime() - a.seen.getTime())
  }
  /** @throws HubError HUB_OPS_NOT_FOUND */
  async function mustBe(name: string): Promise<void> {
    if (!(await accounts.byName(name))) throw new HubError('HUB_OPS_NOT_FOUND', { what: `operator ${name}` })
  }
  /** @param current digest of the session that asks */
  const sessions = async (name: string, current?: string): Promise<SessionView[]> =>
    (await open(name)).map(({ digest, by, address, browser, since, seen, until }) => ({
      id: tagOf(digest),
      ...{ by, address, browser },
      since: since.toISOString(),
      seen: seen.toISOString(),
      until: until.toISOString(),
      current: digest === current,
    }))

  return {
    ways: () => ({
      password: true,
      totp: setting.totp,
      now: now().toISOString(),
      ...(oidc && setting.oidc ? { oidc: setting.oidc.title } : {}),
    }),
    /** Is there a way in beside the keys? Then a browser is shown the page to sign in. */
    hasPage: async (): Promise<boolean> => oidc !== undefined || (await accounts.passwords()),
    /** Undefined: name, password or code is wrong; which of them, nobody is told. */
    async byPassword(
      { name, password, code }: { name: string; password: string; code: string },
      from: SessionFrom,
    ): Promise<Begun | undefined> {
      const account = (await accounts.all()).find((one) => one.name === name)
      const fits = await inLine(() => passwords.fits(password, account?.password))
      if (!account || !fits || account.disabled) return undefined
      // One write takes the code, or counts it as wrong: of two who show the same one at once one comes in, and of many
      // at once, at one hub or at several, no more are looked at than one after another.
      let taken: OperatorAccount | undefined
      let wrong = 0
      const done = await accounts.change(name, (as) => {
        taken = undefined
        const lately = wrongLately(as, 'code')
        wrong = lately.length + 1
        if (as.disabled || as.password?.hash !== account.password?.hash || wrong > mostWrong) return undefined
        const good = withCode(as, code)
        taken = good && withWrong(good, 'code', [])
        return taken ?? withWrong(as, 'code', [...lately, now().getTime()])
      })
      if (done && !taken && wrong === mostWrong) await waitsNow(name, 'codes')
      if (!done || !taken) return undefined
      return begin(taken, { by: 'password', from, still: samePassword(taken) })
    },
    /** Undefined: nobody has this key. */
    async byKey(key: string, from: SessionFrom): Promise<Begun | undefined> {
      const known = await accounts.byKey(key)
      const account = known && (await accounts.byName(known.name))
      if (!account) return undefined
      const digest = digestOf(key)
      return begin(account, { by: 'key', from, key: digest, still: (after) => accounts.isKeyOf(digest, after) })
    },

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
    ): Promise<Begun & { recoveryCodes?: string[] }> {
      const account = await byWelcome(token)
      if (weak(password, account.name)) throw new HubError('HUB_PASSWORD_WEAK')
      const { totp: secret } = account.welcome!
      const step = totpStep(code, { secret, lastStep: 0, now: now() })
      const without = setting.totp === 'optional' && code === ''
      if (step === undefined && !without) throw new HubError('HUB_SIGN_IN_FAILED')
      const hash = await inLine(() => passwords.hash(password))
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
      const session = await begin(kept, { by: 'password', from, still: samePassword(kept) })
      if (!session) throw new HubError('HUB_WELCOME_OVER')
      return { ...session, ...(without ? {} : { recoveryCodes: codes }) }
    },

    /** Where the browser goes to sign in, and what it keeps meanwhile. @throws HubError HUB_OIDC_FAILED */
    async oidcBegin(): Promise<{ url: string; begun: OidcBegun }> {
      if (!oidc) throw new HubError('HUB_OPS_NOT_FOUND', { what: 'identity provider' })
      return oidc.begin().catch(failed)
    },
    /**
     * Who came back from the provider. Its account is made at the first time, and has the role its groups give it at
     * each; a name that is somebody else's here is refused.
     * @throws HubError HUB_OIDC_FAILED
     */
    async oidcEnd(query: string, begun: OidcBegun, from: SessionFrom): Promise<Begun> {
      if (!oidc || !setting.oidc) throw new HubError('HUB_OPS_NOT_FOUND', { what: 'identity provider' })
      const { id, claims } = await oidc.end(query, begun).catch(failed)
      const name = claims[setting.oidc.nameClaim]
      if (typeof name !== 'string' || !accountName.test(name))
        throw new HubError('HUB_OIDC_FAILED', { detail: `claim ${setting.oidc.nameClaim} holds no name` })
      const right = mapped(claims)
      if (!right) throw new HubError('HUB_OIDC_FAILED', { detail: `no group of ${name} has a role here` })
      const made = { name, ...right, disabled: false, recovery: [], oidc: id, createdAt: now().getTime() }
      const entry = (action: string) => ({
        at: now(),
        who: name,
        action,
        target: name,
        why: '',
        detail: { role: right.role, ...(right.agencies ? { agencies: right.agencies } : {}), address: from.address },
      })
      accounts.forget()
      const before = await accounts.byName(name)
      if (!before) await ledger.audited(entry('operator.add'), () => accounts.add(made))
      else if (before.oidc === id && !sameRight(before, right))
        await ledger.audited(entry('operator.role'), () =>
          accounts.change(name, ({ agencies: _old, ...old }) => (old.oidc === id ? { ...old, ...right } : undefined)),
        )
      accounts.forget()
      const account = await accounts.byName(name)
      if (account?.oidc !== id)
        throw new HubError('HUB_OIDC_FAILED', { detail: `the account ${name} is not this person's` })
      if (account.disabled) throw new HubError('HUB_OIDC_FAILED', { detail: `the account ${name} is disabled` })
      const session = await begin(account, { by: 'oidc', from, still: ({ oidc: whose }) => whose === id })
      if (!session) throw new HubError('HUB_OIDC_FAILED', { detail: `the account ${name} was changed meanwhile` })
      return session
    },

    /** Whose session this cookie is; undefined: it has ended, or there never was one. */
    async bySession(cookie: string): Promise<SignedIn | undefined> {
      const digest = await digestOfSession(cookie)
      if (digest === undefined) return undefined
      const at = now().getTime()
      let known = remembered.get(digest)
      if (!known || known.until <= at) {
        const session = await ledger.operatorSession(digest)
        if (!session) {
          remembered.delete(digest)
          return undefined
        }
        if (remembered.size >= mostRemembered) remembered.clear()
        known = { session, until: at + rememberMs }
        remembered.set(digest, known)
      }
      const { session } = known
      if (session.until.getTime() <= at || session.seen.getTime() + idleMs <= at) {
        remembered.delete(digest)
        await ledger.endOperatorSessions(session.name, digest)
        return undefined
      }
      const account = await accounts.byName(session.name)
      if (!account || account.disabled) return undefined
      // Those of before had no part of their key in the cookie: they would outlive it.
      if (session.by === 'key' && !cookie.includes('.')) return undefined
      return accounts.signedIn(account, session.by, digest)
    },
    /** The person does something: the session is not idle. */
    async used(digest: string): Promise<void> {
      const known = remembered.get(digest)
      const at = now()
      if (!known || at.getTime() - known.session.seen.getTime() < Math.min(touchMs, idleMs / 4)) return
      known.session = { ...known.session, seen: at }
      await ledger.touchOperatorSession(digest, at)
    },
    /** @throws HubError HUB_OPS_NOT_FOUND */
    async sessions(name: string, current?: string): Promise<SessionView[]> {
      await mustBe(name)
      return sessions(name, current)
    },
    /**
     * Ends one session of an account by its id, or all but the caller's own.
     * @throws HubError HUB_OPS_NOT_FOUND
     */
    async endSessions(
      name: string,
      { id, keep, by }: { id?: string | undefined; keep?: string | undefined; by: { who: string; why?: string } },
    ): Promise<SessionView[]> {
      await mustBe(name)
      const all = await open(name)
      const ending = all.filter(({ digest }) => (id === undefined ? digest !== keep : tagOf(digest) === id))
      if (id !== undefined && ending.length === 0) throw new HubError('HUB_OPS_NOT_FOUND', { what: `session ${id}` })
      for (const { digest, by: signedInBy, address } of ending)
        await ledger.audited(
          {
            ...{ at: now(), who: by.who, action: 'sign-in.ended', target: name, why: by.why ?? '' },
            detail: { session: tagOf(digest), began: `${signedInBy} ${address}` },
          },
          () => ledger.endOperatorSessions(name, digest),
        )
      remembered.clear()
      return sessions(name, keep)
    },
    /** Ends this session, or all of the person's. */
    async signOut({ name, session, everywhere }: { name: string; session: string; everywhere: boolean }) {
      remembered.clear()
      const entry = { at: now(), who: name, action: 'sign-in.ended', target: name, why: '', detail: { everywhere } }
      await ledger.audited(entry, () => ledger.endOperatorSessions(name, everywhere ? undefined : session))
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
    ): Promise<Begun | undefined> {
      const account = await accounts.byName(name)
      if (!account?.password)
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: 'this account has no password: an admin gives it a link (hub operator reset)',
          detailZh: '此账号没有密码：请管理员用 hub operator reset 生成链接',
        })
      // It counts as wrong until it is right: of many at once no more are looked at.
      let wrong = 0
      const counted = await accounts.change(name, (as) => {
        const lately = wrongLately(as, 'old')
        wrong = lately.length + 1
        return wrong > mostWrong ? undefined : withWrong(as, 'old', [...lately, now().getTime()])
      })
      if (!counted) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: wrongMs / 1000 })
      if (!(await inLine(() => passwords.fits(old, account.password)))) {
        await ledger.audit({
          at: now(),
          who: name,
          action: 'operator.password-refused',
          target: name,
          why: '',
          detail: {},
        })
        if (wrong === mostWrong) await waitsNow(name, 'passwords')
        throw new HubError('HUB_PASSWORD_WRONG')
      }
      await accounts.change(name, (as) => withWrong(as, 'old', []))
      if (password === old || weak(password, name)) throw new HubError('HUB_PASSWORD_WEAK')
      const hash = await inLine(() => passwords.hash(password))
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
      await ledger.endOperatorSessions(name)
      remembered.clear()
      accounts.forget()
      // Who came with a key has shown the password now: the new session is of that.
      const as = by === 'key' ? 'password' : by
      return session === undefined ? undefined : begin(changed, { by: as, from, still: samePassword(changed) })
    },
    forget: () => remembered.clear(),
  }
}

export type SignIn = ReturnType<typeof createSignIn>

const sameRight = (
  { role, agencies = [] }: OperatorAccount,
  right: { role: OperatorRole; agencies?: string[] | undefined },
) => role === right.role && agencies.join(' ') === (right.agencies ?? []).join(' ')

function failed(error: unknown): never {
  if (error instanceof OidcError) throw new HubError('HUB_OIDC_FAILED', { detail: error.message })
  throw error
}

// sessions — the sessions of the monitor: how one begins, whose a cookie is, and how sessions end.
import { randomBytes } from 'node:crypto'
import { HubError } from '../../../messages/errors.js'
import type { OperatorAccount, OperatorSession, SessionFrom, SignedIn, SignedInBy } from '../../../messages/operator.js'
import type { SessionView } from '../../../messages/views/index.js'
import type { Ledger } from '../../../store/ledger.js'
import type { OperatorsSetting } from '../operators-setting.js'
import { digestOf, type Accounts } from '../accounts.js'

/** @see [createSignIn](../sign-in.ts) */
export interface SessionsParts {
  ledger: Pick<
    Ledger,
    | 'putOperatorSession'
    | 'operatorSession'
    | 'operatorSessions'
    | 'touchOperatorSession'
    | 'endOperatorSessions'
    | 'audited'
  >
  accounts: Accounts
  setting: Pick<OperatorsSetting, 'idleMinutes' | 'sessionHours'>
  log: { warn(ids: object, event: string): void }
  now: () => Date
}

/** A session that began: what its cookie holds, and until when. */
export interface NewSession {
  cookie: string
  until: Date
  name: string
}

/** Does what let the person in still let the account in, as it is now? */
export type Still = (account: OperatorAccount) => boolean

/** The password and the device are those of then. */
export const samePassword =
  (then: OperatorAccount): Still =>
  (after) =>
    after.password?.hash === then.password?.hash && after.totp?.secret === then.totp?.secret

const longestBrowser = 200
/** Of one account no more are listed. */
const mostListed = 500
/** A session's last use is noted to this. */
const touchMs = 60_000
/** A session is seen as another process left it within this time. */
const rememberMs = 2_000
const mostRemembered = 10_000

/** What of a key's digest stands in a cookie: enough to tell which key, of no use to guess it. */
const tagOf = (keyDigest: string) => digestOf(keyDigest).slice(0, 16)

/** The sessions, as ledger and accounts have them; what was just read is remembered for two seconds. */
export function createSessions({ ledger, accounts, setting, log, now }: SessionsParts) {
  const idleMs = setting.idleMinutes * 60_000
  const sessionMs = setting.sessionHours * 3_600_000
  const remembered = new Map<string, { session: OperatorSession; until: number }>()

  /** A session that a key began is found only while there is that key: it ends with it, also when hub.yaml changes. */
  async function digestOfSession(cookie: string): Promise<string | undefined> {
    const [, tag] = cookie.split('.')
    if (tag === undefined) return digestOf(cookie)
    const key = (await accounts.keyDigests()).find((one) => tagOf(one) === tag)
    return key === undefined ? undefined : digestOf(cookie + key)
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
  const listed = async (name: string, current?: string): Promise<SessionView[]> =>
    (await open(name)).map(({ digest, by, address, browser, since, seen, until }) => ({
      id: tagOf(digest),
      ...{ by, address, browser },
      since: since.toISOString(),
      seen: seen.toISOString(),
      until: until.toISOString(),
      current: digest === current,
    }))

  return {
    /**
     * Always a new one: what a browser brought along before is never made into a session. `still` is asked once the
     * session is there, so a reset, a new password or a disabling that came in between has either ended this session
     * or is seen. Undefined: it came in between.
     */
    async begin(
      account: OperatorAccount,
      { by, from, key, still }: { by: SignedInBy; from: SessionFrom; key?: string; still: Still },
    ): Promise<NewSession | undefined> {
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

    /**
     * The open sessions of an account.
     * @param current digest of the session that asks
     * @throws HubError HUB_OPS_NOT_FOUND
     */
    async sessions(name: string, current?: string): Promise<SessionView[]> {
      await mustBe(name)
      return listed(name, current)
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
      return listed(name, keep)
    },
    /** Ends this session, or all of the person's. */
    async signOut({ name, session, everywhere }: { name: string; session: string; everywhere: boolean }) {
      remembered.clear()
      const entry = { at: now(), who: name, action: 'sign-in.ended', target: name, why: '', detail: { everywhere } }
      await ledger.audited(entry, () => ledger.endOperatorSessions(name, everywhere ? undefined : session))
    },
    /** All sessions of an account end with what changed it, which is in the audit already. */
    async endAll(name: string): Promise<void> {
      await ledger.endOperatorSessions(name)
      remembered.clear()
      accounts.forget()
    },
    /** What was read of sessions is old. */
    forget: () => remembered.clear(),
  }
}

/** @see [createSessions] */
export type Sessions = ReturnType<typeof createSessions>

// accounts — the people who work at the hub: each has a name, a role and, if wanted, agencies it is limited to. Every
// change is in the audit, in one write with itself.
import { createHash, randomBytes } from 'node:crypto'
import { newTotpSecret } from '../../adapters/trust/totp.js'
import { HubError } from '../../messages/errors.js'
import type { Operator, OperatorAccount, OperatorRole, SignedIn } from '../../messages/operator.js'
import type { OperatorView } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'
import { newSecret } from '../base/secrets.js'
import { createRecorded } from './recorded.js'

/** An account is seen as another process left it within this time. */
const rememberMs = 2_000
const welcomeHours = 24
/** Tries of a change that somebody else's change came in between of. */
const mostTries = 5

/** A key of the configuration, and whose it is. */
export interface ConfiguredKey {
  name: string
  /** SHA-256. */
  digest: string
  /** Of the account, when the key makes it. */
  role: OperatorRole
  agencies?: string[]
}

interface AccountsParts {
  ledger: Pick<Ledger, 'operatorAccounts' | 'putOperatorAccount' | 'endOperatorSessions' | 'audited'>
  keys: readonly ConfiguredKey[]
  /** Codes of all agencies there are. */
  agencyCodes: readonly string[]
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

/** SHA-256, hexadecimal: how keys and sessions are kept. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const randomToken = () => randomBytes(32).toString('base64url')

/** The account as it is to be; undefined: nothing is to be changed. */
export type Change = (account: OperatorAccount) => Omit<OperatorAccount, 'version'> | undefined

/** Changes are made from the newest version, and again when somebody else was faster. */
export function createAccounts({ ledger, keys, agencyCodes, log, now = () => new Date() }: AccountsParts) {
  const recorded = createRecorded({ ledger, log, event: 'operator account', now })
  let memory: { all: Promise<OperatorAccount[]>; until: number } | undefined

  function all(): Promise<OperatorAccount[]> {
    if (memory && memory.until > performance.now()) return memory.all
    const read = ledger.operatorAccounts()
    memory = { all: read, until: performance.now() + rememberMs }
    read.catch(() => (memory = undefined))
    return read
  }
  const forget = () => void (memory = undefined)
  const byName = async (name: string) => (await all()).find((one) => one.name === name)
  const fresh = async (name: string) => {
    forget()
    return byName(name)
  }

  /**
   * Changes an account, from what it is now. False when `to` finds nothing to do, there is no such account, or others
   * keep changing it.
   */
  async function change(name: string, to: Change): Promise<boolean> {
    for (let tries = 0; tries < mostTries; tries++) {
      const account = await fresh(name)
      if (!account) return false
      const next = to(account)
      if (!next) return false
      const written = await ledger.putOperatorAccount(next, account.version)
      forget()
      if (written) return true
    }
    return false
  }

  function record(by: Operator, action: string, target: string, detail: Record<string, string | string[]> = {}) {
    return async (change: () => Promise<boolean>): Promise<boolean> => {
      const done = await recorded({ by, action, target, detail }, change)
      forget()
      return done
    }
  }

  /** @throws HubError HUB_REQUEST_INVALID */
  function limits(role: OperatorRole, agencies: readonly string[] | undefined): { agencies?: string[] } {
    if (agencies === undefined || agencies.length === 0) return {}
    if (role === 'admin' || role === 'auditor')
      throw new HubError('HUB_REQUEST_INVALID', {
        detail: '/agencies: an admin or auditor is not limited to agencies',
        detailZh: '/agencies：管理员和审计员不能限定部门',
      })
    const unknown = agencies.find((code) => !agencyCodes.includes(code))
    if (unknown !== undefined)
      throw new HubError('HUB_REQUEST_INVALID', {
        detail: `/agencies: there is no agency ${unknown}`,
        detailZh: `/agencies：没有部门 ${unknown}`,
      })
    return { agencies: [...new Set(agencies)] }
  }

  /** The hub is never left without somebody who can change who may come in. @throws HubError HUB_LAST_ADMIN */
  async function notTheLast(name: string): Promise<void> {
    forget()
    const others = (await all()).filter((one) => one.role === 'admin' && !one.disabled && one.name !== name)
    if (!others.some(canComeIn)) throw new HubError('HUB_LAST_ADMIN', { name })
  }
  const configured = (name: string) => keys.some((key) => key.name === name)
  const canComeIn = (one: OperatorAccount) =>
    one.password !== undefined || one.key !== undefined || one.oidc !== undefined || configured(one.name)

  function view({ name, role, agencies, disabled, key, password, totp, welcome, oidc, createdAt }: OperatorAccount) {
    const waiting = welcome !== undefined && welcome.until > now().getTime()
    return {
      name,
      role,
      ...(agencies ? { agencies } : {}),
      disabled,
      signsInBy: [
        ...(key !== undefined || configured(name) ? (['key'] as const) : []),
        ...(password ? (['password'] as const) : []),
        ...(oidc === undefined ? [] : (['oidc'] as const)),
      ],
      totp: totp !== undefined,
      ...(waiting ? { welcomeUntil: new Date(welcome.until).toISOString() } : {}),
      createdAt: new Date(createdAt).toISOString(),
    } satisfies OperatorView
  }

  /** A link by which the person chooses a password; the one before is good no more. */
  function welcome() {
    const token = randomToken()
    const until = now().getTime() + welcomeHours * 3_600_000
    return { token, until, kept: { digest: digestOf(token), until, totp: newTotpSecret() } }
  }
  const invitation = ({ token, until }: { token: string; until: number }) => ({
    path: `/monitor/sign-in#welcome=${token}`,
    until: new Date(until).toISOString(),
  })
  async function must(name: string): Promise<OperatorView> {
    const account = await fresh(name)
    if (!account) throw new HubError('HUB_OPS_NOT_FOUND', { what: `operator ${name}` })
    return view(account)
  }
  const signedIn = ({ name, role, agencies }: OperatorAccount, by: SignedIn['by'], session?: string): SignedIn => ({
    name,
    role,
    ...(agencies ? { agencies } : {}),
    by,
    ...(session === undefined ? {} : { session }),
  })

  return {
    all,
    byName,
    change,
    /** A new account. False when the name is taken. */
    add: (account: Omit<OperatorAccount, 'version'>) => ledger.putOperatorAccount(account, 0),
    forget,
    signedIn,
    digestOf,
    /** Accounts of the configured keys, where there are none yet. */
    async prepare(): Promise<void> {
      for (const { name, role, agencies } of keys)
        await ledger.putOperatorAccount(
          {
            name,
            role,
            ...(role !== 'admin' && agencies?.length ? { agencies } : {}),
            disabled: false,
            recovery: [],
            createdAt: now().getTime(),
          },
          0,
        )
      forget()
    },
    async onlyAdmin(name: string): Promise<boolean> {
      forget()
      return !(await all()).some((one) => one.name !== name && one.role === 'admin' && canComeIn(one))
    },
    /** Who has this key; undefined: nobody, or somebody who is disabled. */
    async byKey(secret: string): Promise<SignedIn | undefined> {
      const digest = digestOf(secret)
      const name = keys.find((key) => key.digest === digest)?.name
      const account = (await all()).find((one) => one.name === name || one.key === digest)
      return account && !account.disabled ? signedIn(account, 'key') : undefined
    },
    /** SHA-256 of every key that opens something. */
    keyDigests: async (): Promise<string[]> => [
      ...keys.map(({ digest }) => digest),
      ...(await all()).flatMap(({ key }) => key ?? []),
    ],
    isKeyOf: (digest: string, { name, key }: OperatorAccount): boolean =>
      key === digest || keys.some((one) => one.digest === digest && one.name === name),
    /** Can somebody sign in on the page, by a password or after a welcome? */
    passwords: async (): Promise<boolean> =>
      (await all()).some(({ password, welcome: link }) => password !== undefined || link !== undefined),
    operators: async (): Promise<OperatorView[]> => (await all()).map(view),
    /** @throws HubError HUB_OPERATOR_EXISTS, HUB_REQUEST_INVALID */
    async addOperator(
      { name, role, agencies }: { name: string; role: OperatorRole; agencies?: readonly string[] | undefined },
      by: Operator,
    ) {
      const link = welcome()
      const account = {
        name,
        role,
        ...limits(role, agencies),
        disabled: false,
        recovery: [],
        welcome: link.kept,
        createdAt: now().getTime(),
      }
      const detail = { role, ...(account.agencies ? { agencies: account.agencies } : {}) }
      const done = await record(by, 'operator.add', name, detail)(() => ledger.putOperatorAccount(account, 0))
      if (!done) throw new HubError('HUB_OPERATOR_EXISTS', { name })
      return { ...(await must(name)), welcome: invitation(link) }
    },
    /** @throws HubError HUB_OPS_NOT_FOUND, HUB_LAST_ADMIN, HUB_REQUEST_INVALID */
    async setRole(
      name: string,
      { role, agencies }: { role: OperatorRole; agencies?: readonly string[] | undefined },
      by: Operator,
    ) {
      await must(name)
      const limit = limits(role, agencies)
      if (role !== 'admin') await notTheLast(name)
      await record(by, 'operator.role', name, { role, ...limit })(() =>
        change(name, ({ agencies: _old, ...old }) => ({ ...old, role, ...limit })),
      )
      return must(name)
    },
    /** Disabled, no key, password or session of it opens anything. @throws HubError as `setRole` does */
    async setDisabled(name: string, disabled: boolean, by: Operator) {
      await must(name)
      if (disabled) await notTheLast(name)
      await record(
        by,
        disabled ? 'operator.disable' : 'operator.enable',
        name,
      )(() => change(name, (old) => ({ ...old, disabled })))
      if (disabled) await ledger.endOperatorSessions(name)
      return must(name)
    },
    /**
     * Password, code device, key and sessions are gone; the person begins again by a link. @throws HubError
     * HUB_OPS_NOT_FOUND
     */
    async resetOperator(name: string, by: Operator) {
      await must(name)
      const link = welcome()
      await record(
        by,
        'operator.reset',
        name,
      )(() =>
        change(name, ({ password: _password, totp: _totp, key: _key, wrong: _wrong, ...old }) => ({
          ...old,
          recovery: [],
          welcome: link.kept,
        })),
      )
      await ledger.endOperatorSessions(name)
      return { ...(await must(name)), welcome: invitation(link) }
    },
    /**
     * A key for the command line, shown once; the one before, and every session that it began, opens nothing any more.
     * @throws HubError HUB_OPS_NOT_FOUND
     */
    async newOperatorKey(name: string, by: Operator) {
      await must(name)
      const secret = newSecret('ops')
      await record(by, 'operator.key', name)(() => change(name, (old) => ({ ...old, key: digestOf(secret) })))
      return { name, secret }
    },
    /** Ends every session of it. @throws HubError HUB_OPS_NOT_FOUND */
    async signOutOperator(name: string, by: Operator) {
      await must(name)
      await record(by, 'operator.sign-out', name)(() => ledger.endOperatorSessions(name))
      return must(name)
    },
  }
}

export type Accounts = ReturnType<typeof createAccounts>

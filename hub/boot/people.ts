// people — who works at the hub: accounts, sessions, an identity provider, acts that wait for a second person.
import { createAccounts } from '../operate/accounts.js'
import { createApprovals } from '../operate/approvals.js'
import { configuredKeys } from '../operate/configured-keys.js'
import { createSignIn } from '../operate/sign-in.js'
import type { Data } from './data.js'
import type { Start } from './start.js'
import type { Storage } from './storage.js'

interface PeopleStart extends Start {
  data: Pick<Data, 'agencyCodes'>
  storage: Pick<Storage, 'ledger'>
  /** The operators' key of the demo, where this is one. */
  demoKey: string | undefined
}

/** Sessions that ended are forgotten this often. */
const forgetMs = 3_600_000

/** Accounts from hub.yaml are written to the ledger first. @throws ConfigError */
export async function startPeople({ config, env, log, life, data, storage, demoKey }: PeopleStart) {
  const { ledger } = storage
  const { operators: setting } = config
  const { agencyCodes } = data
  const accounts = createAccounts({ ledger, keys: configuredKeys(config, env, demoKey), agencyCodes, log })
  await accounts.prepare()
  const { oidc: provider } = setting
  const oidc =
    provider &&
    (await import('../../adapters/trust/oidc.js')).createOidc({
      ...provider,
      clientSecret: provider.clientSecretEnv === undefined ? undefined : env[provider.clientSecretEnv],
      redirectUri: `${provider.url}/monitor/sign-in/oidc/back`,
    })
  const signIn = createSignIn({ ledger, accounts, setting, oidc, agencyCodes, log })
  const timer = setInterval(() => void ledger.forgetOperatorSessions(new Date()).catch(() => {}), forgetMs)
  life.started(timer, (one) => clearInterval(one))
  const { byKey, byName, signedIn } = accounts
  /** What ends sessions ends them now in this process, and within two seconds in others. */
  const ending =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      act(...args).finally(signIn.forget)
  const approvals = createApprovals({
    ledger,
    acts: setting.secondPerson,
    hours: setting.approvalHours,
    onlyAdmin: accounts.onlyAdmin,
  })
  return {
    operators: accounts.operators,
    addOperator: accounts.addOperator,
    setRole: accounts.setRole,
    newOperatorKey: accounts.newOperatorKey,
    setDisabled: ending(accounts.setDisabled),
    resetOperator: ending(accounts.resetOperator),
    signOutOperator: ending(accounts.signOutOperator),
    ...approvals,
    operatorOf: byKey,
    async accountNamed(name: string) {
      const account = await byName(name)
      return account && !account.disabled ? signedIn(account, 'key') : undefined
    },
    signIn,
  }
}

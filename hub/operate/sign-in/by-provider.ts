// by-provider — a person comes in by an identity provider (OpenID Connect), whose groups say what role they have here.
import type { Oidc, OidcBegun } from '../../../adapters/trust/oidc.js'
import { OidcError } from '../../../adapters/trust/oidc-error.js'
import { HubError } from '../../../messages/errors.js'
import type { SessionFrom } from '../../../messages/operator.js'
import type { Ledger } from '../../../store/ledger.js'
import type { OperatorsSetting } from '../operators-setting.js'
import type { Accounts } from '../accounts.js'
import { hasRole, roleOfGroups } from './role-of-groups.js'
import type { NewSession, Sessions } from './sessions.js'

/** @see [createSignIn](../sign-in.ts) */
interface ByProviderParts {
  ledger: Pick<Ledger, 'audited'>
  accounts: Accounts
  sessions: Pick<Sessions, 'begin'>
  setting: Pick<OperatorsSetting, 'oidc'>
  /** Absent: no identity provider. */
  oidc: Oidc | undefined
  agencyCodes: readonly string[]
  now: () => Date
}

const accountName = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u

/** Makes the two halves of it: the way to the provider, and the way back. */
export function createByProvider({ ledger, accounts, sessions, setting, oidc, agencyCodes, now }: ByProviderParts) {
  return {
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
    async oidcEnd(query: string, begun: OidcBegun, from: SessionFrom): Promise<NewSession> {
      if (!oidc || !setting.oidc) throw new HubError('HUB_OPS_NOT_FOUND', { what: 'identity provider' })
      const { id, claims } = await oidc.end(query, begun).catch(failed)
      const name = claims[setting.oidc.nameClaim]
      if (typeof name !== 'string' || !accountName.test(name))
        throw refused(`claim ${setting.oidc.nameClaim} holds no name`)
      const right = roleOfGroups(claims, setting.oidc, agencyCodes)
      if (!right) throw refused(`no group of ${name} has a role here`)
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
      else if (before.oidc === id && !hasRole(before, right))
        await ledger.audited(entry('operator.role'), () =>
          accounts.change(name, ({ agencies: _old, ...old }) => (old.oidc === id ? { ...old, ...right } : undefined)),
        )
      accounts.forget()
      const account = await accounts.byName(name)
      if (account?.oidc !== id) throw refused(`the account ${name} is not this person's`)
      if (account.disabled) throw refused(`the account ${name} is disabled`)
      const session = await sessions.begin(account, { by: 'oidc', from, still: ({ oidc: whose }) => whose === id })
      if (!session) throw refused(`the account ${name} was changed meanwhile`)
      return session
    },
  }
}

const refused = (detail: string) => new HubError('HUB_OIDC_FAILED', { detail })

function failed(error: unknown): never {
  if (error instanceof OidcError) throw refused(error.message)
  throw error
}

// role-of-groups — the role that an identity provider's groups give a person, and the agencies it is limited to.
import { operatorRoles, type OperatorAccount, type OperatorRole } from '../../../messages/operator.js'
import type { OidcSetting } from '../operators-setting.js'

/** A role with the agencies it is limited to; without them it is for all. */
interface GivenRole {
  role: OperatorRole
  agencies?: string[]
}

/**
 * The highest role of the person's groups; with it its agencies, of all groups that give this role. Undefined: no group
 * gives a role, or none of its agencies is there.
 */
export function roleOfGroups(
  claims: Readonly<Record<string, unknown>>,
  { rolesClaim, roles }: Pick<OidcSetting, 'rolesClaim' | 'roles'>,
  agencyCodes: readonly string[],
): GivenRole | undefined {
  const claimed = claims[rolesClaim]
  const groups = (Array.isArray(claimed) ? claimed : [claimed]).filter((one) => typeof one === 'string')
  const given = groups.flatMap((group) => (Object.hasOwn(roles, group) ? [roles[group]!] : []))
  const role = operatorRoles.findLast((one) => given.some((g) => g.role === one))
  if (!role) return undefined
  const those = given.filter((one) => one.role === role)
  if (role === 'admin' || role === 'auditor' || those.some(({ agencies }) => agencies === undefined)) return { role }
  const agencies = [...new Set(those.flatMap(({ agencies }) => agencies ?? []))].filter((code) =>
    agencyCodes.includes(code),
  )
  return agencies.length === 0 ? undefined : { role, agencies }
}

/** Does the account have this role already? */
export const hasRole = ({ role, agencies = [] }: OperatorAccount, given: GivenRole): boolean =>
  role === given.role && agencies.join(' ') === (given.agencies ?? []).join(' ')

// wrong-tries — wrong codes behind the right password, and wrong old passwords: after a few the account waits, at every
// hub. They stand in the account itself, so that many tries at once are counted one after another.
import type { OperatorAccount } from '../../../messages/operator.js'

type WrongKind = keyof NonNullable<OperatorAccount['wrong']>

/** Wrong ones within `wrongMs`; then the account waits. */
export const mostWrong = 5
/** How long an account waits, in milliseconds. */
export const wrongMs = 15 * 60_000

/** When the wrong ones of this kind were that still count at `at`. */
export const wrongLately = ({ wrong }: OperatorAccount, kind: WrongKind, at: Date): number[] =>
  (wrong?.[kind] ?? []).filter((tried) => tried > at.getTime() - wrongMs)

/** The account with these as its wrong ones of this kind; with none of any kind, without the list. */
export function withWrong(account: OperatorAccount, kind: WrongKind, lately: number[]): OperatorAccount {
  const { [kind]: _old, ...others } = account.wrong ?? {}
  const { wrong: _all, ...rest } = account
  const kept = lately.length === 0 ? others : { ...others, [kind]: lately }
  return Object.keys(kept).length === 0 ? rest : { ...rest, wrong: kept }
}

/** What the audit says where the account waits from now on. */
export const lockedEntry = (name: string, what: 'codes' | 'passwords', at: Date) => ({
  ...{ at, who: name, action: 'sign-in.locked', target: name, why: '' },
  detail: { what, minutes: String(wrongMs / 60_000) },
})

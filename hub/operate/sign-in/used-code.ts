// used-code — a code of a person's device, or one of the recovery codes, opens once: the account after it.
import { recoveryDigest, totpStep } from '../../../adapters/trust/totp.js'
import type { OperatorAccount } from '../../../messages/operator.js'

/**
 * The account with this code used up; undefined: the code is wrong or used.
 * @param optional an account without a device needs no code
 */
export function withUsedCode(
  account: OperatorAccount,
  code: string,
  { optional, at }: { optional: boolean; at: Date },
): OperatorAccount | undefined {
  if (!account.totp) return optional ? account : undefined
  const { secret, lastStep } = account.totp
  const step = /^\d{6}$/.test(code) ? totpStep(code, { secret, lastStep, now: at }) : undefined
  if (step !== undefined) return { ...account, totp: { secret, lastStep: step } }
  const digest = recoveryDigest(code)
  if (!account.recovery.includes(digest)) return undefined
  return { ...account, recovery: account.recovery.filter((one) => one !== digest) }
}

// index — the check digits by the name that rules use.
import { base64 } from './base64.js'
import { cas } from './cas.js'
import type { CheckDigit } from './check-digit.js'
import { container } from './container.js'
import { creditCode } from './credit-code.js'
import { customsRegistration } from './customs-registration.js'
import { hsCode10, hsCode13, hsCode8 } from './hs-code.js'
import { idCard } from './id-card.js'
import { imoNumber } from './imo-number.js'
import { organisationCode } from './organisation-code.js'
import { postalItem } from './postal-item.js'
import { railwayWagon } from './railway-wagon.js'
import { vin } from './vin.js'

export type { CheckDigit } from './check-digit.js'
/** By the name that a rule (`check: { as: … }`) and a type of forms (`check:`) call them. */
export const checkDigits = {
  container,
  'credit-code': creditCode,
  'organisation-code': organisationCode,
  'imo-number': imoNumber,
  base64,
  'hs-code-8': hsCode8,
  'hs-code-10': hsCode10,
  'hs-code-13': hsCode13,
  'customs-registration': customsRegistration,
  'id-card': idCard,
  vin,
  cas,
  s10: postalItem,
  wagon: railwayWagon,
} as const satisfies Record<string, CheckDigit>
/** What a rule may write after `checkDigit:`. */
export type CheckDigitName = keyof typeof checkDigits

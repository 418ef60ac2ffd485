// partners — an operator adds a partner, changes what it may do, shuts it out and lets it in again.
import { Value } from 'typebox/value'
import type { NamedPartner } from '../../../adapters/channels/http/parts/partners.js'
import { rangeFault } from '../../../adapters/trust/address-ranges.js'
import { HubError } from '../../../messages/errors.js'
import type { Operator } from '../../../messages/operator.js'
import { PartnerSettings, type Partner } from '../../../messages/partner.js'
import { valueFaults, type ValueFault } from '../../../messages/value-fault.js'
import { NamedSettings } from '../../../messages/views/index.js'
import type { Ledger } from '../../../store/ledger.js'
import type { RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface PartnersParts {
  ledger: Pick<Ledger, 'getPartner' | 'changePartner'>
  recorded: RecordAct
  /** Something about a partner has changed: whoever remembers partners forgets them, polls are started or ended. */
  partnersChanged: () => Promise<void>
  /**
   * What of a partner's settings names a secret that is not a partner's.
   * @see [createPartnerSecrets](../partner-secrets.ts)
   */
  secretFaults: (poll: Partial<PartnerSettings>['poll']) => ValueFault[]
}

const faultText = ({ at, en, value }: ValueFault) =>
  `${at}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}: ${en}`

const rangeFaults = (ranges: readonly string[] = []): ValueFault[] =>
  ranges.flatMap((range, i) => {
    const fault = rangeFault(range)
    return fault ? [{ at: `/settings/addresses/${i}`, ...fault }] : []
  })

/** Doors hear of a change by `partnersChanged`. */
export function createPartners({ ledger, recorded, partnersChanged, secretFaults }: PartnersParts) {
  return {
    /**
     * Adds a partner, or changes what is named of one and nothing else. A new one may do nothing until rights are
     * given.
     * @throws HubError HUB_REQUEST_INVALID with every fault
     */
    async changePartner(named: NamedPartner, by: Operator): Promise<{ partner: Partner; created: boolean }> {
      const { partnerId, name, settings, sshKeys, disabled } = named
      const faults = valueFaults(NamedSettings, settings ?? {}, '/settings')
      if (faults.length === 0) faults.push(...secretFaults(settings?.poll), ...rangeFaults(settings?.addresses))
      if (faults.length > 0) throw new HubError('HUB_REQUEST_INVALID', { detail: faults.map(faultText).join('; ') })
      const before = await ledger.getPartner(partnerId)
      if (!before && name === undefined)
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `/name: partner ${partnerId} is new and needs a name (hub partner add ${partnerId} --name …)`,
          detailZh: `/name：${partnerId} 是新企业，须填写名称（hub partner add ${partnerId} --name …）`,
        })
      const detail = {
        created: !before,
        changed: Object.keys({ ...named, ...settings }).filter((key) => key !== 'partnerId' && key !== 'settings'),
        ...(settings?.rights || !before ? { rights: settings?.rights ?? [] } : {}),
        ...(disabled === undefined ? {} : { disabled }),
      }
      const partner = await recorded({ by, action: 'partner.put', target: partnerId, detail }, () =>
        ledger.changePartner(partnerId, (old) => ({
          partnerId,
          name: name ?? old?.name ?? partnerId,
          settings: Value.Default(PartnerSettings, { ...old?.settings, ...settings }) as PartnerSettings,
          sshKeys: sshKeys ?? old?.sshKeys ?? [],
          disabled: disabled ?? old?.disabled ?? false,
        })),
      )
      await partnersChanged()
      return { partner, created: !before }
    },
    /**
     * Disabled, it is answered by no door any more, and what it holds open ends. Undefined when there is no such
     * partner.
     */
    async disablePartner(partnerId: string, disabled: boolean, by: Operator): Promise<Partner | undefined> {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const action = disabled ? 'partner.disable' : 'partner.enable'
      const partner = await recorded({ by, action, target: partnerId }, () =>
        ledger.changePartner(partnerId, (old) => ({ ...old!, disabled })),
      )
      await partnersChanged()
      return partner
    },
  }
}

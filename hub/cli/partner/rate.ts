// rate — how much a partner may ask and send in a second, as a person writes it: `calls=200 bytes=16MB`.
import type { PartnerView } from '../../../messages/views/index.js'
import { CliError } from '../client.js'

type PartnerRate = NonNullable<PartnerView['settings']['rate']>

const units: Record<string, number> = { '': 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/** `calls=200 bytes=16MB`; `usual`: nothing of its own. What is not named is as for all. */
export function readRate(limits: readonly string[]): PartnerRate {
  if (limits.length === 1 && limits[0] === 'usual') return {}
  return Object.fromEntries(
    limits.map((limit) => {
      const [, what, number, unit = ''] = /^(calls|bytes)=(\d+)(kB|MB|GB)?$/.exec(limit) ?? []
      if (what === undefined || (what === 'calls' && unit !== ''))
        throw new CliError(`--rate takes calls=200, bytes=16MB (kB, MB, GB), or usual; not ${limit}`)
      return [`${what}PerSecond`, Number(number) * units[unit]!]
    }),
  )
}

/** A partner’s rate as `--rate` takes it; `usual` where it has none of its own. */
export function rateOf({ callsPerSecond, bytesPerSecond }: PartnerRate = {}): string {
  const size = (bytes: number) => {
    const [unit, factor] = Object.entries(units).findLast(([, one]) => bytes % one === 0)!
    return `${bytes / factor}${unit}`
  }
  const own = [
    ...(callsPerSecond === undefined ? [] : [`calls=${callsPerSecond}`]),
    ...(bytesPerSecond === undefined ? [] : [`bytes=${size(bytesPerSecond)}`]),
  ]
  return own.length > 0 ? own.join(' ') : 'usual'
}

// reload — the operator's file is read again while the hub runs: the rules for agencies change at once, or, when there
// is one fault, not at all. No job is touched: what is under way ends by the rules it began with.
import type { SignerSettings } from '../../adapters/trust/signer.js'
import type { Agencies } from './agencies.js'
import type { AgencySettings } from './settings.js'
import type { Traffic } from './traffic.js'
import { readDefaultRules, type DefaultRules } from './default-rules.js'

/** What of hub.yaml changes at once. */
interface ReloadedSettings {
  agencies: Record<string, AgencySettings>
  signers: readonly SignerSettings[]
}

/** What hub.yaml and routing/agencies.yaml say of agencies. */
export interface AgencyRules {
  settings: ReloadedSettings['agencies']
  defaults: Map<string, DefaultRules>
}

/** The file of the default rules for agencies. */
export interface RulesParts {
  /** routing/agencies.yaml */
  defaultsFile: string
}

/** What both files say together; every fault of routing/agencies.yaml goes to `faults`. */
export function readRules(
  config: Pick<ReloadedSettings, 'agencies'>,
  { defaultsFile }: RulesParts,
  faults: string[],
): AgencyRules {
  return { settings: config.agencies, defaults: readDefaultRules(defaultsFile, faults) }
}

/** @see [startAgencies](../boot/agencies.ts) */
interface ReloadParts<Config extends ReloadedSettings> extends RulesParts {
  /** Reads hub.yaml and the environment again, and what they name. @throws ConfigError */
  reread: () => Config
  /** What the hub was started with. */
  config: Config
  agencies: Pick<Agencies, 'update' | 'fetch'>
  traffic: Pick<Traffic, 'rulesChanged'>
  signers: { update(settings: ReloadedSettings['signers']): void }
  works: boolean
  /** @see [createMetrics](../../monitoring/metrics.ts) */
  told?: (ok: boolean) => void
  log: {
    info(ids: object, event: string): void
    warn(ids: object, event: string): void
    error(ids: object, event: string): void
  }
}

/** Returns the faults; none: it is in force. */
export function createReload<Config extends ReloadedSettings>({
  reread,
  config: first,
  agencies,
  traffic,
  signers,
  works,
  told,
  log,
  ...rules
}: ReloadParts<Config>) {
  let before = JSON.stringify(first.agencies)
  return function reload(): string[] {
    const faults: string[] = []
    let next: Config | undefined
    try {
      next = reread()
    } catch (error) {
      faults.push(...((error as { faults?: string[] }).faults ?? [String(error)]))
    }
    const read = readRules(next ?? { agencies: {} }, rules, faults)
    if (!next || faults.length > 0) {
      log.error({ faults }, 'the configuration was not reloaded; everything stays as it was')
      told?.(false)
      return faults
    }
    const moved = agencies.update(read)
    traffic.rulesChanged()
    signers.update(next.signers)
    if (works) agencies.fetch()
    const now = JSON.stringify(read.settings)
    log.info({ agencies: Object.keys(read.settings), changed: now !== before }, 'configuration reloaded')
    before = now
    if (moved.length > 0)
      log.warn(
        { agencies: moved },
        'reached at another place now: a person decides what is unclear from the old one; the old folders are read ' +
          'until the hub stops, move answers that come there later to the new ones',
      )
    const waiting = Object.keys(next).filter(
      (key) =>
        key !== 'agencies' &&
        key !== 'signers' &&
        JSON.stringify(next[key as keyof Config]) !== JSON.stringify(first[key as keyof Config]),
    )
    if (waiting.length > 0) log.warn({ settings: waiting }, 'these settings change with the next start only')
    told?.(true)
    return []
  }
}

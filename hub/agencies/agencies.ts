// agencies — how each agency is reached and by which rules, as the operator's file says now: connectors are made when
// first used, shared by those that are reached the same way, and let go after their last send when the file changes.
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { charsetNamed } from '../../messages/edifact/charset.js'
import type { EdifactTaking } from '../../messages/edifact/target.js'
import type { Connector } from '../../adapters/connectors/connector.js'
import { withDefaults } from '../../adapters/connectors/kind.js'
import type { QueryShape } from '../../messages/queries/shape.js'
import { modeOf, type QueryMode } from './query-mode.js'
import { ownCertificates } from './own-certificates.js'
import { maySpeak, sameSecret, variablesOf } from './callback.js'
import type { Connect } from './connect.js'
import { AgencyPolicy, policyOf } from './policy.js'
import { retiring, type Retiring } from './retiring.js'
import { kindOf, type AgencySettings } from './settings.js'
import type { DefaultRules } from './default-rules.js'

/** @see [startAgencies](../boot/agencies.ts) */
export interface AgenciesParts {
  rules: { settings: Record<string, AgencySettings>; defaults: ReadonlyMap<string, DefaultRules> }
  /** Every agency something is owed to, in the order of routing/agencies.yaml. */
  codes: string[]
  env: NodeJS.ProcessEnv
  /** @see [createConnect](./connect.ts) */
  connect: Connect
  /**
   * How agencies nothing is configured for are reached, and the token they show; undefined: not at all. Default: not at
   * all.
   */
  fallback?: () => { settings: AgencySettings; token: string } | undefined
  /**
   * The shape of a query, by its document. Default: none is known.
   * @see [createQueryBook](../queries/book.ts)
   */
  shapeOf?: (document: string) => QueryShape | undefined
  /** Documents a mapping makes EDIFACT of. */
  becomesEdifact?: ReadonlySet<string>
}

/** A connector that was made. */
interface Open {
  way: Retiring
  /** Who is reached by it; of one that is read on, who was at last. */
  agencies: string[]
  place: string
  fetches: boolean
}

/** Names the place; what is known of one place says nothing of another. */
function placeOfReach(reach: AgencySettings): string {
  const kind = kindOf(reach)
  const facts = JSON.stringify([kind.kind, kind.place(withDefaults(kind, reach))])
  return createHash('sha256').update(facts).digest('hex').slice(0, 8)
}

/**
 * What is asked of it is answered by the rules of that moment; after `update` the next question is answered by the new
 * ones.
 */
export function createAgencies({
  rules: first,
  codes,
  env,
  connect,
  fallback,
  shapeOf = () => undefined,
  becomesEdifact = new Set(),
}: AgenciesParts) {
  let { settings, defaults } = first
  const open = new Map<string, Open>()
  /** Places no agency is reached at any more, where answers may still come. */
  const old = new Map<string, Open>()
  const leaving = new Set<Promise<void>>()

  function settingsOf(agency: string): AgencySettings | undefined {
    const reach = settings[agency] ?? settings.default ?? fallback?.()?.settings
    if (!reach) return undefined
    // Table by table: what hub.yaml names in it, then what is known of the agency everywhere.
    const known = defaults.get(agency)?.reach ?? {}
    const tables = Object.keys(kindOf(reach).defaults?.Settings.properties ?? {}).filter((name) => known[name])
    return {
      ...reach,
      ...Object.fromEntries(tables.map((name) => [name, { ...known[name], ...(reach[name] as object) }])),
    }
  }

  const policies = new Map<string, AgencyPolicy>()
  const places = new Map<string, string | undefined>()
  function placeOf(agency: string): string | undefined {
    if (places.has(agency)) return places.get(agency)
    // The simulator of a demo has another port with each start, and is the same.
    const wanted = (settings[agency] ?? settings.default) ? reachOf(agency) : undefined
    const place = wanted && placeOfReach(wanted.reach)
    places.set(agency, place)
    return place
  }
  /**
   * The longest deadline an agency has had since this process started: a try that began under it may still be under
   * way.
   */
  const longest = new Map<string, number>()
  function policy(agency: string): AgencyPolicy {
    const known = policies.get(agency)
    if (known) return known
    const made = policyOf(settings[agency] ?? settings.default, defaults.get(agency)?.policy)
    policies.set(agency, made)
    longest.set(agency, Math.max(made.deadlineSeconds, longest.get(agency) ?? 0))
    return made
  }

  /** Everything a connector is made of, rules left out: equal keys, one connector. */
  function reachOf(agency: string): { key: string; reach: AgencySettings; deadlineMs: number } | undefined {
    const own = settingsOf(agency)
    if (!own) return undefined
    const reach = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.replaceAll('{agency}', agency) : value,
      ]),
    ) as AgencySettings
    const deadlineMs = policy(agency).deadlineSeconds * 1000
    return {
      key: JSON.stringify([
        deadlineMs,
        ...Object.entries(reach)
          .filter(([name]) => name !== 'edifact' && name !== 'xml' && !Object.hasOwn(AgencyPolicy.properties, name))
          .sort(),
      ]),
      reach,
      deadlineMs,
    }
  }

  function connector(agency: string): Connector {
    const wanted = reachOf(agency)
    // Kept in the queue until somebody configures it: nothing is lost for want of a setting.
    if (!wanted) return unconfigured
    const known = open.get(wanted.key)
    if (known) return known.way.connector
    const one: Open = {
      agencies: agenciesAt(wanted.key),
      place: placeOfReach(wanted.reach),
      fetches: kindOf(wanted.reach).fetches,
      way: retiring(connect(wanted.reach, wanted.deadlineMs, () => one.agencies)),
    }
    open.set(wanted.key, one)
    return one.way.connector
  }
  const agenciesAt = (key: string) => codes.filter((code) => reachOf(code)?.key === key)

  function letGo({ way }: Open): void {
    const gone = way.retire().finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  return {
    connector,
    policy,
    /** Names where it is reached now, in letters and digits; undefined: nowhere, or at the simulator of a demo. */
    placeOf,
    longestTrySeconds: (agency: string) => Math.max(policy(agency).deadlineSeconds, longest.get(agency)!),
    settingsOf,
    /** How it takes EDIFACT instead of this document; undefined: it takes the document. */
    edifactOf(agency: string, documentType: string): EdifactTaking | undefined {
      const taking = settingsOf(agency)?.edifact
      return taking && (taking.documents ?? [...becomesEdifact]).includes(documentType) ? taking : undefined
    },
    /** Does it take the XML of a form in place of this EDIFACT message? */
    takesXml: (agency: string, documentType: string) => settingsOf(agency)?.xml?.includes(documentType) ?? false,
    /** Who answers a query that is owed to this agency. */
    answersQueries(agency: string, operation: string, document: string): QueryMode {
      const shape = shapeOf(document)
      const reach = settingsOf(agency)
      const answers = reach !== undefined && kindOf(reach).answersQueries
      return shape ? modeOf(policy(agency).queries, operation, shape, answers) : 'agency'
    },
    edifactCharset: (agency: string) => charsetNamed(settingsOf(agency)?.edifact?.charset ?? ''),
    /** Each connector in use with those who share it. */
    connectors: () => [...open.values()].map(({ way, agencies }) => ({ connector: way.connector, agencies })),
    /** Those the hub shows to agencies. */
    certificates: () => ownCertificates(settings),
    /** Opens those that fetch answers by themselves: they work also when nothing is sent. */
    fetch(): void {
      for (const code of codes) {
        const reach = settingsOf(code)
        if (reach && kindOf(reach).fetches) connector(code)
      }
    },
    /**
     * From now on these. What is under way on a connector that is not used any more ends first. A place that answers
     * were fetched from, and that no agency has any more, is read on until the hub stops: they may come late.
     * @returns the agencies that are reached at another place than before
     */
    update(next: AgenciesParts['rules']): string[] {
      const before = codes.map((code) => placeOf(code))
      ;({ settings, defaults } = next)
      policies.clear()
      places.clear()
      for (const code of codes) policy(code)
      const used = new Set(codes.map((code) => placeOf(code)))
      for (const [place, one] of old)
        if (used.has(place)) {
          old.delete(place)
          letGo(one)
        }
      for (const [key, one] of open) {
        const agencies = agenciesAt(key)
        if (agencies.length > 0) {
          one.agencies = agencies
          continue
        }
        open.delete(key)
        if (one.fetches && !used.has(one.place) && !old.has(one.place)) old.set(one.place, one)
        else letGo(one)
      }
      return codes.filter((code, i) => before[i] !== undefined && placeOf(code) !== before[i])
    },
    /** May whoever shows these headers at /agency/{agency}/receipts speak for it? */
    maySpeak(agency: string, headers: IncomingHttpHeaders): boolean {
      const own = settings[agency] ?? settings.default
      if (own && variablesOf(own).length > 0) return maySpeak(own, env, headers)
      const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
      return token !== undefined && sameSecret(fallback?.()?.token, token)
    },
    async close() {
      await Promise.all([...[...open.values(), ...old.values()].map(({ way }) => way.connector.close()), ...leaving])
    },
  }
}

export type Agencies = ReturnType<typeof createAgencies>

const unconfigured: Connector = {
  send: async () => ({
    outcome: 'transient',
    code: 'HUB_AGENCY_UNCONFIGURED',
    detail: 'no connector is configured',
    retryAfterSeconds: 60,
  }),
  close: async () => {},
}

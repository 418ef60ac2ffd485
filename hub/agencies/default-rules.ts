// default-rules — the rules routing/agencies.yaml brings for some agencies, read anew with every reload. hub.yaml has
// the last word.
import { valueFaults } from '../../messages/value-fault.js'
import { readYamlFile } from '../base/yaml-file.js'
import { windowFaults, type PolicySettings } from './policy.js'
import { defaultFaults, DefaultPolicy, DefaultReach } from './settings.js'

/** What is known of an agency everywhere: its rules, and how it answers. */
export interface DefaultRules {
  policy: PolicySettings
  reach: DefaultReach
}

/** Reads the default rules by agency code; every fault goes to `faults`, with its place in the file. */
export function readDefaultRules(file: string, faults: string[]): Map<string, DefaultRules> {
  const defaults = new Map<string, DefaultRules>()
  const yaml = readYamlFile(file)
  faults.push(...yaml.faults)
  for (const [i, { code = '?', policy = {}, connector = {} }] of entriesOf(yaml.value).entries()) {
    const at = `/agencies/${i}/policy`
    const found = valueFaults(DefaultPolicy, policy, at)
    if (found.length === 0)
      found.push(
        ...windowFaults((policy as PolicySettings).windows ?? [], new Date()).map((fault) => ({
          ...fault,
          at: `${at}/windows${fault.at}`,
        })),
      )
    const reach = `/agencies/${i}/connector`
    const wrong = valueFaults(DefaultReach, connector, reach)
    if (wrong.length === 0)
      wrong.push(...defaultFaults(connector as DefaultReach).map((fault) => ({ ...fault, at: `${reach}${fault.at}` })))
    found.push(...wrong)
    faults.push(...found.map(yaml.placed))
    if (found.length === 0) defaults.set(code, { policy: policy as PolicySettings, reach: connector as DefaultReach })
  }
  return defaults
}

/** What else is wrong with the file is told where it is read as a whole (routing/load.ts). */
function entriesOf(file: unknown): { code?: string; policy?: unknown; connector?: unknown }[] {
  const { agencies } = (file ?? {}) as { agencies?: unknown }
  return (Array.isArray(agencies) ? agencies : []).map((entry) => (entry ?? {}) as object)
}

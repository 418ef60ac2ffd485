// default-rules — the rules routing/agencies.yaml brings for some agencies, read anew with every reload. hub.yaml has
// the last word.
import { valueFaults } from '../../messages/value-fault.js'
import { readYamlFile } from '../base/yaml-file.js'
import { windowFaults, type PolicySettings } from './policy.js'
import { usualFaults, UsualPolicy, UsualReach } from './settings.js'

/** What is known of an agency everywhere: its rules, and how it answers. */
export interface DefaultRules {
  policy: PolicySettings
  reach: UsualReach
}

/** By agency code; every fault goes to `faults`, with its place in the file. */
export function readDefaultRules(file: string, faults: string[]): Map<string, DefaultRules> {
  const usual = new Map<string, DefaultRules>()
  const yaml = readYamlFile(file)
  faults.push(...yaml.faults)
  const { agencies = [] } = yaml.value as { agencies?: { code?: string; policy?: unknown; connector?: unknown }[] }
  for (const [i, { code = '?', policy = {}, connector = {} }] of agencies.entries()) {
    const at = `/agencies/${i}/policy`
    const found = valueFaults(UsualPolicy, policy, at)
    if (found.length === 0)
      found.push(
        ...windowFaults((policy as PolicySettings).windows ?? [], new Date()).map((fault) => ({
          ...fault,
          at: `${at}/windows${fault.at}`,
        })),
      )
    const reach = `/agencies/${i}/connector`
    const wrong = valueFaults(UsualReach, connector, reach)
    if (wrong.length === 0)
      wrong.push(...usualFaults(connector as UsualReach).map((fault) => ({ ...fault, at: `${reach}${fault.at}` })))
    found.push(...wrong)
    faults.push(...found.map(yaml.placed))
    if (found.length === 0) usual.set(code, { policy: policy as PolicySettings, reach: connector as UsualReach })
  }
  return usual
}

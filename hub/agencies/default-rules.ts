// default-rules — the rules routing/agencies.yaml brings for some agencies, read anew with every reload. hub.yaml has the last word.
import { valueFaults } from '../../messages/value-fault.js'
import { readYamlFile } from '../config/yaml-file.js'
import { windowFaults, type PolicySettings } from './policy.js'
import { answerFaults, UsualAnswers, UsualPolicy } from './settings.js'

/** What is known of an agency everywhere: its rules, and what its answers look like. */
export interface DefaultRules {
  policy: PolicySettings
  connector: UsualAnswers
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
    const wrong = valueFaults(UsualAnswers, connector, reach)
    if (wrong.length === 0)
      wrong.push(...answerFaults(connector as UsualAnswers).map((fault) => ({ ...fault, at: `${reach}${fault.at}` })))
    found.push(...wrong)
    faults.push(...found.map(yaml.placed))
    if (found.length === 0) usual.set(code, { policy: policy as PolicySettings, connector: connector as UsualAnswers })
  }
  return usual
}

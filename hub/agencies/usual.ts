// usual — the rules routing/agencies.yaml brings for some agencies, read anew with every reload. hub.yaml has the last word.
import { settingFaults } from '../setting-fault.js'
import { readYamlFile } from '../yaml-file.js'
import { windowFaults, type PolicySettings } from './policy.js'
import { UsualPolicy } from './settings.js'

/** By agency code; every fault goes to `faults`, with its place in the file. */
export function readUsual(file: string, faults: string[]): Map<string, PolicySettings> {
  const usual = new Map<string, PolicySettings>()
  const yaml = readYamlFile(file)
  faults.push(...yaml.faults)
  const { agencies = [] } = yaml.value as { agencies?: { code?: string; policy?: unknown }[] }
  for (const [i, { code = '?', policy }] of agencies.entries()) {
    if (policy === undefined) continue
    const at = `/agencies/${i}/policy`
    const found = settingFaults(UsualPolicy, policy, at)
    if (found.length === 0)
      found.push(
        ...windowFaults((policy as PolicySettings).windows ?? [], new Date()).map((fault) => ({
          ...fault,
          at: `${at}/windows${fault.at}`,
        })),
      )
    faults.push(...found.map(yaml.placed))
    if (found.length === 0) usual.set(code, policy as PolicySettings)
  }
  return usual
}

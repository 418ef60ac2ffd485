// usual — the rules routing/agencies.yaml brings for some agencies, read anew with every reload. hub.yaml has the last word.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { valueFaults } from '../value-faults.js'
import { windowFaults, type PolicySettings } from './policy.js'
import { UsualPolicy } from './settings.js'

/** By agency code; every fault goes to `faults`, with its place in the file. */
export function readUsual(file: string, faults: string[]): Map<string, PolicySettings> {
  const usual = new Map<string, PolicySettings>()
  let entries: { code?: string; policy?: unknown }[]
  try {
    entries = (parse(readFileSync(file, 'utf8')) as { agencies?: typeof entries }).agencies ?? []
  } catch (error) {
    faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    return usual
  }
  for (const { code = '?', policy } of entries) {
    if (policy === undefined) continue
    const at = `${file}: ${code}/policy`
    const found = valueFaults(UsualPolicy, policy, at)
    if (found.length === 0)
      found.push(
        ...windowFaults((policy as PolicySettings).windows ?? [], new Date()).map((fault) => `${at}/windows${fault}`),
      )
    faults.push(...found)
    if (found.length === 0) usual.set(code, policy as PolicySettings)
  }
  return usual
}

// load-config — the configuration of a start: defaults, hub.yaml, the environment, the command line, each over the one
// before. Every fault is reported at once, by the option, the variable or the line that said it.
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { readAgencies } from '../agencies/settings.js'
import { ConfigError } from './config-error.js'
import { Config } from './config.js'
import { unknownVariables, variables } from './environment.js'
import { operatorsOfYaml } from '../operate/operators-setting.js'
import { weakKey, worldFaults } from './world-faults.js'
import { dotted, settingText } from '../../messages/setting-text.js'
import { readYamlFile } from '../base/yaml-file.js'

/** Command-line options and the settings they are. */
const options: Partial<Record<keyof Config, string>> = {
  dataDir: '--data',
  httpPort: '--http-port',
  sftpPort: '--sftp-port',
  demo: '--demo',
}

/** The file the configuration comes from, whether it is there or not. */
export function configFile(env: NodeJS.ProcessEnv, over: ConfigOver = {}): string {
  return env.HUB_CONFIG ?? join(String(over.dataDir ?? env.HUB_DATA ?? './data'), 'hub.yaml')
}

/** Command-line options, as they were typed. */
export type ConfigOver = Partial<Record<keyof Config, string | number | boolean>>

/**
 * The configuration from `env`, the file it names (`HUB_CONFIG`, else `<dataDir>/hub.yaml` when there) and `over`
 * (command-line options).
 * @throws ConfigError with every fault of form.
 */
export function loadConfig(env: NodeJS.ProcessEnv, over: ConfigOver = {}): Config {
  return read(env, over, false)
}

/**
 * The same, and what it names must be there: agencies, environment variables with secrets, key files. What `hub start`,
 * a reload and `hub doctor` ask.
 * @throws ConfigError with every fault of form and of what is named.
 */
export function checkedConfig(env: NodeJS.ProcessEnv, over: ConfigOver = {}): Config {
  return read(env, over, true)
}

function read(env: NodeJS.ProcessEnv, over: ConfigOver, withWorld: boolean): Config {
  const set = Object.entries(variables).filter(([name]) => env[name])
  const file = configFile(env, over)
  const there = existsSync(file)
  const yaml = there ? readYamlFile(file) : undefined
  const texts = [...(yaml?.faults ?? [])]
  if (!there && env.HUB_CONFIG) texts.push(`HUB_CONFIG = "${file}": there is no such file 没有这个文件`)

  const fromEnv: Record<string, unknown> = {}
  for (const [name, { sets, joins, read }] of set) {
    const others = joins ? (fromEnv[sets] ?? (yaml?.value as Record<string, unknown> | undefined)?.[sets]) : undefined
    fromEnv[sets] = joins ? { ...(others as object), ...(read(env[name]!) as object) } : read(env[name]!)
  }
  const given: Record<string, unknown> = { ...(yaml?.value as object), ...fromEnv, ...over }
  const list = Array.isArray(given.operators)
  if (list) given.operators = operatorsOfYaml(given.operators)
  const merged = Value.Default(Config, given) as Partial<Config>
  const faults = valueFaults(Config, merged)
  const agencies = readAgencies((merged as { agencies?: unknown }).agencies, faults)
  if (withWorld) faults.push(...worldFaults({ ...merged, agencies }, env))
  if (withWorld) texts.push(...weakKey('', env.HUB_OPS_KEY).map((fault) => settingText('HUB_OPS_KEY', fault)))
  texts.push(...new Set(faults.map(inItsPlace)), ...(withWorld ? unknownVariables(env, yaml?.value) : []))
  if (texts.length > 0) throw new ConfigError(texts)
  const config = merged as Config
  return { ...config, agencies, dataDir: isAbsolute(config.dataDir) ? config.dataDir : resolve(config.dataDir) }

  /** By the option, the variable or the line that said it. */
  function inItsPlace(found: ValueFault): string {
    const fault = list ? { ...found, at: found.at.replace(/^\/operators\/keys/, '/operators') } : found
    const top = fault.at.split('/')[1] as keyof Config
    const option = over[top] === undefined ? undefined : options[top]
    if (option) return settingText(option, { ...fault, value: over[top] })
    const variable =
      set.find(([, { sets, at }]) => sets === top && at !== undefined && fault.at.startsWith(at)) ??
      set.find(([, { sets, joins }]) => sets === top && !joins)
    if (variable) {
      const [name, { at = `/${top}` }] = variable
      return settingText(name, fault.at.startsWith(at) ? { ...fault, value: env[name] } : fault)
    }
    return yaml ? yaml.placed(fault) : settingText(dotted(fault.at), fault)
  }
}

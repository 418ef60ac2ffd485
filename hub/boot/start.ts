// start — what every starter is given: the settings, the log, where secrets come from, and where to say how its parts
// are stopped.
import type { Config } from '../config/config.js'
import type { Lifetime } from './lifetime.js'
import type { Log } from '../base/log.js'

/** What every starter is given. */
export interface Start {
  config: Config
  log: Log
  env: NodeJS.ProcessEnv
  life: Lifetime
  /** Of the hub and its build, as people are shown it: `0.1.0+3f2a9c1b7d04`. */
  version: string
}

/** Where the configuration comes from: how it is read again, and which file to watch. */
export interface ConfigSource {
  reread: () => Config
  file?: string
}

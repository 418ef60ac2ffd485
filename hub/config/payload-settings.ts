// payload-settings — the object store of `payloads`, with the keys that open it: from the environment, or from files it
// names.
import { readFileSync } from 'node:fs'
import type { PayloadSettings } from '../../store/payloads/payloads.js'

interface Settings {
  payloads?: string | undefined
  payloadsEndpoint?: string | undefined
  payloadsRegion?: string | undefined
}

/** What of the environment opens it: a variable, or one that names a file. */
export const payloadSecrets = ['HUB_PAYLOADS_KEY_ID', 'HUB_PAYLOADS_SECRET'] as const

/** Undefined where it is not set. @throws Error when the file it is to be read from cannot be read */
export function payloadSecret(name: (typeof payloadSecrets)[number], env: NodeJS.ProcessEnv): string | undefined {
  const file = env[`${name}_FILE`]
  return env[name] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim())
}

/** Undefined where bytes stay in the ledger. Region and endpoint are AWS's unless they are named. */
export function payloadSettings(
  { payloads, payloadsEndpoint, payloadsRegion = 'us-east-1' }: Settings,
  env: NodeJS.ProcessEnv,
): PayloadSettings | undefined {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(payloads ?? '') ?? []
  if (bucket === undefined) return undefined
  return {
    bucket,
    prefix: prefix ?? '',
    region: payloadsRegion,
    endpoint: payloadsEndpoint ?? `https://s3.${payloadsRegion}.amazonaws.com`,
    keyId: payloadSecret('HUB_PAYLOADS_KEY_ID', env) ?? '',
    secret: payloadSecret('HUB_PAYLOADS_SECRET', env) ?? '',
  }
}

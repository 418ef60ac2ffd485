// configured-keys — operators' keys of hub.yaml and of the environment, and whose each is.
import type { ConfiguredKey } from './accounts.js'
import type { OperatorsSetting } from './operators-setting.js'
import { hashSecret } from '../base/secrets.js'

/**
 * The keys that are configured, and whose: those of hub.yaml, and the one of HUB_OPS_KEY (or of the demo), which is the
 * account `operator`'s.
 */
export function configuredKeys(
  { operators }: { operators: OperatorsSetting },
  env: NodeJS.ProcessEnv,
  demo?: string,
): ConfiguredKey[] {
  const plain = env.HUB_OPS_KEY ?? demo
  return [
    ...operators.keys.flatMap(({ name, keyEnv, role, agencies }) =>
      env[keyEnv] ? [{ name, digest: hashSecret(env[keyEnv]), role, ...(agencies ? { agencies } : {}) }] : [],
    ),
    ...(plain ? [{ name: 'operator', digest: hashSecret(plain), role: 'admin' as const }] : []),
  ]
}

// partner-secrets — which variables and key files the settings of partners may name. Whoever may change a partner names
// the host too, so without this the hub's own secrets could be sent anywhere: only what hub.yaml sets aside for
// partners is ever read.
import { realpathSync } from 'node:fs'
import { constants, open } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Type, type Static } from 'typebox'
import type { PartnerSettings } from '../../messages/partner.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { variablesIn, type AgencySettings } from '../agencies/settings.js'

const usualVariables = ['POLL_*']

/** `partnerSecrets` of hub.yaml. */
export const PartnerSecretsSetting = Type.Object(
  {
    env: Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*\\*?$' }), {
      default: [...usualVariables],
      description:
        "Environment variables that partners' `poll.passwordEnv` may name; `NAME_*` stands for all that begin with " +
        '`NAME_`. Variables that begin with `HUB_`, `REDIS_URL` and those of agencies, operators and tracing never',
      zh: '企业设置可以引用的环境变量',
    }),
    folder: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Folder of the key files that partners' `poll.keyFile` may name. Absent: `<data>/poll-keys`. A relative " +
          "`keyFile` is one of this folder. Links are followed first, so none leads out. A folder with the hub's " +
          'own keys in it is refused',
        zh: '企业密钥文件目录',
      }),
    ),
  },
  { additionalProperties: false },
)

interface PartnerSecretsParts {
  setting: Static<typeof PartnerSecretsSetting> | undefined
  dataDir: string
  /** What else hub.yaml takes from the environment: never a partner's. */
  others: {
    operators: { keys: { keyEnv: string }[]; oidc?: { clientSecretEnv?: string } }
    agencies: Record<string, AgencySettings>
    tracing?: { headersEnv?: Record<string, string> } | undefined
  }
  env: NodeJS.ProcessEnv
}

export type PartnerSecrets = ReturnType<typeof createPartnerSecrets>

const largestKeyBytes = 100_000

/** Gives secrets out only by names that are set aside for partners. */
export function createPartnerSecrets({ setting, dataDir, others, env }: PartnerSecretsParts) {
  const names = setting?.env ?? usualVariables
  const folder = resolve(dataDir, setting?.folder ?? 'poll-keys')
  const taken = new Set([
    'DATABASE_URL',
    'REDIS_URL',
    ...others.operators.keys.map(({ keyEnv }) => keyEnv),
    ...(others.operators.oidc?.clientSecretEnv ? [others.operators.oidc.clientSecretEnv] : []),
    ...Object.values(others.agencies).flatMap((agency) => variablesIn(agency, '').map(({ name }) => name)),
    ...Object.values(others.tracing?.headersEnv ?? {}),
  ])

  const mayName = (name: string) =>
    !/^HUB_/i.test(name) &&
    !taken.has(name) &&
    names.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))

  /** Where the file really is, whatever links lead there; undefined when that is not in the folder. */
  function placeOf(keyFile: string): string | undefined {
    const file = real(resolve(folder, keyFile))
    // A folder that holds the hub's own keys is none for partners.
    return isBelow(file, real(folder)) && !isBelow(real(join(dataDir, 'webhook.key')), real(folder)) ? file : undefined
  }

  const passwordFault = (name: string) => ({
    en:
      `the variable ${name} is not set aside for partners; give it a name of partnerSecrets.env ` +
      `(${names.join(', ')}), or add it there in hub.yaml`,
    zh: `变量 ${name} 不可用于企业；请使用 hub.yaml 中 partnerSecrets.env（${names.join('、')}）允许的变量名，或将其加入该列表`,
  })
  const keyFault = () => ({
    en: `the key file is not in ${folder}; put it there, or name its folder in partnerSecrets.folder of hub.yaml`,
    zh: `密钥文件不在 ${folder} 中；请将其放入该目录，或在 hub.yaml 的 partnerSecrets.folder 中指定目录`,
  })

  return {
    /** What may not be named in settings that are about to be stored. */
    faults(poll: Partial<NonNullable<PartnerSettings['poll']>> | undefined): ValueFault[] {
      const { passwordEnv, keyFile } = poll ?? {}
      return [
        ...(passwordEnv === undefined || mayName(passwordEnv)
          ? []
          : [{ at: '/settings/poll/passwordEnv', ...passwordFault(passwordEnv) }]),
        ...(keyFile === undefined || placeOf(keyFile) !== undefined
          ? []
          : [{ at: '/settings/poll/keyFile', ...keyFault(), value: keyFile }]),
      ]
    },
    /**
     * Looked at again whenever it is used: settings may be older than the rule, and a link may have been put there
     * since. @throws Error
     */
    password(name: string): string | undefined {
      if (!mayName(name)) throw new Error(passwordFault(name).en)
      return env[name]
    },
    /** @throws Error when it is elsewhere, no plain file, or cannot be read */
    async key(keyFile: string): Promise<Buffer> {
      const file = placeOf(keyFile)
      if (file === undefined) throw new Error(keyFault().en)
      // Neither a link put there meanwhile nor a pipe that never ends.
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        const { size, ...stat } = await handle.stat().then((one) => ({ size: one.size, plain: one.isFile() }))
        if (!stat.plain || size > largestKeyBytes) throw new Error(`${keyFile} is no key file`)
        return await handle.readFile()
      } finally {
        await handle.close()
      }
    },
  }
}

/** With every link of it followed; what is not there (yet) hangs below the nearest folder that is. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const above = resolve(path, '..')
    return above === path ? path : join(real(above), relative(above, path))
  }
}

function isBelow(file: string, folder: string): boolean {
  const way = relative(folder, file)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

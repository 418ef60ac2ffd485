// world-faults — what a configuration asks of the world and the world does not have: agencies, secrets, files.
import type { OperatorsSetting } from '../operate/operators-setting.js'
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readRouting } from '../../routing/load.js'
import { rangeFault } from '../../adapters/trust/address-ranges.js'
import { certificatesOf } from '../../adapters/trust/time-stamp/authority.js'
import { CertificateError, readCertificate } from '../../adapters/trust/certificate.js'
import { filesIn, variablesIn, type AgencySettings } from '../agencies/settings.js'
import type { SignerSettings } from '../../adapters/trust/signer.js'
import { signerFaults } from '../trust/signers.js'
import { dataFolders } from './folders.js'
import { payloadSecret, payloadSecrets } from './payload-settings.js'
import { addressFault } from '../../queues/redis-address.js'
import { meant, type ValueFault } from '../../messages/value-fault.js'

/** The settings that name something outside of the file. */
export interface Naming {
  routingDir?: string
  familiesDir?: string
  agencies?: Record<string, AgencySettings>
  operators?: Partial<OperatorsSetting>
  signers?: SignerSettings[]
  tracing?: { headersEnv?: Record<string, string> }
  host?: string
  http?: { plain?: boolean; trustedProxies?: string[] }
  sftp?: { trustedProxies?: string[] }
  tls?: TlsFiles
  payloads?: string
  redisUrl?: string
  encryption?: object
  proof?: { timeStamp?: { caFile?: string } }
}

interface TlsFiles {
  certFile?: string
  keyFile?: string
  passphraseEnv?: string
  clientCaFile?: string
}

/** `config` may be faulty in other settings: what can be read of it is looked at. */
export function worldFaults(config: Naming, env: NodeJS.ProcessEnv): ValueFault[] {
  const data = dataFolders(config)
  return [
    ...agencyFaults(config.agencies ?? {}, env, {
      known: knownAgencies(data.routing),
      becomesEdifact: () => mapped(data),
      becomesXml: () => mapped(data, true),
    }),
    ...signerFaults(config.signers ?? [], env),
    ...unsignedFaults(config),
    ...operatorFaults(config.operators ?? {}, env),
    ...Object.entries(config.tracing?.headersEnv ?? {}).flatMap(([header, name]) =>
      unset(`/tracing/headersEnv/${header}`, name, env),
    ),
    ...plainFaults(config),
    ...proxyFaults(config),
    ...tlsFaults(config.tls, env),
    ...payloadFaults(config, env),
    ...redisFaults(config),
    ...timeStampFaults(config),
  ]
}

function timeStampFaults({ proof }: Naming): ValueFault[] {
  const file = proof?.timeStamp?.caFile
  if (typeof file !== 'string') return []
  try {
    certificatesOf(readFileSync(file, 'utf8'))
    return []
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    const at = '/proof/timeStamp/caFile'
    return [{ at, value: file, en: `no certificates can be read: ${why}`, zh: `无法读取证书：${why}` }]
  }
}

function redisFaults({ redisUrl }: Naming): ValueFault[] {
  const fault = typeof redisUrl === 'string' ? addressFault(redisUrl) : undefined
  return fault ? [{ at: '/redisUrl', ...fault }] : []
}

/** Without its keys an object store lets nobody in. */
function payloadFaults({ payloads, encryption }: Naming, env: NodeJS.ProcessEnv): ValueFault[] {
  if (payloads === undefined) return []
  // The ledger's keys do not reach objects: half of the bytes would lie there in the clear, and nobody be told.
  if (encryption !== undefined)
    return [
      {
        at: '/payloads',
        value: payloads,
        en:
          'encryption of the ledger does not reach the object store: choose one, and let the store encrypt its ' +
          'objects',
        zh: '账本加密不包括对象存储：两者只能选一，请启用对象存储自身的加密',
      },
    ]
  return payloadSecrets.flatMap((name) => {
    let found: string | undefined
    let why = ''
    try {
      found = payloadSecret(name, env)
    } catch (error) {
      why = ` (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`
    }
    if (found) return []
    return [
      {
        at: '/payloads',
        value: payloads,
        en: `the object store needs ${name}, or ${name}_FILE with the name of a file that has it${why}`,
        zh: `对象存储需要 ${name}，或用 ${name}_FILE 指定其所在文件${why}`,
      },
    ]
  })
}

/** Of a range that is none nobody would be believed: every caller would have the balancer's address. */
function proxyFaults(config: Naming): ValueFault[] {
  return (['http', 'sftp'] as const).flatMap((door) =>
    listOf(config[door]?.trustedProxies).flatMap((range, i) => {
      const fault = rangeFault(range)
      return fault ? [{ at: `/${door}/trustedProxies/${i}`, ...fault }] : []
    }),
  )
}

/** What the schema has found no fault with; another setting may be faulty. */
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

/** Keys and declarations do not cross a network in the clear because somebody forgot a setting. */
function plainFaults({ host, http, tls }: Naming): ValueFault[] {
  if (typeof host !== 'string' || isLoopback(host) || tls !== undefined || http?.plain === true) return []
  return [
    {
      at: '/host',
      value: host,
      en:
        'the HTTP door would speak plain HTTP to the network. Set tls.certFile and tls.keyFile (HUB_TLS_CERT, ' +
        'HUB_TLS_KEY); or, where a load balancer in front speaks TLS, http.plain: true (HUB_HTTP_PLAIN=true)',
      zh:
        'HTTP 端口将以明文对网络开放。请设置 tls.certFile 和 tls.keyFile（HUB_TLS_CERT、HUB_TLS_KEY）；如前置负载均衡已启用 TLS，请设置 http.plain: ' +
        'true（HUB_HTTP_PLAIN=true）',
    },
  ]
}

const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)

function tlsFaults(tls: TlsFiles | undefined, env: NodeJS.ProcessEnv): ValueFault[] {
  const { certFile, keyFile, passphraseEnv, clientCaFile } = tls ?? {}
  if (typeof clientCaFile === 'string' && unreadable('/tls/clientCaFile', clientCaFile).length > 0)
    return unreadable('/tls/clientCaFile', clientCaFile)
  if (typeof certFile !== 'string' || typeof keyFile !== 'string') return []
  if (passphraseEnv !== undefined && !env[passphraseEnv]) return unset('/tls/passphraseEnv', passphraseEnv, env)
  try {
    readCertificate({ certFile, keyFile, passphrase: passphraseEnv === undefined ? undefined : env[passphraseEnv] })
    return []
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const { file, en, zh } = error
    return [{ at: `/tls/${file}`, en, zh, value: file === 'certFile' ? certFile : keyFile }]
  }
}

/** A hub that is to sign and has no key would send what customs refuse. */
function unsignedFaults({ agencies = {}, signers = [] }: Naming): ValueFault[] {
  return Object.entries(agencies)
    .filter(([code, { signs }]) => signs === 'hub' && !signers.some((one) => one.agencies?.includes(code) ?? true))
    .map(([code]) => ({
      at: `/agencies/${code}/signs`,
      en: 'the hub is to sign, and no entry of `signers` is for this agency',
      zh: '设置由系统加签，但 signers 中没有适用于该部门的密钥',
    }))
}

/**
 * What hub.yaml says of agencies, held against the agencies there are, the environment and the disk. What the routing
 * data cannot say (undefined) is not asked.
 */
export function agencyFaults(
  settings: Record<string, AgencySettings>,
  env: NodeJS.ProcessEnv,
  {
    known,
    becomesEdifact,
    becomesXml = () => new Set(),
  }: {
    known: readonly string[] | undefined
    becomesEdifact: () => ReadonlySet<string> | undefined
    becomesXml?: () => ReadonlySet<string> | undefined
  },
): ValueFault[] {
  return Object.entries(settings).flatMap(([code, own]) => {
    const at = `/agencies/${code}`
    const near = meant(code, [...(known ?? []), 'default'])
    return [
      ...(code === 'default' || (known?.includes(code) ?? true)
        ? []
        : [{ at, en: `no agency has this code${near.en}`, zh: `没有这个部门代码${near.zh}` }]),
      ...variablesIn(own, at).flatMap(({ at, name }) => unset(at, name, env)),
      ...filesIn(own, at).flatMap(({ at, file }) => unreadable(at, file)),
      ...(own.edifact?.documents ?? [])
        .filter((id) => becomesEdifact()?.has(id) === false)
        .map((id) => ({
          at: `${at}/edifact/documents`,
          en: `no mapping makes EDIFACT of ${id}`,
          zh: `没有把 ${id} 转换为 EDIFACT 的映射`,
        })),
      ...(own.xml ?? [])
        .filter((id) => becomesXml()?.has(id) === false)
        .map((id) => ({
          at: `${at}/xml`,
          en: `no mapping makes a form's XML of ${id}`,
          zh: `没有把 ${id} 转换为本系统 XML 单证的映射`,
        })),
    ]
  })
}

/** An operator whose key is not there could never sign in, and nobody would know why. */
function operatorFaults({ keys, oidc }: NonNullable<Naming['operators']>, env: NodeJS.ProcessEnv): ValueFault[] {
  const ofKeys = (Array.isArray(keys) ? keys : []).flatMap((operator, i) =>
    typeof operator?.keyEnv === 'string'
      ? [
          ...unset(`/operators/keys/${i}/keyEnv`, operator.keyEnv, env),
          ...weakKey(`/operators/keys/${i}/keyEnv`, env[operator.keyEnv]),
        ]
      : [],
  )
  const secret = oidc?.clientSecretEnv
  return [...ofKeys, ...(secret === undefined ? [] : unset('/operators/oidc/clientSecretEnv', secret, env))]
}

/** Who guesses an operator's key has everything. */
const shortestKey = 32
/** A key that could be guessed; the key itself is not repeated. */
export function weakKey(at: string, key: string | undefined): ValueFault[] {
  if (!key || key.length >= shortestKey) return []
  return [
    {
      at,
      en:
        `an operator's key needs at least ${shortestKey} random characters, and this one has ${key.length}; make one ` +
        'with: openssl rand -hex 32',
      zh: `运维密钥至少需要 ${shortestKey} 个随机字符，此密钥只有 ${key.length} 个；生成命令：openssl rand -hex 32`,
    },
  ]
}

function unset(at: string, name: string, env: NodeJS.ProcessEnv): ValueFault[] {
  return typeof name === 'string' && (env[name] ?? '') === ''
    ? [{ at, en: `the environment variable ${name} is not set`, zh: `环境变量 ${name} 未设置` }]
    : []
}

function unreadable(at: string, file: string): ValueFault[] {
  try {
    accessSync(file, constants.R_OK)
    return []
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT'
    return [
      missing
        ? { at, en: 'there is no such file', zh: '没有这个文件', value: file }
        : { at, en: 'the file cannot be read by this user', zh: '当前用户无法读取该文件', value: file },
    ]
  }
}

/** Undefined where the file has faults: all data are read, and their faults reported, right after. */
function knownAgencies(routingDir: string): string[] | undefined {
  try {
    const { agencies } = parse(readFileSync(join(routingDir, 'agencies.yaml'), 'utf8'), { merge: true }) as {
      agencies: { code: string }[]
    }
    return agencies.map(({ code }) => code)
  } catch {
    return undefined
  }
}

/** Undefined where the routing data have faults, as above. */
function mapped(data: ReturnType<typeof dataFolders>, asked = false): ReadonlySet<string> | undefined {
  const faults: string[] = []
  const { mappings } = readRouting(data, { copy: data.copy, forms: undefined, faults }).routing
  if (faults.length > 0) return undefined
  return new Set(
    mappings.filter(({ to, asked: xml }) => (asked ? xml : to.release !== undefined)).map(({ from }) => from.document),
  )
}

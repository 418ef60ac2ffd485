// environment — the environment variables that set settings, those that are none, and those that nobody reads.
import { meant } from '../../messages/value-fault.js'
import type { Config } from './config.js'
import { settingText } from '../../messages/setting-text.js'

const asNumber = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text))
const asFlag = (text: string) => ({ 1: true, true: true, 0: false, false: false })[text.toLowerCase()] ?? text
const asText = (text: string) => text

interface Variable {
  sets: keyof Config
  at?: string
  /** What is read is one of several parts of the setting: it joins the others, those of hub.yaml too. */
  joins?: boolean
  read: (text: string) => unknown
}

/** Environment variable → the setting it sets, and how its text is read. */
export const variables: Record<string, Variable> = {
  HUB_DATA: { sets: 'dataDir', read: asText },
  HUB_HOST: { sets: 'host', read: asText },
  HUB_HTTP_PORT: { sets: 'httpPort', read: asNumber },
  HUB_SFTP_PORT: { sets: 'sftpPort', read: asNumber },
  HUB_LOG_LEVEL: { sets: 'logLevel', read: asText },
  HUB_LOG_FILE: { sets: 'logFile', read: asText },
  HUB_ROLES: { sets: 'roles', read: (text) => text.split(',').map((role) => role.trim()) },
  DATABASE_URL: { sets: 'databaseUrl', read: asText },
  HUB_PAYLOADS: { sets: 'payloads', read: asText },
  HUB_PAYLOADS_ENDPOINT: { sets: 'payloadsEndpoint', read: asText },
  HUB_PAYLOADS_REGION: { sets: 'payloadsRegion', read: asText },
  REDIS_URL: { sets: 'redisUrl', read: asText },
  HUB_DEMO: { sets: 'demo', read: asFlag },
  HUB_MAX_BYTES: { sets: 'maxBytes', read: asNumber },
  HUB_MAX_MESSAGES: { sets: 'maxMessages', read: asNumber },
  HUB_MEMORY_MB: { sets: 'memoryMegabytes', read: asNumber },
  HUB_CHECK_THREADS: { sets: 'checkThreads', read: asNumber },
  HUB_RATE_PER_SECOND: { sets: 'ratePerSecond', read: asNumber },
  HUB_RATE_BYTES_PER_SECOND: { sets: 'rateBytesPerSecond', read: asNumber },
  HUB_SWEEP_SECONDS: { sets: 'sweepSeconds', read: asNumber },
  HUB_TLS_CERT: { sets: 'tls', at: '/tls/certFile', joins: true, read: (certFile) => ({ certFile }) },
  HUB_TLS_KEY: { sets: 'tls', at: '/tls/keyFile', joins: true, read: (keyFile) => ({ keyFile }) },
  HUB_HTTP_PLAIN: { sets: 'http', at: '/http/plain', joins: true, read: (text) => ({ plain: asFlag(text) }) },
  HUB_OTLP_URL: { sets: 'tracing', at: '/tracing/url', read: (url) => ({ url }) },
  HUB_STOP_SECONDS: { sets: 'stopSeconds', read: asNumber },
}

/** Variables that are no settings of this file, and what they are: of the command line, of the demo, and secrets. */
export const otherVariables: Record<string, { description: string; zh: string }> = {
  HUB_CONFIG: { description: 'The configuration file. Absent: `<data>/hub.yaml`', zh: '配置文件' },
  HUB_OPS_KEY: {
    description:
      "The operator's key, at least 32 random characters (`openssl rand -hex 32`; with a shorter one the hub does " +
      'not start). Absent (and without the demo): the `/ops` door stays shut',
    zh: '运维密钥，至少 32 个随机字符',
  },
  HUB_WEBHOOK_KEY: {
    description:
      'The key all webhook secrets are made from; hubs that share a ledger share it. Absent: `<data>/webhook.key`',
    zh: 'Webhook 签名主密钥',
  },
  HUB_PAYLOADS_KEY_ID: {
    description:
      'Of the object store of `payloads`: the access key. `HUB_PAYLOADS_KEY_ID_FILE`: the file that holds it',
    zh: '对象存储访问密钥 ID',
  },
  HUB_PAYLOADS_KEY_ID_FILE: { description: 'File with the access key', zh: '访问密钥 ID 所在文件' },
  HUB_PAYLOADS_SECRET: {
    description: 'Its secret. `HUB_PAYLOADS_SECRET_FILE`: the file that holds it',
    zh: '对象存储访问密钥',
  },
  HUB_PAYLOADS_SECRET_FILE: { description: 'File with the secret', zh: '访问密钥所在文件' },
  HUB_SIGN_TOKEN: {
    description: 'Of `hub sign-agent`: the token of its [signer](signatures.md)',
    zh: '命令行：加签代理的令牌',
  },
  HUB_URL: { description: 'Of the command line: the hub it speaks to', zh: '命令行：连接的地址' },
  HUB_KEY: { description: "Of the command line: the partner's key", zh: '命令行：企业密钥' },
  HUB_SFTP_HOST: { description: 'Written to `demo.env`: host of the SFTP door', zh: '演示：SFTP 地址' },
  HUB_SFTP_USER: { description: 'Written to `demo.env`: the demo partner', zh: '演示：SFTP 用户' },
  HUB_SFTP_KEYFILE: { description: "Written to `demo.env`: the demo partner's key file", zh: '演示：SFTP 密钥文件' },
  HUB_SIMULATOR_URL: {
    description: 'Written to `demo.env`: where the simulated agencies are',
    zh: '演示：模拟部门地址',
  },
}

/**
 * A variable of the hub's prefix that nobody reads is a slip of the pen, unless hub.yaml names it for a secret, or
 * Kubernetes set it.
 */
export function unknownVariables(env: NodeJS.ProcessEnv, yaml: unknown): string[] {
  const known = [...Object.keys(variables), ...Object.keys(otherVariables)]
  const named = JSON.stringify(yaml ?? {})
  return Object.keys(env)
    .filter((name) => name.startsWith('HUB_') && !known.includes(name) && !named.includes(`"${name}"`))
    .filter((name) => !/_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(name) && !/^(tcp|udp):\/\//.test(env[name] ?? ''))
    .map((name) => {
      const near = meant(name, known)
      return settingText(name, {
        at: '',
        en: `no such environment variable${near.en}`,
        zh: `没有这个环境变量${near.zh}`,
        value: env[name],
      })
    })
}

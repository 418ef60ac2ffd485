// redis-address — where Redis is: one server, the one of several that its sentinels say, or a cluster.
//
//   redis://user:password@host:6379/0      rediss://… with TLS      /run/redis.sock
//   redis+sentinel://user:password@host:26379,host:26379/name      rediss+sentinel://… with TLS
//                    ?db=0  ?sentinelUser=…&sentinelPassword=… where the sentinels want other words
//   redis+cluster://user:password@host:6379,host:6379              rediss+cluster://… with TLS
//                   ?nat=10.0.0.1:6379=gate.example.com:7001,… where the hub reaches nodes by other addresses
import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis'

const sentinelForm = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^/?@]+)\/([^/?]+)(?:\?(.*))?$/
const clusterForm = /^(rediss?)\+cluster:\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/0?)?(?:\?(.*))?$/
const forms = {
  sentinel: 'redis+sentinel://user:password@host:26379,host:26379/name',
  cluster: 'redis+cluster://user:password@host:6379,host:6379',
}

const usualPort = 6379
const usualSentinelPort = 26_379

/**
 * Undefined where the address is one that ioredis itself reads. @throws Error: it is meant for sentinels, and is none
 */
export function sentinelsOf(address: string): RedisOptions | undefined {
  if (!/^rediss?\+sentinel:/.test(address)) return undefined
  const [, scheme, secret = '', hosts = '', name = '', query] = sentinelForm.exec(address) ?? []
  const sentinels = hosts.split(',').map((one) => placeOf(one, usualSentinelPort))
  if (name === '' || !sentinels.every((one) => one !== undefined))
    throw new Error(`the address of Redis is not ${forms.sentinel}`)
  const more = new URLSearchParams(query)
  const [sentinelUsername, sentinelPassword] = [more.get('sentinelUser'), more.get('sentinelPassword')]
  const secure = scheme === 'rediss'
  return {
    sentinels,
    name: decodeURIComponent(name),
    ...wordsOf(secret),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    db: Number(more.get('db') ?? 0),
    ...(secure ? { tls: {}, enableTLSForSentinelMode: true } : {}),
  }
}

/** The nodes by which a cluster is found, some of it are enough; what each node wants; addresses to use for others. */
export interface ClusterAddress {
  nodes: ClusterNode[]
  node: Pick<RedisOptions, 'username' | 'password' | 'tls'>
  natMap?: NonNullable<ClusterOptions['natMap']>
}

/** Undefined where the address is not meant for a cluster. @throws Error: it is, and is none */
export function clusterOf(address: string): ClusterAddress | undefined {
  if (!/^rediss?\+cluster:/.test(address)) return undefined
  const [, scheme, secret = '', hosts = '', query] = clusterForm.exec(address) ?? []
  const nodes = hosts.split(',').map((one) => placeOf(one, usualPort))
  const more = new URLSearchParams(query)
  const nat = (more.get('nat') ?? '')
    .split(',')
    .filter((one) => one !== '')
    .map((one) => one.split('=') as [string, string?])
  const other = nat.map(([, to = '']) => placeOf(to, usualPort))
  if (
    !nodes.every((one) => one !== undefined) ||
    !other.every((one) => one !== undefined) ||
    !nat.every(([from]) => /^\S+:\d+$/.test(from)) ||
    [...more.keys()].some((key) => key !== 'nat')
  )
    throw new Error(
      `the address of Redis is not ${forms.cluster} ` +
        '(?nat=host:port=host:port,… where nodes are reached by other addresses; there is no database but 0)',
    )
  return {
    nodes,
    node: { ...wordsOf(secret), ...(scheme === 'rediss' ? { tls: {} } : {}) },
    ...(nat.length === 0 ? {} : { natMap: Object.fromEntries(nat.map(([from], i) => [from, other[i]!])) }),
  }
}

/** What is wrong with an address somebody wrote; it is not repeated, for a password is in it. */
export function addressFault(address: string): { en: string; zh: string } | undefined {
  if (/^rediss?:\/\/[^/?]*,/.test(address))
    return {
      en: `several hosts are sentinels, ${forms.sentinel}, or nodes of a cluster, ${forms.cluster}`,
      zh: `多个主机应写为哨兵 ${forms.sentinel} 或集群 ${forms.cluster}`,
    }
  for (const [kind, read] of [
    ['sentinel', sentinelsOf],
    ['cluster', clusterOf],
  ] as const)
    try {
      read(address)
    } catch (error) {
      return { en: (error as Error).message, zh: `Redis 地址应写为 ${forms[kind]}` }
    }
  if (!/^[a-z][a-z+-]*:\/\//i.test(address) || /^rediss?(\+sentinel|\+cluster)?:\/\//.test(address)) return undefined
  return {
    en: 'the address of Redis begins with redis:// or rediss:// (TLS), redis+sentinel:// or redis+cluster://',
    zh: 'Redis 地址应以 redis://、rediss://（TLS）、redis+sentinel:// 或 redis+cluster:// 开头',
  }
}

/** `host`, `host:port`, `[::1]:port`; undefined: none of them. */
function placeOf(text: string, otherwise: number): { host: string; port: number } | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d+))?$/.exec(text) ?? []
  return host === undefined
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? otherwise : Number(port) }
}

function wordsOf(secret: string): Pick<RedisOptions, 'username' | 'password'> {
  const [username = '', password = ''] = secret.split(/:(.*)/s).map(decodeURIComponent)
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) }
}
